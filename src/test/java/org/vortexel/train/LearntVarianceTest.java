package org.vortexel.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.random;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.op.GradientCheck;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class LearntVarianceTest {
    private static final VariancePreserving SCHEDULE = VariancePreserving.linear(1000);
    private static final NdArray NOISE = random(1, 3, 2, 2, 2);
    private static final NdArray CLEAN = NdArray.full(NOISE.shape(), 0.25f);

    private static LearntVariance loss(Tensor predicted, Tensor share, int... steps) {
        return LearntVariance.of(
                Tensor.concat(1, predicted, share),
                predicted.tape().constant(CLEAN),
                predicted.tape().constant(NOISE),
                predicted.tape().constant(LearntVariance.numbers(SCHEDULE, steps)));
    }

    @Test
    void aPerfectPredictionWithTheTrueVarianceCostsNothing() {
        Recorder r = new Recorder();
        LearntVariance loss = loss(r.constant(NOISE), r.constant(NdArray.full(NOISE.shape(), -1)), 1, 500, 999);
        r.output("loss", loss.total());
        try (Device device = HostDevice.plain(1);
                Player player = device.load(r.program(), new Weights())) {
            player.run();
            assertArrayEquals(new float[3], player.get("loss").data());
        }
    }

    @Test
    void theBoundTeachesTheVarianceAlone() {
        Recorder r = new Recorder();
        Tensor predicted = r.input("predicted", NOISE.shape());
        Tensor share = r.input("share", NOISE.shape());
        Tensor bound = loss(predicted, share, 0, 1, 500).bound().mean(false);
        r.output("gradient", Gradients.of(r, bound, List.of(predicted)).getFirst());
        try (Device device = HostDevice.plain(1);
                Player player = device.load(r.program(), new Weights())) {
            player.set("predicted", random(2, 3, 2, 2, 2))
                    .set("share", random(3, 3, 2, 2, 2))
                    .run();
            assertEquals(NdArray.zeros(NOISE.shape()), player.get("gradient"));
        }
    }

    @Test
    void theVarianceHasTheGradientOfTheBoundAtStepZeroToo() {
        GradientCheck.check(
                in -> loss(in.getFirst().tape().constant(NOISE), in.getFirst(), 0, 1, 500)
                        .bound(),
                2e-3,
                random(4, 3, 2, 2, 2));
    }

    @Test
    void shapesThatDoNotBelongTogetherAreNamed() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(3, 2, 2, 2));
        Tensor numbers = r.input("numbers", Shape.of(3, LearntVariance.NUMBERS));
        assertThrows(IllegalArgumentException.class, () -> LearntVariance.of(x, x, x, numbers));
    }
}
