package org.vortexel.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// How long does a user wait for a picture, and how much memory does that take? The launcher is run as a user runs it,
/// with the start-up cache that `VORTEXEL_AOT=create` makes.
final class FirstPicture {
    private static final Path LAUNCHER = Path.of("../vortexel").toAbsolutePath().normalize();

    private FirstPicture() {}

    /// One figure and its bar, less being better.
    record Figure(String work, String unit, double value, double bar) {
        String line() {
            return String.format(Locale.ROOT, "%s | vortexel | %.2f %s | bar %.2f", work, value, unit, bar);
        }
    }

    private record Run(double seconds, double loaded, double megabytes) {}

    static List<Figure> measure(int times) throws IOException {
        Path out = Files.createTempDirectory("vortexel-first-picture");
        try {
            run(out, true);
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i <= times; i++) {
                Run run = run(out, false);
                if (i > 0) { // the first reads from disk
                    runs.add(run);
                }
            }
            double weights = size(LAUNCHER.resolveSibling("weights/emoji")) + size(encoder());
            return List.of(
                    new Figure("command to first picture", "s", median(runs.stream().mapToDouble(Run::seconds)), 2.5),
                    new Figure("of which JVM and load", "s", median(runs.stream().mapToDouble(Run::loaded)), 0.8),
                    new Figure(
                            String.format(Locale.ROOT, "peak memory beyond the weights' %.0f MB", weights), "MB",
                            median(runs.stream().mapToDouble(Run::megabytes)) - weights, 300));
        } finally {
            try (Stream<Path> files = Files.walk(out)) {
                files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
    }

    private static double median(java.util.stream.DoubleStream values) {
        return Compare.median(values.toArray());
    }

    /// The text encoder's weights lie in a jar.
    private static Path encoder() throws IOException {
        try (Stream<Path> jars = Files.list(LAUNCHER.resolveSibling("target/lib"))) {
            return jars.filter(jar -> jar.getFileName().toString().contains("minilm"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /// Megabytes of a file or of the files in a folder, as they are stored.
    private static double size(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum() / 1e6;
        }
    }

    private static Run run(Path out, boolean create) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                LAUNCHER.toString(), "generate", "a red apple", "-n", "1", "-o", out.resolve("a.png").toString());
        builder.environment().put("VORTEXEL_AOT", create ? "create" : "");
        builder.environment().put("VORTEXEL_OPTS", "-Dvortexel.log=INFO"); // which tells when the model is loaded
        builder.environment().put("VORTEXEL_JAVA_HOME", System.getProperty("java.home"));
        builder.redirectErrorStream(true);
        long start = System.nanoTime();
        Process process = builder.start();
        Peak peak = new Peak(process.toHandle());
        Thread watcher = Thread.ofPlatform().daemon().start(peak);
        double loaded = Double.NaN;
        double ended = Double.NaN;
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                if (line.contains("loaded ")) {
                    loaded = (System.nanoTime() - start) / 1e9;
                }
                if (line.endsWith("a.png")) {
                    ended = (System.nanoTime() - start) / 1e9;
                }
            }
            if (process.waitFor() != 0) {
                throw new IOException("generate failed: " + said);
            }
            watcher.interrupt();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return new Run(ended, loaded, peak.megabytes);
    }

    /// Reads the kernel's own mark of the most memory a process has had, until it ends.
    private static final class Peak implements Runnable {
        private static final int LOOK_EVERY_MILLIS = 10; // the mark is gone with the process, so it is read until then

        private final ProcessHandle process;
        private volatile double megabytes;

        Peak(ProcessHandle process) {
            this.process = process;
        }

        @Override
        public void run() {
            Path status = Path.of("/proc", Long.toString(process.pid()), "status");
            try {
                while (process.isAlive()) {
                    for (String line : Files.readAllLines(status)) {
                        if (line.startsWith("VmHWM:")) {
                            megabytes = Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
                        }
                    }
                    Thread.sleep(LOOK_EVERY_MILLIS);
                }
            } catch (IOException | InterruptedException _) {
                // the process has ended
            }
        }
    }
}
