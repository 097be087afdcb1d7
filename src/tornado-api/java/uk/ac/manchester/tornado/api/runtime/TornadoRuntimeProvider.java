package uk.ac.manchester.tornado.api.runtime;

import uk.ac.manchester.tornado.api.TornadoRuntime;

/// Stand-in.
public class TornadoRuntimeProvider {
    private TornadoRuntimeProvider() {}

    public static TornadoRuntime getTornadoRuntime() {
        throw new UnsupportedOperationException("a compile-only stand-in of TornadoVM's API was called");
    }
}
