package org.vortexel.dit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.cache.Cadence;
import org.vortexel.diffusion.cache.FeatureCache;
import org.vortexel.diffusion.cache.HycaProfile;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Probe;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class DitCacheTest {
    private static final int STEPS = 10;
    private static final Dit LABELLED = dit(new DitConfig.Classes(5));
    private static final Dit CAPTIONED = dit(new DitConfig.Text(12, 6, 2, 2, 0));

    private static Dit dit(DitConfig.Condition condition) {
        return new Dit(new DitConfig(8, 3, 2, 32, 3, 4, 2, true, false, condition));
    }

    /// Small random numbers everywhere, zero gates included.
    private static Weights weights(Dit dit) {
        Weights weights = dit.params().initial(1);
        int stream = 0;
        for (Parameter parameter : dit.params().all()) {
            float[] data = weights.get(parameter.name()).data();
            NdArray noise = new Philox(2, stream++).normal(parameter.shape());
            for (int i = 0; i < data.length; i++) {
                data[i] += 0.1f * noise.data()[i];
            }
        }
        return weights;
    }

    private static Condition condition(Dit dit, int batch) {
        return switch (dit.config().condition()) {
            case DitConfig.Classes _ -> {
                int[] labels = new int[batch];
                for (int i = 0; i < batch; i++) {
                    labels[i] = i % 5;
                }
                yield new Condition.Label(labels);
            }
            case DitConfig.Text text ->
                new Condition.Text(
                        rows(Philox.of(3), batch, Shape.of(batch, text.tokens(), text.states())),
                        NdArray.full(Shape.of(batch, text.tokens()), 1),
                        NdArray.zeros(Shape.of(batch, text.states())));
        };
    }

    /// Every picture the same numbers, whatever the batch.
    private static NdArray rows(Philox random, int batch, Shape shape) {
        NdArray one = random.normal(shape.with(0, 1));
        NdArray all = NdArray.zeros(shape);
        for (int n = 0; n < batch; n++) {
            System.arraycopy(one.data(), 0, all.data(), n * one.data().length, one.data().length);
        }
        return all;
    }

    /// Predictions along a smooth path: `x` and the time move a little from step to step.
    private static List<NdArray> run(DitDenoiser denoiser, Dit dit, int batch, double stride, boolean perToken) {
        List<NdArray> outs = new ArrayList<>();
        Shape shape = Shape.of(batch, 3, 8, 8);
        NdArray start = rows(Philox.of(4), batch, shape);
        NdArray move = rows(Philox.of(5), batch, shape);
        denoiser.begin(STEPS);
        for (int n = 0; n < STEPS; n++) {
            NdArray x = start.copy();
            for (int i = 0; i < x.data().length; i++) {
                x.data()[i] += (float) (0.02 * stride * n * move.data()[i]);
            }
            double time = 800 - 0.02 * stride * n; // the fastest wave of the time embedding turns once in 6.3
            double[] times = new double[batch * 16];
            Arrays.fill(times, time);
            Timesteps timesteps = perToken ? new Timesteps.PerToken(4, 4, times) : new Timesteps.Shared(time);
            outs.add(denoiser.predict(x, timesteps, condition(dit, batch)));
        }
        return outs;
    }

    private static List<NdArray> run(
            Device device, Dit dit, FeatureCache cache, Granularity granularity, double stride) {
        try (DitDenoiser denoiser = new DitDenoiser(device, dit, weights(dit), cache, granularity)) {
            return run(denoiser, dit, 2, stride, false);
        }
    }

    private static FeatureCache taylor(int order, int interval) {
        return new FeatureCache.TaylorSeer(order, new Cadence(interval, 3), 0);
    }

    private static FeatureCache probing(int slots) {
        HycaProfile none = new HycaProfile("none", "", HycaProfile.Probe.usual(), List.of());
        return new FeatureCache.Hyca(none, new Cadence(1, 1), FeatureCache.History.ANCHORED, slots);
    }

    private interface Check {
        void run(Device device, Dit dit, Granularity granularity);
    }

    private static Stream<DynamicTest> everywhere(Check check) {
        return Stream.of(true, false)
                .flatMap(plain -> Stream.of(LABELLED, CAPTIONED)
                        .flatMap(dit -> Stream.of(Granularity.values())
                                .map(granularity -> DynamicTest.dynamicTest(
                                        granularity
                                                + (dit == LABELLED ? ", labels" : ", captions")
                                                + (plain ? ", plain" : ", tuned"),
                                        () -> {
                                            try (Device device = plain ? HostDevice.plain(2) : HostDevice.of(2)) {
                                                check.run(device, dit, granularity);
                                            }
                                        }))));
    }

    @TestFactory
    Stream<DynamicTest> anIntervalOfOneIsNoCacheToTheBit() {
        return everywhere((device, dit, granularity) -> {
            List<NdArray> off = run(device, dit, new FeatureCache.Off(), granularity, 1);
            assertEquals(off, run(device, dit, taylor(2, 1), granularity, 1));
            assertEquals(off, run(device, dit, new FeatureCache.FoCa(new Cadence(1, 1)), granularity, 1));
            assertEquals(off, run(device, dit, new FeatureCache.TeaCache(1e-9), granularity, 1));
        });
    }

    @TestFactory
    Stream<DynamicTest> whatStandsStillIsForecastAsComputed() {
        return everywhere((device, dit, granularity) -> {
            List<NdArray> off = run(device, dit, new FeatureCache.Off(), granularity, 0);
            for (FeatureCache cache : List.of(
                    taylor(2, 4),
                    new FeatureCache.Fora(new Cadence(4, 1)),
                    new FeatureCache.FoCa(new Cadence(4, 2)),
                    new FeatureCache.TeaCache(0.5))) {
                List<NdArray> got = run(device, dit, cache, granularity, 0);
                for (int n = 0; n < STEPS; n++) {
                    if (granularity == Granularity.MODULE) {
                        assertEquals(off.get(n), got.get(n), cache + " " + n);
                    } else {
                        assertTrue(distance(off.get(n), got.get(n)) < 1e-5, cache + " " + n); // (y - x) + x is not y
                    }
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> higherOrdersForecastASmoothRunBetter() {
        return everywhere((device, dit, granularity) -> {
            List<NdArray> off = run(device, dit, new FeatureCache.Off(), granularity, 1);
            double hold = worst(off, run(device, dit, new FeatureCache.Fora(new Cadence(3, 3)), granularity, 1));
            double line = worst(off, run(device, dit, taylor(1, 3), granularity, 1));
            assertTrue(hold > 0 && line > 0, "something was forecast");
            assertTrue(line < 0.7 * hold, "held: " + hold + ", along a line: " + line);
        });
    }

    private static double worst(List<NdArray> wanted, List<NdArray> got) {
        double worst = 0;
        for (int n = 0; n < wanted.size(); n++) {
            worst = Math.max(worst, distance(wanted.get(n), got.get(n)));
        }
        return worst;
    }

    private static double distance(NdArray wanted, NdArray got) {
        double largest = 0;
        double off = 0;
        for (int i = 0; i < wanted.data().length; i++) {
            largest = Math.max(largest, Math.abs(wanted.data()[i]));
            off = Math.max(off, Math.abs((double) wanted.data()[i] - got.data()[i]));
        }
        return off / largest;
    }

    @Test
    void aProfileMadeFromItsOwnFeaturesForecasts() {
        try (Device device = HostDevice.plain(2);
                DitDenoiser probe =
                        new DitDenoiser(device, LABELLED, weights(LABELLED), probing(STEPS), Granularity.BLOCK)) {
            List<NdArray> off = run(probe, LABELLED, 2, 1, false);
            Map<String, NdArray> features = probe.history();
            assertEquals(List.of("blocks.0", "blocks.1", "blocks.2"), List.copyOf(features.keySet()));
            HycaProfile.Probe settings = new HycaProfile.Probe(
                    STEPS, 0, 2, 4, 1, 3, HycaProfile.Probe.usual().pool());
            HycaProfile profile = HycaProfile.of("tiny", Granularity.BLOCK.name(), settings, features);
            for (FeatureCache.History history : FeatureCache.History.values()) {
                FeatureCache hyca = new FeatureCache.Hyca(profile, new Cadence(3, 3), history, 4);
                double worst = worst(off, run(device, LABELLED, hyca, Granularity.BLOCK, 1));
                double hold = worst(
                        off, run(device, LABELLED, new FeatureCache.Fora(new Cadence(3, 3)), Granularity.BLOCK, 1));
                assertTrue(worst > 0 && worst < hold, history + ": " + worst + ", held: " + hold);
            }
        }
    }

    @Test
    void keptFeaturesAreThoseThatTheNetworkComputed() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 3, 8, 8));
        List<String> seen = new ArrayList<>();
        Probe probe = (name, tensor) -> {
            if (name.matches("blocks[.]\\d[.](attn|mlp)")) {
                r.output(name, tensor);
                seen.add(name);
            }
        };
        LABELLED.forward(x, r.input("t", Shape.of(2)), new Dit.Labels(r.ids("y", Shape.of(2))), probe);
        Weights weights = weights(LABELLED);
        NdArray pictures = Philox.of(6).normal(Shape.of(2, 3, 8, 8));
        try (Device device = HostDevice.plain(1);
                var player = device.load(r.program(), weights);
                DitDenoiser denoiser = new DitDenoiser(device, LABELLED, weights, probing(2), Granularity.MODULE)) {
            player.set("x", pictures).set("t", 300f, 300f).set("y", 1, 2).run();
            denoiser.begin(1);
            denoiser.predict(pictures, new Timesteps.Shared(300), new Condition.Label(1, 2));
            Map<String, NdArray> kept = denoiser.history();
            assertEquals(seen, List.copyOf(kept.keySet()));
            seen.forEach(name -> assertEquals(player.get(name).reshape(1, 32, 32), kept.get(name), name));
        }
    }

    @Test
    void rowsOfABatchHaveFeaturesOfTheirOwn() {
        try (Device device = HostDevice.plain(2);
                DitDenoiser denoiser =
                        new DitDenoiser(device, CAPTIONED, weights(CAPTIONED), taylor(1, 3), Granularity.BLOCK)) {
            List<NdArray> two = run(denoiser, CAPTIONED, 2, 1, false);
            List<NdArray> four = run(denoiser, CAPTIONED, 4, 1, false);
            for (int n = 0; n < STEPS; n++) {
                assertEquals(two.get(n), four.get(n).rows(2, 4), "step " + n);
            }
        }
    }

    @Test
    void aRunForgetsTheOneBefore() {
        try (Device device = HostDevice.plain(2);
                DitDenoiser denoiser =
                        new DitDenoiser(device, LABELLED, weights(LABELLED), taylor(2, 4), Granularity.TRUNK)) {
            List<NdArray> first = run(denoiser, LABELLED, 2, 1, false);
            run(denoiser, LABELLED, 2, 3, false);
            assertEquals(first, run(denoiser, LABELLED, 2, 1, false));
        }
    }

    @Test
    void timesPerTokenAreCachedLikeSharedOnes() {
        try (Device device = HostDevice.plain(2);
                DitDenoiser denoiser =
                        new DitDenoiser(device, LABELLED, weights(LABELLED), taylor(1, 3), Granularity.MODULE)) {
            List<NdArray> shared = run(denoiser, LABELLED, 2, 1, false);
            List<NdArray> perToken = run(denoiser, LABELLED, 2, 1, true);
            for (int n = 0; n < STEPS; n++) {
                assertTrue(distance(shared.get(n), perToken.get(n)) < 1e-5, "step " + n);
            }
        }
    }

    @Test
    void whatIsForecastIsNotComputed() {
        double all = flops(new Features.Computed(), new Recorder());
        for (Granularity granularity : Granularity.values()) {
            Recorder kept = new Recorder();
            assertEquals(all, flops(new Features.Kept(new Features.Rings(kept, 3, granularity)), kept));
            Recorder forecast = new Recorder();
            double left = flops(new Features.Forecast(new Features.Rings(forecast, 3, granularity), false), forecast);
            assertTrue(left < 0.2 * all, granularity + " leaves " + left + " of " + all);
        }
    }

    private static double flops(Features features, Recorder r) {
        Tensor x = r.input("x", Shape.of(2, 3, 8, 8));
        Dit.Condition labels = new Dit.Labels(r.ids("y", Shape.of(2)));
        r.output("out", LABELLED.forward(x, r.input("t", Shape.of(2)), labels, Probe.NONE, features));
        return r.program().flops();
    }

    @Test
    void aCacheWantsToKnowWhereARunBegins() {
        try (Device device = HostDevice.plain(1);
                DitDenoiser denoiser =
                        new DitDenoiser(device, LABELLED, weights(LABELLED), taylor(1, 3), Granularity.BLOCK)) {
            NdArray x = Philox.of(7).normal(Shape.of(1, 3, 8, 8));
            assertThrows(
                    IllegalStateException.class,
                    () -> denoiser.predict(x, new Timesteps.Shared(1), new Condition.Label(0)));
        }
    }
}
