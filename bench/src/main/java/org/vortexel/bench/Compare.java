package org.vortexel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs every piece of work with us and its peers, prints a line per figure and writes `results.md`.
public final class Compare {
    private static final List<String> MATMULS = List.of(
            "matmul 256 384 384", "matmul 1024 256 1024", "matmul 1024 1536 384", "matmul 4096 256 256",
            "matmul 4096 1024 256", "matmul 4096 256 1024", "matmul 1000 257 129", "matmul 2048 1152 1152");
    private static final List<String> QUICK_MATMULS = List.of(
            "matmul 256 384 384", "matmul 1024 1536 384", "matmul 4096 1024 256", "matmul 4096 256 1024");
    private static final List<String> ATTENTIONS = List.of("attention 32 64 8 32", "attention 4 256 6 64");
    private static final List<String> ROWS =
            List.of("layernorm 4096 256", "layernorm 4096 1152", "softmax 4096 256", "gelu 4096 1024");
    private static final List<String> SILU = List.of("silu 4096 1024");

    private final int threads;
    private final boolean quick;
    private final Map<String, Map<String, Double>> micros = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();

    private Compare(int threads, boolean quick) {
        this.threads = threads;
        this.quick = quick;
    }

    /// `[--quick] [--threads N]`
    public static void main(String[] arguments) throws RunnerException, IOException {
        List<String> given = Arrays.asList(arguments);
        int at = given.indexOf("--threads");
        int threads = at >= 0 ? Integer.parseInt(given.get(at + 1)) : Runtime.getRuntime().availableProcessors();
        new Compare(threads, given.contains("--quick")).run();
    }

    private void run() throws RunnerException, IOException {
        List<String> matmuls = quick ? QUICK_MATMULS : MATMULS;
        measure(List.of("peak"), "peak");
        measure(List.of("training"), "vortexel");
        measure(matmuls, "vortexel", "openblas", "onnxruntime", "pytorch");
        measure(ATTENTIONS, "vortexel", "pytorch");
        measure(ROWS, "vortexel", "onnxruntime", "pytorch");
        measure(SILU, "vortexel", "pytorch");

        micros.forEach((work, times) -> times.forEach((peer, time) -> {
            if (!peer.equals("vortexel") && times.containsKey("vortexel")) {
                boolean barred = peer.equals("pytorch") && work.matches("(attention|layernorm|softmax).*");
                line(work, peer, time / times.get("vortexel"), barred ? "1.00" : "-");
            }
        }));
        for (String peer : List.of("openblas", "onnxruntime", "pytorch")) {
            double[] ratios = matmuls.stream()
                    .filter(work -> micros.getOrDefault(work, Map.of()).containsKey(peer))
                    .mapToDouble(work -> micros.get(work).get(peer) / micros.get(work).get("vortexel"))
                    .toArray();
            if (ratios.length == 0) {
                continue;
            }
            line("matmul, median of shapes", peer, median(ratios), peer.equals("openblas") ? "0.85" : "-");
        }
        double peak = Peak.flops(threads) / micros.get("peak").get("peak") / 1e3;
        double[] shares = matmuls.stream()
                .mapToDouble(work -> Work.flops(work) / micros.get(work).get("vortexel") / 1e3 / peak)
                .toArray();
        line(String.format(Locale.ROOT, "matmul, median share of %.0f GFLOP/s", peak), "FMA peak", median(shares), "-");
        double training = TrainingStep.program().flops() / micros.get("training").get("vortexel") / 1e3;
        line(String.format(Locale.ROOT, "training step, share of %.0f GFLOP/s", peak), "FMA peak", training / peak, "0.45");
        write();
    }

    private void measure(List<String> works, String... peers) throws RunnerException {
        for (String work : works) {
            for (String peer : peers) {
                var options = new OptionsBuilder()
                        .include(KernelBenchmark.class.getName() + ".run")
                        .param("work", work)
                        .param("peer", peer)
                        .param("threads", Integer.toString(threads))
                        .forks(quick ? 1 : 3)
                        .warmupIterations(quick ? 3 : 5)
                        .measurementIterations(quick ? 5 : 10)
                        .warmupTime(TimeValue.milliseconds(600))
                        .measurementTime(TimeValue.milliseconds(400))
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true)
                        .jvmArgs(
                                "--add-modules",
                                "jdk.incubator.vector",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dai.djl.offline=true",
                                "-Dai.djl.pytorch.num_threads=" + threads,
                                "-Dorg.bytedeco.javacpp.pathsFirst=true")
                        .build();
                try {
                    RunResult result = new Runner(options).runSingle();
                    double time = result.getPrimaryResult().getStatistics().getPercentile(50);
                    micros.computeIfAbsent(work, _ -> new LinkedHashMap<>()).put(peer, time);
                    System.err.printf(Locale.ROOT, "%s | %s | %.1f us%n", work, peer, time);
                } catch (RunnerException e) {
                    if (peer.equals("vortexel") || peer.equals("peak")) {
                        throw e;
                    }
                    // A peer's native library that does not load here must not cost the other figures.
                    lines.add(work + " | " + peer + " | not measured, it failed | bar -");
                    System.out.println(lines.getLast());
                }
            }
        }
    }

    private void line(String work, String peer, double ratio, String bar) {
        String line = String.format(Locale.ROOT, "%s | %s | ratio %.2f | bar %s", work, peer, ratio, bar);
        lines.add(line);
        System.out.println(line);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private void write() throws IOException {
        StringBuilder page = new StringBuilder("# The host's kernels beside other libraries\n\n");
        page.append("Made by `bench/run").append(quick ? " --quick" : "").append("`, ").append(threads);
        page.append(" threads, JDK ").append(Runtime.version()).append(", ").append(System.getProperty("os.arch"));
        page.append(".\nA ratio is the peer's median time over ours; above 1 we are faster. ");
        page.append("PyTorch allocates its results and its attention is unfused, as DJL offers no more.\n\n");
        page.append("| work | peer | ratio | bar |\n|---|---|---|---|\n");
        for (String line : lines) {
            page.append("| ").append(line.replace("ratio ", "").replace("bar ", "")).append(" |\n");
        }
        page.append("\n| work | microseconds |\n|---|---|\n");
        micros.forEach((work, times) -> {
            List<String> each = new ArrayList<>();
            times.forEach((peer, time) -> each.add(String.format(Locale.ROOT, "%s %.1f", peer, time)));
            page.append("| ").append(work).append(" | ").append(String.join(", ", each)).append(" |\n");
        });
        Files.writeString(Path.of("results.md"), page);
    }
}
