package org.vortexel.cli;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.device.tornado.TornadoDevice;
import picocli.CommandLine.Option;

/// The options of every command that computes.
final class DeviceOptions {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceOptions.class);
    private static final String TORNADO = "tornado";
    private static final int MOST_THREADS = 1024;

    @Option(names = "--threads", description = "threads to use (default: all cores)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--device",
            description =
                    "host, tornado (TornadoVM's default device), tornado:BACKEND:INDEX (see the command devices) or auto"
                            + " (default: auto, which is TornadoVM's default device where that is a GPU, and else the host)")
    private String device = "auto";

    int threads() {
        return threads;
    }

    Device open() {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("--threads is from 1 to " + MOST_THREADS + " but is " + threads);
        }
        if (device.startsWith(TORNADO + ":")) {
            return TornadoDevice.open(device.substring(TORNADO.length() + 1));
        }
        return switch (device) {
            case "host" -> HostDevice.of(threads);
            case TORNADO -> TornadoDevice.open();
            case "auto" -> choose();
            default ->
                throw new IllegalArgumentException(
                        "there is no device '" + device + "'; known are host, tornado, tornado:BACKEND:INDEX and auto");
        };
    }

    private Device choose() {
        Optional<String> noGpu = TornadoDevice.noGpu();
        if (noGpu.isEmpty()) {
            LOG.info("auto: tornado, since TornadoVM has a GPU");
            return TornadoDevice.open();
        }
        LOG.info("auto: host, since {}", noGpu.get());
        return HostDevice.of(threads);
    }
}
