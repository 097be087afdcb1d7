package org.vortexel.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.device.tornado.TornadoDevice;
import picocli.CommandLine.Option;

/// The options of every command that computes.
final class DeviceOptions {
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

    @Option(
            names = "--kernels",
            description = "tuned, or plain: the ops' own kernels alone, to compare with (default: tuned)")
    private String kernels = "tuned";

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description = "write what every op takes, with its bytes and FLOPs, to a file for chrome://tracing;"
                    + " on tornado the times are of kernels alone, and the run is slower")
    private @Nullable Path profile;

    int threads() {
        return threads;
    }

    /// Opens the device; a profile is written when it is closed.
    Device open() {
        if (!kernels.equals("tuned") && !kernels.equals("plain")) {
            throw new IllegalArgumentException("--kernels is tuned or plain but is '" + kernels + "'");
        }
        Path file = profile;
        if (file == null) {
            return find();
        }
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException("--profile wants a file but " + file + " is a folder");
        }
        return new ProfiledDevice(find(), file);
    }

    private boolean plain() {
        return kernels.equals("plain");
    }

    private Device find() {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("--threads is from 1 to " + MOST_THREADS + " but is " + threads);
        }
        if (device.startsWith(TORNADO + ":")) {
            return kernels(TornadoDevice.open(device.substring(TORNADO.length() + 1)));
        }
        return switch (device) {
            case "host" -> host();
            case TORNADO -> kernels(TornadoDevice.open());
            case "auto" -> choose();
            default ->
                throw new IllegalArgumentException(
                        "there is no device '" + device + "'; known are host, tornado, tornado:BACKEND:INDEX and auto");
        };
    }

    private Device choose() {
        Optional<String> noGpu = TornadoDevice.noGpu();
        if (noGpu.isEmpty()) {
            log().info("auto: tornado, since TornadoVM has a GPU");
            return kernels(TornadoDevice.open());
        }
        log().info("auto: host, since {}", noGpu.get());
        return host();
    }

    private Device host() {
        return plain() ? HostDevice.plain(threads) : HostDevice.of(threads);
    }

    private Device kernels(TornadoDevice found) {
        return plain() ? found.plain() : found;
    }

    /// Asked for late: the log's level is settled when it first is, and options are made before `-v` is read.
    private static Logger log() {
        return LoggerFactory.getLogger(DeviceOptions.class);
    }
}
