package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.device.Device;
import org.vortexel.device.DeviceException;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;
import picocli.CommandLine;

class DeviceOptionsTest {
    @CommandLine.Command
    private static final class Any {
        @CommandLine.Mixin
        private final DeviceOptions device = new DeviceOptions();
    }

    private static Device open(String... arguments) {
        Any any = new Any();
        new CommandLine(any).parseArgs(arguments);
        return any.device.open();
    }

    private static String refused(String... arguments) {
        return assertThrows(IllegalArgumentException.class, () -> open(arguments))
                .getMessage();
    }

    @Test
    void whatIsUnknownIsRefused() {
        assertTrue(refused("--kernels", "fast").contains("tuned or plain"));
        assertTrue(refused("--device", "gpu").contains("no device 'gpu'"));
        assertTrue(refused("--threads", "0").contains("--threads"));
    }

    @Test
    void plainKernelsAreTakenAtTheirWord() {
        try (Device device = open("--device", "host", "--threads", "2", "--kernels", "plain")) {
            assertEquals("host: 2 threads, plain kernels were asked for", device.describe());
        }
    }

    @Test
    void autoIsTheHostWhereNoGpuIs() {
        Assumptions.assumeFalse(TestDevice.isTornado());
        try (Device device = open()) {
            assertTrue(device.describe().startsWith("host"), device.describe());
        }
        DeviceException missing = assertThrows(DeviceException.class, () -> open("--device", "tornado"));
        assertTrue(missing.getMessage().contains("TORNADOVM_HOME"), missing.getMessage());
    }

    @Test
    void aProfileIsWrittenWhenTheDeviceIsClosed(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("profile.json");
        Recorder r = new Recorder();
        r.output("y", r.input("x", Shape.of(3)).exp());
        try (Device device = open("--device", "host", "--profile", file.toString());
                Player player = device.load(r.program(), new Weights())) {
            player.run();
            assertTrue(Files.notExists(file));
        }
        assertTrue(Files.readString(file).contains("\"Unary.EXP\""), Files.readString(file));
        assertTrue(refused("--profile", folder.toString()).contains("is a folder"));
    }
}
