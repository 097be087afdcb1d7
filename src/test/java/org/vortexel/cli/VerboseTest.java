package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// The log of a process of its own: its level is settled once.
class VerboseTest {
    @TempDir
    private Path folder;

    /// What `reconstruct` says on the way to finding that there is no codec.
    private String log(String... more) throws IOException, InterruptedException {
        ImageFile.writePng(folder.resolve("picture.png"), Image.filled(8, 8, 1, 2, 3));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "reconstruct",
                folder.toString(),
                "--codec",
                folder.toString(),
                "--device",
                "auto"));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(Main.BAD_INPUT, process.exitValue(), out);
        return out;
    }

    @Test
    void verboseTellsWhatIsChosenAndWhy() throws IOException, InterruptedException {
        String told = log("-v");
        assertTrue(told.contains("auto: ") && told.contains("kernels"), told);
        String quiet = log();
        assertEquals(1, quiet.strip().lines().count(), quiet);
    }
}
