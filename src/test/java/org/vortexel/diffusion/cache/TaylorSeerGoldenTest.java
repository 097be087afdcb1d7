package org.vortexel.diffusion.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.device.Device;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Single-solver caches against their reference code (TaylorSeer, HiCache) and formulas (FoCa, FORA): every forecast,
/// which steps are computed, and the factors that TaylorSeer stores; on plain and on tuned kernels.
class TaylorSeerGoldenTest {
    private static final double RELATIVE = 1e-4;
    private static final Pattern CASE =
            Pattern.compile("(flux|dit|hicache|foca|fora)[.]N(\\d+)(?:[.]O(\\d+))?(?:[.](enh|s|w)([0-9.]+))?[.]pred");

    @TestFactory
    Stream<DynamicTest> forecastsEqualTheReference() {
        return Golden.files("taylorseer", "taylorseer*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device;
                                    Golden golden = Golden.open(path)) {
                                check(golden, device);
                            }
                        })));
    }

    private static void check(Golden golden, Device device) {
        List<String> unread = golden.file().names().stream()
                .filter(name -> name.endsWith(".pred") && !CASE.matcher(name).matches())
                .toList();
        assertEquals(List.of(), unread, "cases that nothing was compared with");
        for (String name : golden.file().names()) {
            Matcher one = CASE.matcher(name);
            if (one.matches()) {
                NdArray wanted = golden.file().array(name);
                NdArray features = features(golden, wanted.shape());
                FeatureCache cache = cache(one, wanted, features);
                Replay replay = Replay.of(device, cache, features);
                golden.check(name, RELATIVE, replay.all(wanted.shape()));
                checkComputed(golden, name.replaceAll("pred$", "full"), replay);
                checkFactors(golden, name.replaceAll("pred$", "factors"), cache, features);
            }
        }
    }

    /// The features of a run of as many steps.
    private static NdArray features(Golden golden, Shape shape) {
        return golden.file().names().stream()
                .filter(name ->
                        name.matches("F\\d*") && golden.file().shape(name).equals(shape))
                .map(golden.file()::array)
                .findFirst()
                .orElseThrow();
    }

    private static FeatureCache cache(Matcher one, NdArray wanted, NdArray features) {
        int interval = Integer.parseInt(one.group(2));
        int order = one.group(3) == null ? 0 : Integer.parseInt(one.group(3));
        double setting = one.group(5) == null ? 0 : Double.parseDouble(one.group(5));
        return switch (one.group(1)) {
            case "flux" -> FeatureCache.TaylorSeer.flux(order, interval, (int) setting);
            case "dit" -> FeatureCache.TaylorSeer.dit(order, interval);
            case "hicache" -> {
                int warmup = computedAtFirst(wanted, features); // the name does not say
                yield new FeatureCache.HiCache(order, setting, new Cadence(interval, warmup), Math.max(0, warmup - 2));
            }
            case "foca" -> new FeatureCache.FoCa(new Cadence(interval, (int) setting));
            default -> new FeatureCache.Fora(new Cadence(interval, 1));
        };
    }

    private static int computedAtFirst(NdArray wanted, NdArray features) {
        int steps = wanted.shape().dim(0);
        for (int n = 0; n < steps; n++) {
            if (!Arrays.equals(
                    wanted.rows(n, n + 1).data(), features.rows(n, n + 1).data())) {
                return n;
            }
        }
        return steps;
    }

    private static void checkComputed(Golden golden, String name, Replay replay) {
        if (golden.file().names().contains(name)) {
            List<Boolean> wanted = Arrays.stream(golden.file().longs(name))
                    .mapToObj(flag -> flag != 0)
                    .toList();
            assertEquals(wanted, replay.computed(), name);
        }
    }

    /// The stored factors after every step: the feature of the last computed step, then its differences.
    private static void checkFactors(Golden golden, String name, FeatureCache cache, NdArray features) {
        if (!golden.file().names().contains(name) || !(cache instanceof FeatureCache.TaylorSeer taylor)) {
            return;
        }
        NdArray got = NdArray.zeros(golden.file().shape(name));
        int steps = features.shape().dim(0);
        int size = features.data().length / steps;
        List<Integer> kept = new ArrayList<>(); // newest first
        int last = 0;
        for (int n = 0; n < steps; n++) {
            if (taylor.pace().computes(n, steps)) {
                last = n;
                if (n >= taylor.firstKept()) {
                    kept.addFirst(n);
                }
            }
            double[] gaps = new double[Math.max(0, kept.size() - 1)];
            for (int j = 0; j < gaps.length; j++) {
                gaps[j] = kept.get(j) - kept.get(j + 1);
            }
            for (int m = 0; m <= taylor.order(); m++) {
                double[] weights = m == 0 ? new double[] {1} : new double[0];
                weights = m > 0 && m <= gaps.length ? Solver.Taylor.factor(m, gaps) : weights;
                int sign = name.startsWith("dit") && m % 2 == 1 ? -1 : 1; // that variant counts its steps downwards
                for (int j = 0; j < weights.length; j++) {
                    int from = m == 0 ? last : kept.get(j);
                    for (int i = 0; i < size; i++) {
                        got.data()[(n * (taylor.order() + 1) + m) * size + i] +=
                                (float) (sign * weights[j] * features.data()[from * size + i]);
                    }
                }
            }
        }
        golden.check(name, RELATIVE, got);
    }
}
