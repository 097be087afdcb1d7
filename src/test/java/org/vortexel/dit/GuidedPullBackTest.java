package org.vortexel.dit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Estimate;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.noise.ContrastiveLoss;
import org.vortexel.diffusion.noise.NoiseRefiner;
import org.vortexel.diffusion.noise.Windows;
import org.vortexel.nn.Parameter;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// CNO's gradient through a guided network, on a small one of random weights.
class GuidedPullBackTest {
    private static final int TOKENS = 5;
    private static final int BATCH = 5;
    private static final RectifiedFlow FLOW = RectifiedFlow.standard();
    private static final Interval FIRST = FLOW.grid(10).get(0);
    private static final Device DEVICE = HostDevice.of(2);
    private static final Dit DIT =
            new Dit(new DitConfig(8, 3, 2, 16, 2, 2, 2, false, true, new DitConfig.Text(12, TOKENS, 2, 1, 0)));
    private static final Weights WEIGHTS = weights();
    private static final Condition.Text WANTED = text(3);
    private static final Condition.Text INSTEAD = text(4);
    private static final NdArray NOISE = Philox.of(5).normal(Shape.of(BATCH, 3, 8, 8));
    private static final ContrastiveLoss LOSS = new ContrastiveLoss(
            new Windows(4, Windows.Content.CHANNEL), 0.2, 0.9, ContrastiveLoss.Denominator.POSITIVE);

    @AfterAll
    static void close() {
        DEVICE.close();
    }

    private static Weights weights() {
        Weights weights = DIT.params().initial(1);
        int stream = 0;
        for (Parameter parameter : DIT.params().all()) {
            float[] data = weights.get(parameter.name()).data();
            NdArray noise = new Philox(2, stream++).normal(parameter.shape());
            for (int i = 0; i < data.length; i++) {
                data[i] += 0.15f * noise.data()[i];
            }
        }
        return weights;
    }

    private static Condition.Text text(long seed) {
        NdArray mask = NdArray.full(Shape.of(BATCH, TOKENS), 1);
        mask.data()[TOKENS - 1] = 0;
        return new Condition.Text(
                Philox.of(seed).normal(Shape.of(BATCH, TOKENS, 12)), mask, NdArray.zeros(Shape.of(BATCH, 12)));
    }

    private static GuidedPullBack pullBack(double scale, int most) {
        Timesteps.Shared time = new Timesteps.Shared(FIRST.timesteps().max());
        return GuidedPullBack.of(DEVICE, DIT, WEIGHTS, time, WANTED, INSTEAD, scale, most);
    }

    private static NdArray estimate(GuidedDenoiser network, NdArray z) {
        return Estimate.of(Prediction.VELOCITY, z, network.predict(z, FIRST.timesteps()), FIRST.from(), Clip.NONE)
                .x0();
    }

    private static List<NoiseRefiner.Contrastive.Step> steps(GuidedDenoiser network, NoiseRefiner.Way way) {
        List<NoiseRefiner.Contrastive.Step> steps = new ArrayList<>();
        new NoiseRefiner.Contrastive(3, 0.01, LOSS, way, steps::add)
                .refine(NOISE, new NoiseRefiner.Start(network, Prediction.VELOCITY, FIRST, 1, BATCH));
        return steps;
    }

    private static double dot(NdArray a, NdArray b) {
        double sum = 0;
        for (int i = 0; i < a.data().length; i++) {
            sum += (double) a.data()[i] * b.data()[i];
        }
        return sum;
    }

    private static NdArray moved(NdArray z, NdArray along, double by) {
        NdArray moved = z.copy();
        for (int i = 0; i < moved.data().length; i++) {
            moved.data()[i] += (float) (by * along.data()[i]);
        }
        return moved;
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 2, 0.4})
    void gradientsThroughTheGuidedNetworkEqualFiniteDifferences(double scale) {
        try (DitDenoiser denoiser = new DitDenoiser(DEVICE, DIT, WEIGHTS);
                GuidedPullBack network = pullBack(scale, 2)) {
            GuidedDenoiser guided = Guidance.of(scale).guide(denoiser, FLOW, WANTED, INSTEAD);
            NdArray gradient =
                    steps(guided, new NoiseRefiner.Way.Full(network)).getFirst().gradient();
            NdArray anchors = estimate(guided, NOISE);
            double size = Math.sqrt(dot(gradient, gradient));
            double step = 0.02;
            for (int k = 0; k < 6; k++) {
                // the gradient itself, and directions that have half of it in them
                NdArray noise = new Philox(6, k).normal(NOISE.shape());
                NdArray along = moved(gradient, noise, k == 0 ? 0 : size / Math.sqrt(dot(noise, noise)));
                double length = Math.sqrt(dot(along, along));
                double above = LOSS.of(estimate(guided, moved(NOISE, along, step / length)), anchors)
                        .loss();
                double below = LOSS.of(estimate(guided, moved(NOISE, along, -step / length)), anchors)
                        .loss();
                assertEquals(
                        (above - below) / (2 * step), dot(gradient, along) / length, 0.01 * size, "direction " + k);
            }
        }
    }

    @Test
    void howManyGoThroughAtATimeChangesNothing() {
        NdArray upstream = Philox.of(7).normal(NOISE.shape());
        try (GuidedPullBack one = pullBack(2, 1);
                GuidedPullBack three = pullBack(2, 3);
                GuidedPullBack all = pullBack(2, 8)) {
            NdArray wanted = one.pull(NOISE, upstream);
            NdArray inThrees = three.pull(NOISE, upstream);
            NdArray atOnce = all.pull(NOISE, upstream);
            for (int i = 0; i < wanted.data().length; i++) {
                assertEquals(wanted.data()[i], inThrees.data()[i], 1e-5);
                assertEquals(wanted.data()[i], atOnce.data()[i], 1e-5);
            }
        }
    }

    /// The network's answer moves less than its input here, so that taking it for a constant points the
    /// same way.
    @Test
    void theTwoWaysOfTheGradientPointAlike() {
        try (DitDenoiser denoiser = new DitDenoiser(DEVICE, DIT, WEIGHTS);
                GuidedPullBack network = pullBack(2, 2)) {
            GuidedDenoiser guided = Guidance.of(2).guide(denoiser, FLOW, WANTED, INSTEAD);
            var full = steps(guided, new NoiseRefiner.Way.Full(network));
            var stop = steps(guided, new NoiseRefiner.Way.Stop(true));
            NdArray a = full.getFirst().gradient();
            NdArray b = stop.getFirst().gradient();
            double cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
            assertTrue(cosine > 0.7 && cosine < 0.999, "cosine " + cosine);
            assertTrue(full.getLast().loss() < full.getFirst().loss());
            assertTrue(stop.getLast().loss() < stop.getFirst().loss());
        }
    }
}
