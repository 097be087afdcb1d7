package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class ShapeOpsTest {
    @Test
    void permuteMovesEveryElementEvenOfRankSix() {
        NdArray x = random(1, 2, 3, 4, 5, 2, 3);
        int[] order = {5, 2, 0, 4, 1, 3};
        NdArray y = apply(t -> t.permute(order), x);
        assertEquals(Shape.of(3, 4, 2, 2, 3, 5), y.shape());
        for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 4; b++) {
                for (int c = 0; c < 5; c++) {
                    assertEquals(x.get(1, 2, b, c, 1, a), y.get(a, b, 1, 1, 2, c));
                }
            }
        }
    }

    @Test
    void permutedBackIsTheSame() {
        NdArray x = random(1, 33, 49);
        assertEquals(x, apply(t -> t.transpose(0, 1).transpose(-1, -2), x));
    }

    @Test
    void expandRepeatsLongVectorsToo() {
        NdArray y = apply(t -> t.broadcastTo(Shape.of(3, 1000, 7)), NdArray.scalar(5));
        assertEquals(NdArray.full(Shape.of(3, 1000, 7), 5), y);
        NdArray rows = apply(t -> t.broadcastTo(Shape.of(2, 2, 3)), NdArray.of(Shape.of(2, 1), 1, 2));
        assertArrayEquals(new float[] {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}, rows.data());
    }

    @Test
    void sliceTakesEveryStepthElement() {
        NdArray x = NdArray.of(Shape.of(2, 5), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertArrayEquals(
                new float[] {1, 3, 6, 8}, apply(t -> t.slice(1, 1, 5, 2), x).data());
        assertArrayEquals(new float[] {4, 9}, apply(t -> t.index(-1, 4), x).data());
        assertEquals(Shape.of(5), apply(t -> t.index(0, 1), x).shape());
    }

    @Test
    void concatOfChunksIsTheWhole() {
        NdArray x = random(1, 4, 6, 70);
        for (int axis = 0; axis < 3; axis++) {
            int at = axis;
            assertEquals(x, apply(t -> Tensor.concat(at, t.chunk(2, at).toArray(Tensor[]::new)), x));
        }
    }

    @Test
    void movedElementsTakeTheirGradientsWithThem() {
        check(x -> x.get(0).permute(2, 0, 1), 1e-3, random(1, 2, 3, 4));
        check(x -> x.get(0).broadcastTo(Shape.of(2, 3, 4)), 1e-3, random(1, 3, 1));
        check(x -> x.get(0).slice(1, 1, 6, 2), 1e-3, random(1, 2, 7, 2));
        check(x -> x.get(0).slice(0, 0, 1), 1e-3, random(1, 2, 3));
        check(x -> x.get(0).index(1, 2), 1e-3, random(1, 2, 3, 2));
        check(x -> Tensor.concat(1, x.get(0), x.get(1), x.get(0)), 1e-3, random(1, 2, 1, 2), random(2, 2, 3, 2));
        check(
                x -> {
                    List<Tensor> parts = x.get(0).chunk(3, -1);
                    return parts.get(0).mul(parts.get(2));
                },
                1e-3,
                random(1, 2, 6));
    }

    @Test
    void noGradientFlowsThroughADetachedTensor() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(3));
        r.output("y", x.detach());
        r.output("g", Gradients.of(r, x.mul(x.detach()).sum(false), List.of(x)).getFirst());
        NdArray numbers = NdArray.of(Shape.of(3), 1, 2, 3);
        try (var device = HostDevice.plain(1);
                var player = device.load(r.program(), new Weights())) {
            player.set("x", numbers).run();
            assertEquals(numbers, player.get("y"));
            assertEquals(numbers, player.get("g")); // x², were it not detached, would give 2x
        }
    }

    @Test
    void wrongSizesAreNamed() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 7));
        assertMessage("Split: cannot cut axis 1 of (2, 7) into 3 equal parts", () -> x.chunk(3, -1));
        assertMessage("Slice: cannot take 3 to 9 in steps of 1 along axis 1 of (2, 7)", () -> x.slice(1, 3, 9));
        assertMessage("Expand: cannot repeat (2, 7) to fill (4, 7)", () -> x.broadcastTo(Shape.of(4, 7)));
        assertMessage(
                "Concat: Concat along axis 0 of (2, 7) and (7, 2): the other sizes must be equal",
                () -> Tensor.concat(0, x, x.transpose(0, 1)));
        assertMessage("Permute expected every axis once but got [0, 0]", () -> x.permute(0, 0));
    }

    private static void assertMessage(String message, Runnable action) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, action::run).getMessage());
    }

    private static NdArray apply(UnaryOperator<Tensor> f, NdArray x) {
        Recorder r = new Recorder();
        r.output("y", f.apply(r.input("x", x.shape())));
        try (var device = TestDevice.plain(2);
                var player = device.load(r.program(), new Weights())) {
            player.set("x", x).run();
            return player.get("y");
        }
    }
}
