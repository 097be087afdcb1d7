package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class TrainingOpsTest {
    private static final Shape SHAPE = Shape.of(2);

    @Test
    void lossesHaveTheDerivativesOfTheirForwardKernels() {
        check(x -> Loss.mse(x.get(0), x.get(1)), 1e-3, random(1, 3, 4), random(2, 3, 4));
        check(x -> Loss.l1(x.get(0), x.get(1)), 1e-3, random(1, 3, 4), random(2, 3, 4));
        check(x -> Loss.smoothL1(x.get(0), x.get(1), 0.5f), 2e-3, random(1, 3, 4), random(2, 3, 4));
        check(x -> Loss.bceWithLogits(x.get(0), x.get(1)), 1e-3, random(1, 3, 4), random(2, 3, 4));
    }

    @Test
    void theFirstStepOfAdamIsTheLearningRateAgainstTheSign() {
        Weights weights = step(1, NdArray.of(SHAPE, 3, -4), true);
        assertEquals(1 - 0.1 - 0.1 * 0.5 * 1, weights.get("p").data()[0], 1e-6);
        assertEquals(-2 + 0.1 + 0.1 * 0.5 * 2, weights.get("p").data()[1], 1e-6);
        assertEquals(0.1 * 3, weights.get("m").data()[0], 1e-6);
        assertEquals(0.01 * 9, weights.get("v").data()[0], 1e-6);
        assertEquals(0.5 * (0 + 0.85), weights.get("average").data()[0], 1e-6);
    }

    @Test
    void clippingScalesTheGradientOnly() {
        Weights weights = step(1, NdArray.of(SHAPE, 300, -400), false);
        assertEquals(0.1 * 3, weights.get("m").data()[0], 1e-5); // norm 500 clipped to 5
        assertEquals(0.9, weights.get("p").data()[0], 1e-6);
    }

    @Test
    void aGradientThatIsNotFiniteChangesNoParameter() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            Weights weights = step(1, NdArray.of(SHAPE, bad, 1), true);
            assertEquals(NdArray.of(SHAPE, 1, -2), weights.get("p"));
            assertEquals(NdArray.zeros(SHAPE), weights.get("m"));
            assertEquals(NdArray.zeros(SHAPE), weights.get("v"));
        }
    }

    /// One step on a parameter of two numbers, 1 and -2, with learning rate 0.1 and gradients clipped to norm 5.
    private static Weights step(long step, NdArray gradient, boolean decays) {
        Recorder r = new Recorder();
        Tensor g = r.input("g", SHAPE);
        Tensor numbers = r.input("numbers", Shape.of(AdamW.NUMBERS));
        GradientClip clip = GradientClip.of(List.of(g), 5);
        AdamW.step(
                decays,
                r.parameter("p", SHAPE),
                r.parameter("m", SHAPE),
                r.parameter("v", SHAPE),
                g,
                numbers,
                clip.coefficient(),
                r.parameter("average", SHAPE));
        Weights weights = new Weights();
        weights.put("p", NdArray.of(SHAPE, 1, -2));
        for (String name : List.of("m", "v", "average")) {
            weights.put(name, NdArray.zeros(SHAPE));
        }
        try (var device = TestDevice.plain(1);
                var player = device.load(r.program(), weights)) {
            player.set("g", gradient)
                    .set("numbers", new AdamW.Settings(0.9, 0.99, 1e-8, 0.5, 0.5).numbers(step, 0.1))
                    .run();
            player.pull();
        }
        return weights;
    }
}
