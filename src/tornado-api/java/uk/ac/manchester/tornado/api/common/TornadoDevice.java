package uk.ac.manchester.tornado.api.common;

import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/// Stand-in.
public interface TornadoDevice {
    String getDescription();

    TornadoDeviceType getDeviceType();

    long getMaxGlobalMemory();

    long getMaxAllocMemory();

    TornadoVMBackendType getTornadoVMBackend();
}
