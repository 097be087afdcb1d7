package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class ElementwiseOpsTest {
    @ParameterizedTest
    @EnumSource
    void everyActivationHasTheDerivativeOfItsForwardKernel(Activation.Kind kind) {
        check(x -> x.get(0).apply(new Activation(kind)), 3e-3, away(random(1, 3, 7), 0, 0.05f));
    }

    @ParameterizedTest
    @EnumSource
    void everyFunctionHasTheDerivativeOfItsForwardKernel(Unary.Kind kind) {
        check(x -> x.get(0).square().add(0.7f).apply(new Unary(kind)), 3e-3, random(1, 3, 7));
    }

    @Test
    void functionsWithSettingsHaveTheDerivativesOfTheirForwardKernels() {
        check(x -> x.get(0).leakyRelu(0.2f), 3e-3, away(random(1, 3, 7), 0, 0.05f));
        check(x -> x.get(0).clamp(-0.5f, 1), 3e-3, away(away(random(1, 3, 7), -0.5f, 0.05f), 1, 0.05f));
        check(x -> x.get(0).square().add(0.7f).pow(1.5f), 3e-3, random(1, 3, 7));
        check(x -> x.get(0).abs(), 3e-3, away(random(1, 3, 7), 0, 0.05f));
        check(x -> x.get(0).neg().square(), 3e-3, random(1, 3, 7));
    }

    @Test
    void geluFollowsTheNormalDistributionFarIntoTheTail() {
        // x Φ(x), Φ from tables
        float[] y = map(Tensor::gelu, -6, -4, -2, 0, 1, 40);
        float[] wanted = {-6 * 9.865876e-10f, -4 * 3.167124e-5f, -2 * 0.02275013f, 0, 0.8413447f, 40};
        for (int i = 0; i < y.length; i++) {
            assertEquals(wanted[i], y[i], 1e-6 * Math.abs(wanted[i]), "element " + i);
        }
    }

    @Test
    void activationsStayFiniteForHugeNumbers() {
        assertArrayEquals(new float[] {0, 1}, map(Tensor::sigmoid, -200, 200));
        assertArrayEquals(new float[] {0, 200}, map(Tensor::softplus, -200, 200));
        assertArrayEquals(new float[] {-0f, 200}, map(Tensor::silu, -200, 200));
        assertArrayEquals(new float[] {-0f, 200}, map(Tensor::geluTanh, -200, 200));
    }

    @Test
    void modulateAndGateTakeOneRowPerSampleOrPerToken() {
        for (int tokens : new int[] {1, 3}) {
            NdArray x = random(1, 2, 3, 4);
            check(
                    t -> t.get(0).modulate(t.get(1), t.get(2)),
                    2e-3,
                    x,
                    random(2, 2, tokens, 4),
                    random(3, 2, tokens, 4));
            check(t -> t.get(0).addGated(t.get(1), t.get(2)), 2e-3, x, random(2, 2, tokens, 4), random(3, 2, 3, 4));
        }
        check(t -> t.get(0).modulate(t.get(1), t.get(2)), 2e-3, random(1, 3, 4), random(2, 3, 4), random(3, 3, 4));
        check(t -> t.get(0).addGated(t.get(1), t.get(2)), 2e-3, random(1, 3, 4), random(2, 1, 4), random(3, 3, 4));
    }

    @Test
    void modulateSaysWhichShapesItWanted() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 3, 4));
        Tensor by = r.input("by", Shape.of(1, 3, 4));
        var e = assertThrows(IllegalArgumentException.class, () -> x.modulate(by, by));
        assertEquals(
                "Modulate: Modulate of x (2, 3, 4) expected (N, 1, D) or (N, T, D) of the same N, T and D but got (1,"
                        + " 3, 4)",
                e.getMessage());
    }

    @Test
    void softmaxHasTheDerivativeOfTheTextbookAndGivesMaskedEntriesNothing() {
        check(x -> x.get(0).softmax(), 3e-3, random(1, 3, 5));
        assertArrayEquals(new float[] {0.5f, 0, 0.5f}, map(Tensor::softmax, 300, Float.NEGATIVE_INFINITY, 300));
    }

    /// `x` with numbers nearer than `margin` to `from` moved away, where a function has a kink.
    private static NdArray away(NdArray x, float from, float margin) {
        NdArray copy = x.copy();
        for (int i = 0; i < copy.data().length; i++) {
            if (Math.abs(copy.data()[i] - from) < margin) {
                copy.data()[i] = from + margin;
            }
        }
        return copy;
    }

    private static float[] map(UnaryOperator<Tensor> f, float... x) {
        Recorder r = new Recorder();
        r.output("y", f.apply(r.input("x", Shape.of(x.length))));
        try (var device = TestDevice.plain(1);
                var player = device.load(r.program(), new Weights())) {
            player.set("x", Arrays.copyOf(x, x.length)).run();
            return player.get("y").data();
        }
    }
}
