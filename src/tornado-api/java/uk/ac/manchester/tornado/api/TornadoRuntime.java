package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;

/// Stand-in.
public interface TornadoRuntime {
    int getNumBackends();

    TornadoBackend getBackend(int index);

    TornadoDevice getDefaultDevice();
}
