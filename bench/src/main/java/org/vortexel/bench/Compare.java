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

/// Runs every piece of work with us and its peers, prints a line per figure and, when everything was asked for, writes
/// `results.md`.
public final class Compare {
    private static final String US = "vortexel";
    private static final String START = "start";
    private static final String PEAK = "peak";

    private final int threads;
    private final boolean quick;
    private final Map<String, Map<String, Double>> micros = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();

    private Compare(int threads, boolean quick) {
        this.threads = threads;
        this.quick = quick;
    }

    /// `[--quick] [--threads N] [--only GROUP,…]`
    public static void main(String[] arguments) throws RunnerException, IOException {
        List<String> given = Arrays.asList(arguments);
        String threads = after(given, "--threads");
        String only = after(given, "--only");
        Compare compare = new Compare(
                threads.isEmpty() ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(threads),
                given.contains("--quick"));
        List<String> all = new ArrayList<>(List.of(PEAK));
        Group.ALL.forEach(group -> all.add(group.name()));
        all.add(START);
        for (String name : only.isEmpty() ? all : List.of(only.split(","))) {
            compare.run(name);
        }
        if (only.isEmpty()) {
            compare.write();
        }
    }

    private static String after(List<String> given, String option) {
        int at = given.indexOf(option);
        return at >= 0 && at + 1 < given.size() ? given.get(at + 1) : "";
    }

    private void run(String name) throws RunnerException, IOException {
        if (name.equals(START)) {
            for (FirstPicture.Figure figure : FirstPicture.measure(quick ? 7 : 15)) {
                lines.add(figure.line());
                System.out.println(lines.getLast());
            }
            return;
        }
        if (name.equals(PEAK)) {
            measure(PEAK, PEAK);
            return;
        }
        Group group = Group.named(name);
        List<String> works = new ArrayList<>(group.works());
        if (!quick) {
            works.addAll(group.more());
        }
        for (String work : works) {
            measure(work, US);
            group.rivals().forEach(rival -> attempt(work, rival.peer()));
        }
        for (Group.Rival rival : group.rivals()) {
            compare(group, works, rival);
        }
        if (name.equals("matmul")) {
            share("matmul, median", works.stream()
                    .mapToDouble(work -> Work.flops(work) / micros.get(work).get(US))
                    .toArray());
        } else if (name.equals("training")) {
            share("training step", TrainingStep.program().flops() / micros.get(name).get(US));
        }
    }

    private void compare(Group group, List<String> works, Group.Rival rival) {
        List<Double> ratios = new ArrayList<>();
        for (String work : works) {
            Double time = micros.get(work).get(rival.peer());
            if (time != null) {
                ratios.add(time / micros.get(work).get(US));
                if (works.size() > 1) {
                    line(work, rival.peer(), ratios.getLast(), 0);
                }
            }
        }
        if (!ratios.isEmpty()) {
            String what = works.size() > 1 ? group.name() + ", median of " + works.size() : works.getFirst();
            line(what, rival.peer(), median(ratios.stream().mapToDouble(r -> r).toArray()), rival.bar());
        }
    }

    /// How much of what registers alone can do.
    private void share(String what, double... flopsPerMicro) throws RunnerException {
        if (!micros.containsKey(PEAK)) {
            measure(PEAK, PEAK);
        }
        double peak = Peak.flops(threads) / micros.get(PEAK).get(PEAK);
        String title = String.format(Locale.ROOT, "%s, share of %.0f GFLOP/s", what, peak / 1e3);
        line(title, "FMA peak", median(flopsPerMicro) / peak, 0);
    }

    private void attempt(String work, String peer) {
        try {
            measure(work, peer);
        } catch (RunnerException e) {
            // A peer's native library that does not load here must not cost the other figures.
            lines.add(work + " | " + peer + " | not measured, it failed | bar -");
            System.out.println(lines.getLast());
        }
    }

    private void measure(String work, String peer) throws RunnerException {
        var options = new OptionsBuilder()
                .include(KernelBenchmark.class.getName() + ".run")
                .param("work", work)
                .param("peer", peer)
                .param("threads", Integer.toString(threads))
                .forks(quick ? 1 : 3)
                .warmupIterations(quick ? 3 : 5)
                .measurementIterations(quick ? 7 : 10)
                .warmupTime(TimeValue.milliseconds(500))
                .measurementTime(TimeValue.milliseconds(quick ? 200 : 400))
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
        RunResult result = new Runner(options).runSingle();
        double time = result.getPrimaryResult().getStatistics().getPercentile(50);
        micros.computeIfAbsent(work, _ -> new LinkedHashMap<>()).put(peer, time);
        System.err.printf(Locale.ROOT, "%s | %s | %.1f us%n", work, peer, time);
    }

    private void line(String work, String peer, double ratio, double bar) {
        String wanted = bar == 0 ? "-" : String.format(Locale.ROOT, "%.2f", bar);
        lines.add(String.format(Locale.ROOT, "%s | %s | ratio %.2f | bar %s", work, peer, ratio, wanted));
        System.out.println(lines.getLast());
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private void write() throws IOException {
        StringBuilder page = new StringBuilder("# The host beside other libraries\n\n");
        page.append("Made by `bench/run").append(quick ? " --quick" : "").append("`, ").append(threads);
        page.append(" threads, JDK ").append(Runtime.version()).append(", ").append(System.getProperty("os.arch"));
        page.append(".\nA ratio is the peer's median time over ours; above 1 we are faster.\n\n");
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
        Files.writeString(Path.of(threads == 2 ? "results.md" : "results-" + threads + ".md"), page);
    }
}
