package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.checkpoint.Json;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.TimeSampling;
import org.vortexel.dit.DitConfig;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.train.DitSubject;
import org.vortexel.train.Optimiser;
import org.vortexel.train.TrainConfig;

/// `vortexel train` as a process of its own, killed as `kill -9` does it: no shutdown hook runs, nothing is flushed.
class KilledTrainingTest {
    private static final int STEPS = 30;
    private static final int KILLS = 4;
    private static final String STATE = "state.safetensors";
    private static final List<String> RESULTS = List.of(STATE, "model/model.safetensors", "model/model.json");

    @TempDir
    private Path folder;

    @BeforeEach
    void paintFourPictures() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            ImageFile.writePng(folder.resolve(i + ".png"), Image.filled(8, 8, 60 * i, 255 - 50 * i, 10 * i));
            lines.append("{\"file_name\":\"" + i + ".png\",\"text\":\"colour " + i + "\"}\n");
        }
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
    }

    /// A network whose checkpoint takes a while to write, and a checkpoint after every step.
    private Path config(Path out) {
        Path file = folder.resolve(out.getParent().getFileName() + ".json");
        Json.write(
                file,
                new TrainConfig(
                        new DitSubject(
                                new TrainConfig.Data(folder.toString(), List.of(), true, List.of()),
                                null,
                                new DitConfig(8, 3, 4, 96, 2, 2, 4, false, true, new DitConfig.Text(384, 8, 2, 2, 0)),
                                null,
                                Prediction.X0,
                                DitSubject.Loss.UNIFORM,
                                new TimeSampling.LogitNormal(0, 1),
                                0.1),
                        new Optimiser(3e-3, 1e-4, 5, 0.9, 0.99, 0.01, 1, 0.9),
                        4,
                        STEPS,
                        5,
                        1,
                        15,
                        out.toString()));
        return file;
    }

    private Process train(Path config) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-Xmx1g",
                        "-Djava.awt.headless=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "train",
                        config.toString(),
                        "--resume",
                        "--threads",
                        "2")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("train.log").toFile())
                .start();
    }

    private void trainToTheEnd(Path config) throws IOException, InterruptedException {
        Process process = train(config);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "training does not end");
        assertEquals(0, process.exitValue(), () -> log());
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("train.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<String> hidden(Path out) throws IOException {
        if (!Files.isDirectory(out)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(out)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("."))
                    .toList();
        }
    }

    private static FileTime changed(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    private static void await(Process process, BooleanSupplier moment) {
        while (process.isAlive() && !moment.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private static boolean isWriting(Path out) {
        try {
            return hidden(out).stream().anyMatch(name -> name.startsWith("." + STATE));
        } catch (IOException | UncheckedIOException e) {
            return false; // a file vanished under the walk
        }
    }

    @Test
    void aRunKilledAgainAndAgainEndsWithTheBitsOfAnUninterruptedOne() throws IOException, InterruptedException {
        Path straight = folder.resolve("straight/run");
        trainToTheEnd(config(straight));

        Path killed = folder.resolve("killed/run");
        Path config = config(killed);
        Random random = new Random(9);
        int inTheMiddle = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            FileTime before = changed(killed.resolve(STATE));
            Process process = train(config);
            await(process, () -> !changed(killed.resolve(STATE)).equals(before)); // a step forward
            if (kill % 2 == 0) {
                await(process, () -> isWriting(killed));
            } else {
                Thread.sleep(random.nextInt(200));
            }
            assertTrue(process.isAlive(), this::log);
            process.destroyForcibly().waitFor();
            inTheMiddle += isWriting(killed) ? 1 : 0;
        }
        assertTrue(inTheMiddle > 0, "no kill hit a checkpoint while it was written");

        trainToTheEnd(config);
        assertEquals(List.of(), hidden(killed));
        for (String name : RESULTS) {
            assertArrayEquals(
                    Files.readAllBytes(straight.resolve(name)), Files.readAllBytes(killed.resolve(name)), name);
        }
    }
}
