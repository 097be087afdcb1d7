package org.vortexel.diffusion.noise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseLevel;
import org.vortexel.diffusion.NoiseLevels;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class NoiseRefinerTest {
    private static final Shape SHAPE = Shape.of(4, 3, 7, 5);
    private static final NoiseLevel LEVEL = NoiseLevel.ofAlphaBar(0.3);

    private static ContrastiveLoss loss(int windows, Windows.Content content) {
        return new ContrastiveLoss(new Windows(windows, content), 0.2, 0.9, ContrastiveLoss.Denominator.POSITIVE);
    }

    private static NoiseRefiner.Start start(GuidedDenoiser network, Prediction prediction, int perPrompt) {
        Interval interval = new Interval(
                0, 1, new Timesteps.Shared(900), NoiseLevels.shared(LEVEL), NoiseLevels.shared(NoiseLevel.CLEAN));
        return new NoiseRefiner.Start(network, prediction, interval, 1, perPrompt);
    }

    private static NoiseRefiner.Contrastive contrastive(
            NoiseRefiner.Way way, Consumer<NoiseRefiner.Contrastive.Step> seen) {
        return new NoiseRefiner.Contrastive(4, 0.01, loss(3, Windows.Content.CHANNEL), way, seen);
    }

    @Test
    void gradientsEqualFiniteDifferences() {
        NdArray y = Philox.of(1).normal(SHAPE);
        NdArray r = Philox.of(2).normal(SHAPE);
        for (Windows.Content content : Windows.Content.values()) {
            for (ContrastiveLoss.Denominator denominator : ContrastiveLoss.Denominator.values()) {
                for (int windows : new int[] {1, 3, 5, 9}) {
                    ContrastiveLoss loss = new ContrastiveLoss(new Windows(windows, content), 0.2, 0.9, denominator);
                    NdArray gradient = loss.of(y, r).gradient();
                    double largest = 0;
                    double worst = 0;
                    for (int i = 0; i < y.data().length; i += 7) {
                        NdArray above = y.copy();
                        NdArray below = y.copy();
                        above.data()[i] += 0x1p-7f;
                        below.data()[i] -= 0x1p-7f;
                        double step = (double) above.data()[i] - below.data()[i];
                        double wanted =
                                (loss.of(above, r).loss() - loss.of(below, r).loss()) / step;
                        largest = Math.max(largest, Math.abs(wanted));
                        worst = Math.max(worst, Math.abs(wanted - gradient.data()[i]));
                    }
                    assertTrue(worst <= 2e-3 * largest, content + " " + windows + ": " + worst + " of " + largest);
                }
            }
        }
    }

    @Test
    void onePictureStays() {
        NdArray noise = Philox.of(3).normal(SHAPE.with(0, 1));
        GuidedDenoiser never = (x, timesteps) -> {
            throw new AssertionError("nothing needs to be asked");
        };
        NoiseRefiner.Start start = start(never, Prediction.EPSILON, 1);
        assertSame(noise, contrastive(new NoiseRefiner.Way.Stop(true), s -> {}).refine(noise, start));
        assertEquals(noise, new NoiseRefiner.Coupled(NoiseRefiner.Coupling.REPULSIVE).refine(noise, start));
        assertSame(noise, new NoiseRefiner.Off().refine(noise, start));
        ContrastiveLoss.Value alone =
                loss(3, Windows.Content.CHANNEL).of(noise, Philox.of(4).normal(noise.shape()));
        assertEquals(0, alone.loss(), 1e-12);
        for (float g : alone.gradient().data()) {
            assertEquals(0, g, 1e-12);
        }
    }

    @Test
    void anchorsDoNotPullAtFirst() {
        // At y = r the pull points along the vector itself, which normalising takes out: the balance cannot matter
        // there
        // but through the softmax, so the gradient of the SELF form does not know gamma at all.
        NdArray y = Philox.of(5).normal(SHAPE);
        Windows windows = new Windows(3, Windows.Content.CHANNEL);
        NdArray strong = new ContrastiveLoss(windows, 0.2, 0.1, ContrastiveLoss.Denominator.SELF)
                .of(y, y)
                .gradient();
        NdArray weak = new ContrastiveLoss(windows, 0.2, 10, ContrastiveLoss.Denominator.SELF)
                .of(y, y)
                .gradient();
        NdArray later = new ContrastiveLoss(windows, 0.2, 0.1, ContrastiveLoss.Denominator.SELF)
                .of(y, Philox.of(6).normal(SHAPE))
                .gradient();
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < y.data().length; i++) {
            assertEquals(weak.data()[i], strong.data()[i], 1e-8);
            largest = Math.max(largest, Math.abs(weak.data()[i]));
            difference = Math.max(difference, Math.abs(weak.data()[i] - later.data()[i]));
        }
        assertTrue(difference > largest, "later the anchors do pull");
    }

    @Test
    void picturesThatChangePlacesChangeNothingElse() {
        NdArray y = Philox.of(7).normal(SHAPE);
        NdArray r = Philox.of(8).normal(SHAPE);
        ContrastiveLoss loss = loss(3, Windows.Content.CHANNEL);
        ContrastiveLoss.Value value = loss.of(y, r);
        ContrastiveLoss.Value turned = loss.of(reversed(y), reversed(r));
        assertEquals(value.loss(), turned.loss(), 1e-12);
        NdArray back = reversed(turned.gradient());
        for (int i = 0; i < back.data().length; i++) {
            assertEquals(value.gradient().data()[i], back.data()[i], 1e-8);
        }
    }

    private static NdArray reversed(NdArray x) {
        NdArray reversed = x.copy();
        int batch = x.shape().dim(0);
        int size = x.data().length / batch;
        for (int n = 0; n < batch; n++) {
            System.arraycopy(x.data(), n * size, reversed.data(), (batch - 1 - n) * size, size);
        }
        return reversed;
    }

    @Test
    void lossesFallAndPicturesPart() {
        GuidedDenoiser half = (x, timesteps) -> x.copy(); // eps = x: the picture is x times a number
        NdArray noise = Philox.of(9).normal(SHAPE);
        List<Double> losses = new ArrayList<>();
        for (NoiseRefiner.Way way :
                List.of(new NoiseRefiner.Way.Stop(true), new NoiseRefiner.Way.Full((x, up) -> up.copy()))) {
            losses.clear();
            NdArray refined =
                    contrastive(way, step -> losses.add(step.loss())).refine(noise, start(half, Prediction.X0, 4));
            for (int k = 1; k < losses.size(); k++) {
                assertTrue(losses.get(k) < losses.get(k - 1), losses.toString());
            }
            assertTrue(cosines(refined) < cosines(noise));
            for (int i = 0; i < noise.data().length; i++) {
                assertEquals(noise.data()[i], refined.data()[i], 0.05);
            }
        }
    }

    /// The mean cosine of pairs of pictures, over 3 by 3 cells.
    private static double cosines(NdArray y) {
        double[][][] s = new ContrastiveLoss(
                        new Windows(3, Windows.Content.CHANNEL), 1, 1, ContrastiveLoss.Denominator.POSITIVE)
                .of(y, y)
                .similarities();
        double sum = 0;
        for (double[][] cell : s) {
            for (int i = 0; i < cell.length; i++) {
                for (int j = 0; j < i; j++) {
                    sum += cell[i][j];
                }
            }
        }
        return sum;
    }

    @Test
    void everyPredictionOfTheSamePictureGivesTheSameFullGradient() {
        // A network that always sees eps = x / 2, in its own words; its Jacobian is a number.
        NdArray noise = Philox.of(10).normal(SHAPE);
        List<NdArray> gradients = new ArrayList<>();
        for (Prediction prediction : Prediction.values()) {
            double slope = prediction.target((1 - LEVEL.sigma() / 2) / LEVEL.alpha(), 0.5, LEVEL);
            GuidedDenoiser network = (x, timesteps) -> times(x, slope);
            contrastive(new NoiseRefiner.Way.Full((x, up) -> times(up, slope)), step -> {
                        if (step.index() == 0) {
                            gradients.add(step.gradient());
                        }
                    })
                    .refine(noise, start(network, prediction, 4));
        }
        double largest = 0;
        for (float g : gradients.getFirst().data()) {
            largest = Math.max(largest, Math.abs(g));
        }
        for (NdArray gradient : gradients) {
            for (int i = 0; i < noise.data().length; i++) {
                assertEquals(gradients.getFirst().data()[i], gradient.data()[i], 1e-5 * largest);
            }
        }
    }

    private static NdArray times(NdArray x, double factor) {
        NdArray scaled = x.copy();
        for (int i = 0; i < scaled.data().length; i++) {
            scaled.data()[i] *= (float) factor;
        }
        return scaled;
    }

    @Test
    void onlyPicturesOfOnePromptAreCompared() {
        GuidedDenoiser network = (x, timesteps) -> times(x, 0.5);
        NdArray noise = Philox.of(11).normal(SHAPE);
        NoiseRefiner refiner = contrastive(new NoiseRefiner.Way.Stop(true), s -> {});
        NdArray both = refiner.refine(noise, start(network, Prediction.EPSILON, 2));
        NdArray first = refiner.refine(noise.rows(0, 2), start(network, Prediction.EPSILON, 2));
        assertEquals(first, both.rows(0, 2));
        assertNotEquals(
                first,
                refiner.refine(noise, start(network, Prediction.EPSILON, 4)).rows(0, 2));
        assertThrows(
                IllegalArgumentException.class, () -> refiner.refine(noise, start(network, Prediction.EPSILON, 3)));
    }

    @Test
    void keptAnswersAreAskedForOnce() {
        int[] asked = {0};
        GuidedDenoiser network = (x, timesteps) -> {
            asked[0]++;
            return times(x, 0.5);
        };
        NdArray noise = Philox.of(12).normal(SHAPE);
        contrastive(new NoiseRefiner.Way.Stop(false), s -> {}).refine(noise, start(network, Prediction.EPSILON, 4));
        assertEquals(1, asked[0]);
        contrastive(new NoiseRefiner.Way.Stop(true), s -> {}).refine(noise, start(network, Prediction.EPSILON, 4));
        assertEquals(1 + 4, asked[0]);
    }

    @Test
    void balanceMakesThePullEqualThePush() {
        for (int batch = 2; batch < 40; batch += 3) {
            double gamma = ContrastiveLoss.balance(0.1, batch);
            assertEquals(1 / 0.1 + Math.log(batch - 1.0), 1 / (gamma * 0.1), 1e-9);
        }
        assertEquals(1, ContrastiveLoss.balance(0.1, 2));
        assertEquals(0.878, ContrastiveLoss.balance(0.1, 5), 1e-3);
    }

    @Test
    void smallTemperaturesStayFinite() {
        NdArray y = Philox.of(13).normal(SHAPE);
        ContrastiveLoss cold = new ContrastiveLoss(
                new Windows(3, Windows.Content.CHANNEL), 1e-3, 1, ContrastiveLoss.Denominator.POSITIVE);
        ContrastiveLoss.Value value = cold.of(y, Philox.of(14).normal(SHAPE));
        assertTrue(Double.isFinite(value.loss()));
        assertEquals(-1, value.gradient().firstNonFinite());
        assertEquals(-1, cold.of(NdArray.zeros(SHAPE), y).gradient().firstNonFinite());
    }

    @Test
    void asManyWindowsAsPixelsIsNoPooling() {
        NdArray y = Philox.of(15).normal(Shape.of(2, 3, 4, 4));
        double[][][] vectors = new Windows(4, Windows.Content.CHANNEL).vectors(y);
        double[][][] more = new Windows(64, Windows.Content.CHANNEL).vectors(y);
        for (int p = 0; p < 16; p++) {
            for (int c = 0; c < 3; c++) {
                assertEquals(y.data()[48 + c * 16 + p], vectors[1][p][c]);
                assertEquals(vectors[1][p][c], more[1][p][c]);
            }
        }
        assertEquals(
                9, new Windows(3, Windows.Content.CHANNEL).vectors(Philox.of(1).normal(SHAPE))[0].length);
    }

    @Test
    void coupledNoiseSumsToNothing() {
        NdArray noise = Philox.of(16).normal(SHAPE);
        for (NoiseRefiner.Coupling coupling : NoiseRefiner.Coupling.values()) {
            NdArray coupled = new NoiseRefiner.Coupled(coupling).coupled(noise, 4);
            int size = noise.data().length / 4;
            for (int i = 0; i < size; i++) {
                double sum = 0;
                for (int n = 0; n < 4; n++) {
                    sum += coupled.data()[n * size + i];
                }
                assertEquals(0, sum, 1e-5);
            }
        }
    }

    @Test
    void twoParticlesDoNotPush() {
        NdArray x = Philox.of(17).normal(SHAPE.with(0, 2));
        assertEquals(NdArray.zeros(x.shape()), new ParticleGuidance(8).force(x, 5));
        GuidedDenoiser network = (z, timesteps) -> times(z, 0.5);
        GuidedDenoiser guided =
                new ParticleGuidance(8).guide(network, VariancePreserving.linear(1000), Prediction.EPSILON);
        assertEquals(network.predict(x, new Timesteps.Shared(900)), guided.predict(x, new Timesteps.Shared(900)));
    }
}
