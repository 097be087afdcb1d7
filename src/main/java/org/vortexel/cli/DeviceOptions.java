package org.vortexel.cli;

import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import picocli.CommandLine.Option;

/// The options of every command that computes.
final class DeviceOptions {
    private static final int MOST_THREADS = 1024;

    @Option(names = "--threads", description = "threads to use (default: all cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--device", description = "host or auto (default: auto, which is the host)")
    private String device = "auto";

    Device open() {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("--threads is from 1 to " + MOST_THREADS + " but is " + threads);
        }
        if (!device.equals("host") && !device.equals("auto")) {
            throw new IllegalArgumentException("there is no device '" + device + "'; known are host and auto");
        }
        return HostDevice.of(threads);
    }
}
