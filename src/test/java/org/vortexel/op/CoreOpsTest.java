package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import org.junit.jupiter.api.Test;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

class CoreOpsTest {
    @Test
    void addBroadcastsRowsAndColumns() {
        Recorder r = new Recorder();
        Tensor a = r.input("a", Shape.of(2, 1, 3));
        Tensor b = r.input("b", Shape.of(2, 1));
        r.output("y", a.add(b));
        try (var device = TestDevice.plain(2);
                var player = device.load(r.program(), new Weights())) {
            player.set("a", 1f, 2f, 3f, 4f, 5f, 6f).set("b", 10f, 20f).run();
            assertEquals(Shape.of(2, 2, 3), player.get("y").shape());
            assertArrayEquals(
                    new float[] {11, 12, 13, 21, 22, 23, 14, 15, 16, 24, 25, 26},
                    player.get("y").data());
        }
    }

    @Test
    void arithmeticHasTheDerivativesOfTheTextbook() {
        check(x -> x.get(0).add(x.get(1)), 1e-3, random(1, 2, 3, 4), random(2, 3, 1));
        check(x -> x.get(0).sub(x.get(1)), 1e-3, random(1, 4), random(2, 2, 1, 4));
        check(x -> x.get(0).mul(x.get(1)), 1e-3, random(1, 2, 3, 4), random(2, 2, 1, 4));
        check(x -> x.get(0).mul(x.get(0)), 1e-3, random(1, 2, 3));
    }

    @Test
    void productsHaveTheDerivativesOfTheTextbook() {
        check(x -> x.get(0).matmul(x.get(1)), 1e-3, random(1, 3, 4), random(2, 4, 5));
        check(x -> x.get(0).matmul(x.get(1)), 1e-3, random(1, 2, 3, 4), random(2, 4, 5));
        check(x -> x.get(0).matmulTransposed(x.get(1)), 1e-3, random(1, 2, 3, 4), random(2, 2, 5, 4));
        check(x -> MatMul.of(x.get(0), x.get(1), true, false), 1e-3, random(1, 2, 4, 3), random(2, 2, 4, 5));
        check(x -> MatMul.of(x.get(0), x.get(1), true, true), 1e-3, random(1, 4, 3), random(2, 5, 4));
        check(x -> x.get(0).linear(x.get(1), x.get(2)), 1e-3, random(1, 2, 3, 4), random(2, 5, 4), random(3, 5));
    }

    @Test
    void layerNormHasTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).layerNorm(1e-5f), 3e-3, random(1, 3, 8));
    }

    @Test
    void meanOverSomeAxesHasTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).mean(false, 0, 2), 1e-3, random(1, 2, 3, 4));
        check(x -> x.get(0).sum(true, 1), 1e-3, random(1, 2, 3, 4));
    }

    @Test
    void aWrongShapeNamesTheLayerAndBothShapes() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 7));
        Tensor w = r.parameter("w", Shape.of(5, 4));
        var e = assertThrows(
                IllegalArgumentException.class, () -> r.in("dit", () -> r.in("blocks.3", () -> x.linear(w))));
        assertEquals(
                "dit/blocks.3, Linear: Linear with weight (5, 4) expected x (…, 4) but got (2, 7)", e.getMessage());
    }

    @Test
    void buffersAreSharedByTensorsThatNeverMeet() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(100));
        Tensor y = x;
        for (int i = 0; i < 10; i++) {
            y = y.mul(2);
        }
        r.output("y", y);
        assertEquals(100, org.vortexel.program.MemoryPlan.of(r.program()).total());
    }
}
