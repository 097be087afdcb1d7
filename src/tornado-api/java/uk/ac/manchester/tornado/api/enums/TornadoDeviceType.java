package uk.ac.manchester.tornado.api.enums;

/// Stand-in.
public enum TornadoDeviceType {
    CPU,
    GPU
}
