package uk.ac.manchester.tornado.api.enums;

/// Compile-only stand-in: what is done with measured times.
public enum ProfilerMode {
    CONSOLE,
    SILENT
}
