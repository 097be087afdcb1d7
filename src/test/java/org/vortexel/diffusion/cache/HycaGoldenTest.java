package org.vortexel.diffusion.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.RingForecast;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// HyCa's solvers against tables in exact arithmetic, and its clustering against independent code, in double.
class HycaGoldenTest {
    private static final Pattern WEIGHTS =
            Pattern.compile("g(\\d+)[.]k([0-9_]+)[.]([A-Z]+\\d?(?:[.][A-Za-z0-9_.]+?)??)([.]spec_uniform_formula)?");

    @TestFactory
    Stream<DynamicTest> weightsEqualTheTables() {
        return each("hyca_weights*.io.safetensors", golden -> {
            int compared = 0;
            for (String name : golden.file().names()) {
                Matcher table = WEIGHTS.matcher(name);
                if (table.matches()) {
                    double[] gaps = golden.file().doubles("g" + table.group(1) + ".h");
                    double horizon = fraction(table.group(2));
                    Solver solver = Solver.named(table.group(3));
                    // Constant coefficients are the same rule only where every gap in use equals the horizon.
                    boolean constant = table.group(4) != null;
                    if (!constant
                            || Arrays.stream(gaps).limit(solver.entries() - 1L).allMatch(h -> h == horizon)) {
                        double[] wanted = golden.file().doubles(name);
                        double[] got = solver.weights(gaps, horizon);
                        assertEquals(1, Arrays.stream(got).sum(), 1e-12, name);
                        for (int j = 0; j < wanted.length; j++) {
                            double allowed = 1e-12 * Math.max(1, Math.abs(wanted[j]));
                            assertEquals(wanted[j], got[j], allowed, name + " " + j);
                        }
                        compared++;
                    }
                }
            }
            assertTrue(compared > 0, "no table was found");
        });
    }

    @TestFactory
    Stream<DynamicTest> forecastsEqualTheTables() {
        return Stream.of(TestDevice.plain(2), HostDevice.of(2))
                .flatMap(device -> each("hyca_weights*.io.safetensors", golden -> checkForecasts(golden, device)));
    }

    private static void checkForecasts(Golden golden, Device device) {
        NdArray history = golden.file().array("apply.history");
        Shape shape = history.shape();
        Recorder recorder = new Recorder();
        Shape table = Shape.of(shape.dim(0), shape.dim(-1));
        recorder.output(
                "out",
                RingForecast.of(
                        recorder.parameter("ring", shape),
                        recorder.input("table", table),
                        recorder.ids("newest", Shape.of(1))));
        Weights weights = new Weights();
        weights.put("ring", history);
        try (Player player = device.load(recorder.program(), weights)) {
            for (String name : golden.file().names()) {
                Matcher one = WEIGHTS.matcher(name.replaceFirst("^apply[.]", ""));
                if (name.startsWith("apply.g") && one.matches() && one.group(4) == null) {
                    double[] w = Solver.named(one.group(3))
                            .weights(golden.file().doubles("g" + one.group(1) + ".h"), fraction(one.group(2)));
                    NdArray filled = NdArray.zeros(table);
                    for (int i = 0; i < filled.data().length; i++) {
                        filled.data()[i] = (float) w[i / table.dim(1)];
                    }
                    player.set("table", filled).set("newest", 0).run();
                    golden.check(name, 1e-5, player.get("out"));
                }
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> descriptorsEqualTheReference() {
        return each("hyca_cluster*.io.safetensors", golden -> {
            NdArray features = golden.file().array("F");
            double[][][] perToken = Descriptors.perToken(features);
            double[][] mean = Descriptors.mean(features);
            close(golden, "indicators_per_token", flat(Arrays.stream(perToken).flatMap(Arrays::stream)));
            close(golden, "indicators_mean", flat(Arrays.stream(mean)));
            close(golden, "phi", flat(Arrays.stream(Descriptors.normalised(mean, Descriptors.PAPER))));
            close(golden, "phi7", flat(Arrays.stream(Descriptors.normalised(mean, Descriptors.COUNT))));
            double[][] first = Arrays.stream(perToken).map(tokens -> tokens[0]).toArray(double[][]::new);
            close(golden, "phi_token0", flat(Arrays.stream(Descriptors.normalised(first, Descriptors.PAPER))));
        });
    }

    @TestFactory
    Stream<DynamicTest> clustersEqualTheReference() {
        return each("hyca_cluster*.io.safetensors", golden -> {
            double[][] points = rows(golden, "phi");
            List<int[]> labels = new ArrayList<>();
            for (int clusters : counts(golden)) {
                String name = "km" + clusters + ".";
                Partition partition = Partition.from(points, rows(golden, name + "init"));
                assertArrayEquals(golden.file().ints(name + "labels"), partition.labels(), name);
                close(golden, name + "centers", flat(Arrays.stream(partition.centers())));
                close(golden, name + "inertia", partition.inertia());
                close(golden, name + "silhouette", partition.silhouette(points));
                labels.add(partition.labels());
            }
            close(
                    golden,
                    "ari",
                    IntStream.range(1, labels.size())
                            .mapToDouble(i -> Partition.agreement(labels.get(i - 1), labels.get(i)))
                            .toArray());
        });
    }

    @TestFactory
    Stream<DynamicTest> choicesEqualTheReference() {
        return each("hyca_cluster*.io.safetensors", golden -> {
            NdArray features = golden.file().array("F");
            List<Solver> pool = new ArrayList<>();
            golden.about().path("pool").forEach(name -> pool.add(Solver.named(name.asText())));
            int clusters = golden.about().path("clusters_used_for_selection").asInt();
            Partition partition = Partition.from(rows(golden, "phi"), rows(golden, "km" + clusters + ".init"));
            int steps = features.shape().dim(0);
            for (String suffix : List.of("", "_last3")) {
                Selection selection = Selection.nextStep(steps, suffix.isEmpty() ? 1 : 3);
                double[][] errors = selection.errors(features, partition, pool);
                close(golden, "select.err" + suffix, flat(Arrays.stream(errors)));
                assertArrayEquals(golden.file().ints("select.best" + suffix), selection.best(errors, pool));
            }
        });
    }

    private static List<Integer> counts(Golden golden) {
        List<Integer> counts = new ArrayList<>();
        for (var entry : golden.about().path("kmeans").properties()) {
            counts.add(Integer.parseInt(entry.getKey()));
        }
        return counts.stream().sorted().toList();
    }

    private static double[][] rows(Golden golden, String name) {
        double[] values = golden.file().doubles(name);
        int width = golden.file().shape(name).dim(1);
        return IntStream.range(0, values.length / width)
                .mapToObj(i -> Arrays.copyOfRange(values, i * width, (i + 1) * width))
                .toArray(double[][]::new);
    }

    private static double[] flat(Stream<double[]> rows) {
        return rows.flatMapToDouble(Arrays::stream).toArray();
    }

    private static void close(Golden golden, String name, double... got) {
        double[] wanted = golden.file().doubles(name);
        assertEquals(wanted.length, got.length, name);
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], got[i], 1e-9 * Math.max(1, Math.abs(wanted[i])), name + " " + i);
        }
    }

    private static double fraction(String text) {
        String[] parts = text.split("_", 2);
        return Double.parseDouble(parts[0]) / (parts.length == 1 ? 1 : Double.parseDouble(parts[1]));
    }

    private static Stream<DynamicTest> each(String glob, Consumer<Golden> check) {
        return Golden.files("hyca_solvers", glob).stream()
                .map((Path path) -> DynamicTest.dynamicTest(path.getFileName().toString(), () -> {
                    try (Golden golden = Golden.open(path)) {
                        check.accept(golden);
                    }
                }));
    }
}
