package org.vortexel.diffusion.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Estimate;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseLevel;
import org.vortexel.diffusion.NoiseLevels;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// CNO's loss and optimisation against the published code, and its rivals against theirs. The network of the
/// optimisation runs on plain and on tuned kernels.
class CnoGoldenTest {
    @Test
    void lossesAndTheirGradientsMatch() {
        for (Golden golden : open("cno_loss*.io.safetensors")) {
            SafeTensors file = golden.file();
            assertFalse(golden.about().path("cases").isEmpty());
            for (Map.Entry<String, JsonNode> entry :
                    golden.about().path("cases").properties()) {
                String name = entry.getKey() + ".";
                JsonNode about = entry.getValue();
                Windows windows = new Windows(about.path("w").asInt(), Windows.Content.CHANNEL);
                double tau = about.path("tau").asDouble();
                double gamma = about.path("gamma").asDouble();
                NdArray y = file.array(name + "y");
                NdArray r = file.array(name + "r");
                ContrastiveLoss loss = new ContrastiveLoss(windows, tau, gamma, ContrastiveLoss.Denominator.POSITIVE);
                ContrastiveLoss.Value value = loss.of(y, r);
                assertEquals(file.floats(name + "loss")[0], value.loss(), 2e-5, name);
                assertEquals(file.doubles(name + "loss_f64")[0], value.loss(), 1e-6, name);
                golden.check(name + "grad_y", 5e-4, value.gradient());
                golden.check(name + "sim_matrix", 5e-4, flat(value.similarities()));
                ContrastiveLoss.Value first = loss.of(r, r);
                assertEquals(file.floats(name + "loss_at_r")[0], first.loss(), 2e-5, name);
                golden.check(name + "grad_at_r", 5e-4, first.gradient());
                ContrastiveLoss.Value self =
                        new ContrastiveLoss(windows, tau, gamma, ContrastiveLoss.Denominator.SELF).of(y, r);
                assertEquals(file.doubles(name + "loss_self_den")[0], self.loss(), 2e-5, name);
                golden.check(name + "grad_y_self_den", 5e-4, self.gradient());
            }
        }
    }

    private static NdArray flat(double[][][] values) {
        NdArray flat = NdArray.zeros(Shape.of(values.length, values[0].length, values[0][0].length));
        int i = 0;
        for (double[][] cell : values) {
            for (double[] row : cell) {
                for (double value : row) {
                    flat.data()[i++] = (float) value;
                }
            }
        }
        return flat;
    }

    @TestFactory
    Stream<DynamicTest> optimisationsMatch() {
        return Golden.files("cno", "cno_adam*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(
                                path.getFileName() + " on " + device.describe(),
                                () -> checkOptimisations(path, device))));
    }

    private static void checkOptimisations(Path path, Device device) {
        try (device;
                Golden golden = Golden.open(path);
                SafeTensors stored = SafeTensors.open(Golden.sibling(path, ".io.", ".weights."))) {
            Map<String, NdArray> arrays = new HashMap<>();
            stored.names().forEach(name -> arrays.put(name, stored.array(name)));
            Weights weights = new Weights(arrays);
            JsonNode about = golden.about().path("cfg");
            NdArray z = golden.file().array("z0");
            Recorder recorder = new Recorder();
            recorder.output("out", network(recorder, recorder.input("x", z.shape()), golden, stored));
            try (Player forward = device.load(recorder.program(), weights);
                    PullBack.Recorded backward =
                            PullBack.Recorded.of(device, weights, z.shape(), (r, x) -> network(r, x, golden, stored))) {
                GuidedDenoiser network = (x, timesteps) -> {
                    forward.set("x", x).run();
                    return forward.get("out");
                };
                check(golden, about, network, "stop", new NoiseRefiner.Way.Stop(true));
                check(golden, about, network, "full", new NoiseRefiner.Way.Full(backward));
            }
        }
    }

    private static void check(
            Golden golden, JsonNode about, GuidedDenoiser network, String name, NoiseRefiner.Way way) {
        SafeTensors file = golden.file();
        NdArray z = file.array("z0");
        NoiseLevel level = NoiseLevel.ofAlphaBar(file.floats(name + ".at")[0]);
        Interval interval = new Interval(
                0,
                1,
                new Timesteps.Shared(about.path("timestep").asDouble()),
                NoiseLevels.shared(level),
                NoiseLevels.shared(NoiseLevel.CLEAN));
        ContrastiveLoss loss = new ContrastiveLoss(
                new Windows(about.path("w").asInt(), Windows.Content.CHANNEL),
                about.path("tau").asDouble(),
                about.path("gamma").asDouble(),
                ContrastiveLoss.Denominator.POSITIVE);
        NdArray e0 = network.predict(z, interval.timesteps());
        golden.check(name + ".e0", 2e-4, e0);
        NdArray r = tweedie(z, e0, interval);
        golden.check(name + ".r", 2e-4, r);

        List<NoiseRefiner.Contrastive.Step> steps = new ArrayList<>();
        int iterations = about.path("iters").asInt();
        NdArray refined = new NoiseRefiner.Contrastive(
                        iterations, about.path("lr").asDouble(), loss, way, steps::add)
                .refine(
                        z,
                        new NoiseRefiner.Start(
                                network,
                                Prediction.EPSILON,
                                interval,
                                1,
                                z.shape().dim(0)));

        float[] losses = file.floats(name + ".losses");
        NdArray y = tweedie(refined, network.predict(refined, interval.timesteps()), interval);
        golden.check(name + ".y_final", 2e-4, y);
        assertEquals(losses[iterations], loss.of(y, r).loss(), 1e-4, name);
        NdArray gradients = NdArray.zeros(file.shape(name + ".grad_z"));
        int size = z.data().length;
        for (int k = 0; k < iterations; k++) {
            assertEquals(losses[k], steps.get(k).loss(), 1e-4, name + " " + k);
            System.arraycopy(steps.get(k).gradient().data(), 0, gradients.data(), k * size, size);
            assertEquals(1, steps.get(k).norm(), 0.1, "noise keeps its strength");
        }
        golden.check(name + ".grad_z", 2e-4, gradients);
        checkNoise(golden, name, steps);
    }

    /// Adam divides a gradient by its size: where it is close to 0, rounding decides where the element goes.
    private static void checkNoise(Golden golden, String name, List<NoiseRefiner.Contrastive.Step> steps) {
        double[] wanted = golden.file().doubles(name + ".z_f64");
        float[] gradients = golden.file().floats(name + ".grad_z");
        int size = wanted.length / steps.size();
        boolean[] steady = new boolean[size];
        Arrays.fill(steady, true);
        for (int k = 0; k < steps.size(); k++) {
            double largest = 0;
            for (int i = 0; i < size; i++) {
                largest = Math.max(largest, Math.abs(gradients[k * size + i]));
            }
            int near = 0;
            for (int i = 0; i < size; i++) {
                steady[i] &= Math.abs(gradients[k * size + i]) > 1e-3 * largest;
                double off =
                        Math.abs(wanted[k * size + i] - steps.get(k).noise().data()[i]);
                near += off <= 1e-4 ? 1 : 0;
                assertTrue(!steady[i] || off <= 2e-5, name + ".z " + k + " " + i + " is off by " + off);
            }
            assertTrue(near >= 0.995 * size, name + ".z " + k + ": only " + near + " of " + size + " are near");
        }
    }

    private static NdArray tweedie(NdArray x, NdArray output, Interval interval) {
        return Estimate.of(Prediction.EPSILON, x, output, interval.from(), Clip.NONE)
                .x0();
    }

    /// `e(z, c) = 0.7 z + 0.5 c3(silu(c2(silu(c1(z + c)))))`, guided.
    private static Tensor network(Recorder recorder, Tensor z, Golden golden, SafeTensors stored) {
        Tensor with = denoise(recorder, z, golden.file().array("c"), stored);
        Tensor without = denoise(recorder, z, golden.file().array("uc"), stored);
        float scale = (float) golden.about().at("/cfg/guidance").asDouble();
        return without.add(with.sub(without).mul(scale));
    }

    private static Tensor denoise(Recorder recorder, Tensor z, NdArray condition, SafeTensors stored) {
        Tensor c = recorder.constant(
                condition.reshape(condition.shape().dim(0), condition.shape().dim(1), 1, 1));
        Tensor h = z.add(c);
        for (int i = 1; i <= 3; i++) {
            String name = "c" + i;
            h = h.conv2d(
                    Conv2d.padded(1),
                    recorder.parameter(name + ".weight", stored.shape(name + ".weight")),
                    recorder.parameter(name + ".bias", stored.shape(name + ".bias")));
            h = i < 3 ? h.silu() : h;
        }
        return z.mul(0.7f).add(h.mul(0.5f));
    }

    @Test
    void particleGuidanceMatches() {
        each("(pg\\d+)[.]x", (golden, match) -> {
            String name = match.group(1);
            NdArray x = golden.file().array(match.group());
            float[] settings = golden.file().floats(name + ".sigma_coeff");
            float[] widths = golden.file().floats(name + ".h");
            double[] got = ParticleGuidance.widths(x);
            for (int i = 0; i < widths.length; i++) {
                assertEquals(widths[i], got[i], 2e-5 * widths[i], name);
            }
            golden.check(name + ".grad_phi", 2e-5, new ParticleGuidance(settings[1]).force(x, settings[0]));
        });
    }

    @Test
    void annealedConditionsMatch() {
        each("cads[.]gamma[.]([0-9]+[.][0-9]+)[.]([0-9]+[.][0-9]+)", (golden, match) -> {
            Cads cads =
                    new Cads(Double.parseDouble(match.group(1)), Double.parseDouble(match.group(2)), 0.25, 1, false);
            double[] times = golden.file().doubles("cads.t");
            double[] wanted = golden.file().doubles(match.group());
            for (int i = 0; i < times.length; i++) {
                assertEquals(wanted[i], cads.kept(times[i]), 1e-9, match.group());
            }
        });
        each("cads[.](out|out_per_sample|raw)[.]g([0-9.]+?)(?:[.]psi([0-9.]+))?", (golden, match) -> {
            String mixing = match.group(3) == null ? match.group(1).equals("raw") ? "0" : "1" : match.group(3);
            Cads cads = new Cads(
                    0.6, 0.9, 0.25, Double.parseDouble(mixing), match.group(1).equals("out_per_sample"));
            NdArray got = cads.corrupted(
                    golden.file().array("cads.y"),
                    Double.parseDouble(match.group(2)),
                    golden.file().array("cads.noise"));
            golden.check(match.group(), 2e-5, got);
        });
    }

    @Test
    void coupledNoiseMatches() {
        each("rgc[.]g", (golden, match) -> {
            NdArray noise = golden.file().array("rgc.g");
            golden.check(
                    "rgc.z",
                    2e-5,
                    new NoiseRefiner.Coupled(NoiseRefiner.Coupling.REPULSIVE)
                            .coupled(noise, noise.shape().dim(0)));
        });
    }

    private static void each(String form, BiConsumer<Golden, Matcher> check) {
        for (Golden golden : open("cno_baselines*.io.safetensors")) {
            List<Matcher> found = golden.file().names().stream()
                    .map(Pattern.compile(form)::matcher)
                    .filter(Matcher::matches)
                    .toList();
            assertFalse(found.isEmpty(), "no tensor is named " + form);
            found.forEach(match -> check.accept(golden, match));
        }
    }

    private static List<Golden> open(String glob) {
        return Golden.files("cno", glob).stream().map(Golden::open).toList();
    }
}
