package org.vortexel.diffusion.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vortexel.checkpoint.Json;
import org.vortexel.device.host.HostDevice;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class FeatureCacheTest {
    private static final double[] UNEVEN = {2, 3, 5, 1};
    private static final Shape FEATURES = Shape.of(20, 2, 3, 4);

    private static List<Solver> every() {
        List<Solver> all = new ArrayList<>(Solver.pool());
        for (int order = 1; order <= 4; order++) {
            all.add(new Solver.AdamsBashforth(order));
            all.add(new Solver.Taylor(order));
            all.add(new Solver.Hermite(order, 0.5));
        }
        all.add(new Solver.RungeKutta(4));
        for (EndSlope end : EndSlope.values()) {
            IntStream.rangeClosed(1, 3).forEach(order -> all.add(new Solver.Bdf(order, end)));
            IntStream.rangeClosed(2, 4).forEach(order -> all.add(new Solver.AdamsMoulton(order, end)));
        }
        return all;
    }

    @Test
    void weightsSumToOneForEveryLengthOfHistory() {
        for (Solver solver : every()) {
            for (int points = 1; points <= 5; points++) {
                double[] weights = solver.weights(Arrays.copyOf(UNEVEN, points - 1), 1.5);
                assertEquals(points, weights.length, solver.name());
                assertEquals(1, Arrays.stream(weights).sum(), 1e-12, solver.name());
            }
        }
    }

    @Test
    void solversContinueALine() {
        for (Solver solver : every()) {
            if (solver.order() > 0 && !(solver instanceof Solver.Hermite)) {
                for (int points = 2; points <= 5; points++) {
                    double[] gaps = Arrays.copyOf(UNEVEN, points - 1);
                    assertEquals(2, along(x -> 1 + x / 4, gaps, solver, 4), 1e-12, solver.name());
                }
            }
        }
    }

    @Test
    void bdf2WithTheTrueEndSlopeFollowsAParabola() {
        // The rule alone: its weights on features and end slope, on x² with slope 2k at the end.
        double k = 1.5;
        double h = 2;
        double r = k / h;
        double forecast = -r * r / (1 + 2 * r) * h * h + k * (1 + r) / (1 + 2 * r) * 2 * k;
        assertEquals(k * k, forecast, 1e-12);
        // The recorded rule has the same weights: with a slope of LAST on the same points it must agree.
        double[] weights = new Solver.Bdf(2, EndSlope.LAST).weights(new double[] {h, 1}, k);
        double slope = (0 - h * h) / h;
        double wanted = -r * r / (1 + 2 * r) * h * h + k * (1 + r) / (1 + 2 * r) * slope;
        assertEquals(wanted, weights[1] * h * h + weights[2] * 9, 1e-12);
    }

    @Test
    void rungeKuttaOfEvenStepsSkipsOneFeature() {
        assertArrayEquals(new double[] {1.5, 0, -0.5}, new Solver.RungeKutta(2).weights(new double[] {1, 1}, 1), 1e-15);
    }

    @Test
    void shortHistoryFallsBack() {
        double[] two = {2};
        for (Solver solver : every()) {
            assertArrayEquals(new double[] {1}, solver.weights(new double[0], 1), solver.name());
            if (solver.order() > 0 && !(solver instanceof Solver.Hermite)) {
                assertArrayEquals(
                        new Solver.AdamsBashforth(1).weights(two, 1), solver.weights(two, 1), 1e-15, solver.name());
            }
        }
        double[] three = {1, 1};
        assertArrayEquals(
                new Solver.AdamsBashforth(2).weights(three, 1), new Solver.AdamsBashforth(4).weights(three, 1));
        assertArrayEquals(new Solver.Taylor(2).weights(three, 1), new Solver.Taylor(3).weights(three, 1));
        assertArrayEquals(
                new Solver.AdamsMoulton(3).weights(three, 1), new Solver.AdamsMoulton(4).weights(three, 1), 1e-15);
    }

    @Test
    void namesLeadBackToTheirSolvers() {
        for (Solver solver : every()) {
            assertEquals(solver, Solver.named(solver.name()));
        }
        for (String wrong : List.of("", "AB", "AB5", "HOLD1", "AB2.LAST", "RK3", "AM3.SOON", "HERM2", "AM1")) {
            assertThrows(IllegalArgumentException.class, () -> Solver.named(wrong), wrong);
        }
    }

    @Test
    void gapsAndHorizonMustBePositive() {
        assertThrows(IllegalArgumentException.class, () -> new Solver.Hold().weights(new double[] {1, 0}, 1));
        assertThrows(IllegalArgumentException.class, () -> new Solver.Hold().weights(new double[0], Double.NaN));
    }

    @Test
    void cadenceCountsFromTheEndOfTheWarmUp() {
        assertEquals(List.of(0, 1, 2, 8, 14, 20, 26, 32, 38, 44), computed(new Cadence(6, 3), 50));
        assertEquals(List.of(0, 2), computed(new Cadence(2, 1), 4));
        assertEquals(List.of(0, 1, 2, 4, 6, 7), computed(new Cadence(2, 3, true), 8));
    }

    private static List<Integer> computed(Cadence cadence, int steps) {
        return IntStream.range(0, steps)
                .filter(n -> cadence.computes(n, steps))
                .boxed()
                .toList();
    }

    @Test
    void offAndAnIntervalOfOneComputeEveryStep() {
        NdArray features = Philox.of(3).normal(FEATURES);
        try (HostDevice device = HostDevice.plain(1)) {
            for (FeatureCache cache :
                    Stream.concat(Stream.of(new FeatureCache.Off()), caches(1)).toList()) {
                Replay replay = Replay.of(device, cache, features);
                assertTrue(replay.computed().stream().allMatch(c -> c), cache.toString());
                assertEquals(features, replay.all(FEATURES));
            }
        }
    }

    @Test
    void whatDoesNotChangeIsForecastToTheBit() {
        NdArray once = Philox.of(4).normal(FEATURES.with(0, 1));
        NdArray features = NdArray.zeros(FEATURES);
        for (int i = 0; i < features.data().length; i++) {
            features.data()[i] = once.data()[i % once.data().length];
        }
        try (HostDevice device = HostDevice.plain(1)) {
            caches(4)
                    .forEach(cache -> assertEquals(
                            features, Replay.of(device, cache, features).all(FEATURES), cache.toString()));
        }
    }

    /// FoCa is left out: it mixes the difference of two computed features, an interval apart, with that of two
    /// steps.
    @Test
    void whatGrowsEvenlyIsForecastFromOrderOneOn() {
        NdArray features = NdArray.zeros(FEATURES);
        int size = FEATURES.size(1, FEATURES.rank());
        for (int i = 0; i < features.data().length; i++) {
            features.data()[i] = i % size - 0.25f * (i / size);
        }
        try (HostDevice device = HostDevice.plain(1)) {
            caches(4)
                    .filter(cache -> cache instanceof FeatureCache.TaylorSeer || cache instanceof FeatureCache.Hyca)
                    .forEach(cache -> {
                        Replay replay = Replay.of(device, cache, features);
                        for (int i = 0; i < features.data().length; i++) {
                            float got = replay.seen().get(i / size).data()[i % size];
                            assertEquals(features.data()[i], got, 2e-4, cache + " " + i);
                        }
                    });
        }
    }

    /// One of every kind, with two computed steps before the first forecast.
    private static Stream<FeatureCache> caches(int interval) {
        Cadence cadence = new Cadence(interval, 3);
        List<Integer> labels = List.of(0, 1, 2, 0);
        HycaProfile profile = new HycaProfile(
                "tiny",
                "BLOCK",
                HycaProfile.Probe.usual(),
                List.of(new HycaProfile.Point("point", labels, List.of("AB2", "RK2", "BDF3"), List.of(), 0)));
        return Stream.of(
                new FeatureCache.Fora(cadence),
                FeatureCache.TaylorSeer.flux(1, interval, 3),
                FeatureCache.TaylorSeer.flux(3, interval, 3),
                FeatureCache.TaylorSeer.dit(2, interval),
                new FeatureCache.HiCache(2, 0.5, cadence, 1),
                new FeatureCache.FoCa(cadence),
                new FeatureCache.Hyca(profile, cadence, FeatureCache.History.ANCHORED, 4),
                new FeatureCache.Hyca(
                        profile, cadence, FeatureCache.History.RECURSIVE, 4)); // rounding feeds itself there
    }

    @Test
    void teaCacheComputesWhenTheInputHasMovedFarEnough() {
        FeatureCache cache = new FeatureCache.TeaCache(0.5, List.of(2.0, 0.0)); // doubles every change
        CacheRun run = new CacheRun(cache, 8);
        double[] change = {9, 0.1, 0.1, 0.1, 0.3, 0.1, 0.01, 0.01};
        List<Boolean> computed = new ArrayList<>();
        for (int n = 0; n < change.length; n++) {
            double now = change[n];
            computed.add(run.next(n, () -> now) instanceof CacheStep.Compute);
        }
        assertEquals(List.of(true, false, false, true, true, false, false, true), computed);
    }

    @Test
    void slotsOfKeptFeaturesAreNeverGivenAway() {
        for (FeatureCache cache : caches(5).toList()) {
            CacheRun run = new CacheRun(cache, 30);
            Map<Integer, Double> ring = new LinkedHashMap<>();
            for (int n = 0; n < 30; n++) {
                CacheStep step = run.next();
                if (step instanceof CacheStep.Forecast forecast) {
                    forecast.past().forEach(p -> assertEquals(p.at(), ring.get(p.slot()), cache.toString()));
                }
                if (step.slot() >= 0) {
                    assertTrue(step.slot() < cache.slots());
                    ring.put(step.slot(), (double) n);
                }
            }
        }
    }

    @Test
    void forecastsGoForward() {
        CacheRun run = new CacheRun(new FeatureCache.Fora(new Cadence(2, 1)), 4);
        run.next(3, () -> 0);
        assertThrows(IllegalArgumentException.class, () -> run.next(3, () -> 0));
    }

    @Test
    void channelsOfOneKindAreClusteredTogetherAndFindTheirSolver() {
        int steps = 9;
        int tokens = 16;
        int kinds = 3;
        int each = 6;
        NdArray features = NdArray.zeros(Shape.of(steps, tokens, kinds * each));
        NdArray random = Philox.of(5).normal(features.shape());
        for (int i = 0; i < features.data().length; i++) {
            int t = i / (tokens * kinds * each);
            int d = i % (kinds * each);
            int cell = i % (tokens * kinds * each);
            double size = 1 + random.data()[cell] / 4;
            features.data()[i] = switch (d / each) {
                case 0 -> (float) (size * t);
                case 1 -> (float) (size * Math.sin(0.5 * t + random.data()[cell]));
                default -> random.data()[i];
            };
        }
        HycaProfile.Probe probe = new HycaProfile.Probe(
                steps, 0, 3, 10, 1, 0, Solver.pool().stream().map(Solver::name).toList());
        HycaProfile.Point point = probe.choose("point", features);
        int[] kind = IntStream.range(0, kinds * each).map(d -> d / each).toArray();
        int[] found = point.labels().stream().mapToInt(Integer::intValue).toArray();
        assertEquals(1, Partition.agreement(kind, found), 1e-12);
        assertTrue(point.silhouette() > 0.5);
        String ofNoise = point.solvers().get(found[2 * each]);
        assertTrue(List.of("HOLD", "RK2").contains(ofNoise), ofNoise);
        String ofWaves = point.solvers().get(found[each]);
        assertTrue(List.of("AB2", "AB3", "TF3").contains(ofWaves), ofWaves);
        HycaProfile.Point matched = probe.matched(2).choose("point", features.rows(0, 7));
        assertEquals(point.labels().size(), matched.labels().size());
    }

    @Test
    void matchedSelectionForecastsAsARunDoes() {
        Selection selection = Selection.matched(13, 4);
        assertEquals(
                List.of(
                        new Selection.Forecast(List.of(8, 4, 0), 9),
                        new Selection.Forecast(List.of(8, 4, 0), 10),
                        new Selection.Forecast(List.of(8, 4, 0), 11)),
                selection.forecasts());
    }

    @Test
    void partitionsAgreeWhateverTheirNames() {
        assertEquals(1, Partition.agreement(new int[] {0, 0, 1, 1}, new int[] {1, 1, 0, 0}), 1e-15);
        assertEquals(-0.5, Partition.agreement(new int[] {0, 0, 1, 1}, new int[] {0, 1, 0, 1}), 1e-15);
    }

    @Test
    void profilesSurviveTheirFile() {
        HycaProfile profile = HycaProfile.of(
                "tiny",
                "BLOCK",
                HycaProfile.Probe.usual(),
                Map.of("blocks.0", Philox.of(6).normal(Shape.of(8, 3, 5))));
        assertEquals(profile, Json.parse("profile", Json.text(profile), HycaProfile.class));
        assertThrows(IllegalArgumentException.class, () -> profile.point("blocks.1"));
    }

    private static double along(
            java.util.function.DoubleUnaryOperator curve, double[] gaps, Solver solver, double horizon) {
        double[] weights = solver.weights(gaps, horizon);
        double place = 0;
        double sum = 0;
        for (int j = 0; j < weights.length; j++) {
            sum += weights[j] * curve.applyAsDouble(place);
            place -= j < gaps.length ? gaps[j] : 0;
        }
        return sum;
    }
}
