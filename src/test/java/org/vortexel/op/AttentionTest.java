package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class AttentionTest {
    @Test
    void selfAttentionHasTheDerivativeOfTheTextbook() {
        check(x -> Attention.self(x.get(0), 2), 3e-3, random(1, 2, 5, 18));
        check(x -> Attention.self(x.get(0), 1, null, true), 3e-3, random(1, 1, 4, 9));
    }

    @Test
    void crossAttentionHasTheDerivativeOfTheTextbook() {
        check(x -> Attention.cross(x.get(0), x.get(1), 3, null), 3e-3, random(1, 2, 5, 6), random(2, 2, 3, 12));
    }

    @Test
    void attentionOfSeparateTensorsHasTheDerivativeOfTheTextbook() {
        check(
                x -> Attention.of(x.get(0), x.get(1), x.get(2), 2, null, false),
                3e-3,
                random(1, 2, 3, 4),
                random(2, 2, 5, 4),
                random(3, 2, 5, 4));
    }

    @Test
    void everyBroadcastOfTheMaskHasTheDerivativeOfTheTextbook() {
        for (int[] mask :
                new int[][] {{2, 2, 3, 5}, {1, 2, 3, 5}, {2, 1, 1, 5}, {3, 5}, {5}, {2, 2, 1, 5}, {2, 1, 3, 5}}) {
            check(
                    x -> Attention.cross(x.get(0), x.get(1), 2, x.get(2)),
                    3e-3,
                    random(1, 2, 3, 4),
                    random(2, 2, 5, 8),
                    random(3, mask));
        }
    }

    @Test
    void aMaskUnderACausalAttentionHasTheDerivativeOfTheTextbook() {
        check(x -> Attention.self(x.get(0), 2, x.get(1), true), 3e-3, random(1, 1, 4, 12), random(2, 1, 2, 4, 4));
    }

    @Test
    void packedAndSeparateTensorsGiveTheSameBits() {
        NdArray q = random(1, 2, 5, 6);
        NdArray k = random(2, 2, 5, 6);
        NdArray v = random(3, 2, 5, 6);
        NdArray qkv = NdArray.zeros(Shape.of(2, 5, 18));
        NdArray kv = NdArray.zeros(Shape.of(2, 5, 12));
        for (int t = 0; t < 10; t++) {
            System.arraycopy(q.data(), t * 6, qkv.data(), t * 18, 6);
            System.arraycopy(k.data(), t * 6, qkv.data(), t * 18 + 6, 6);
            System.arraycopy(v.data(), t * 6, qkv.data(), t * 18 + 12, 6);
            System.arraycopy(k.data(), t * 6, kv.data(), t * 12, 6);
            System.arraycopy(v.data(), t * 6, kv.data(), t * 12 + 6, 6);
        }
        float[] separate = play(x -> Attention.of(x.get(0), x.get(1), x.get(2), 3, null, false), q, k, v);
        assertArrayEquals(separate, play(x -> Attention.self(x.get(0), 3), qkv));
        assertArrayEquals(separate, play(x -> Attention.cross(x.get(0), x.get(1), 3, null), q, kv));
    }

    @Test
    void aRowThatSeesNothingIsZeroAndHasNoGradient() {
        NdArray mask = NdArray.full(Shape.of(1, 1, 2, 3), Float.NEGATIVE_INFINITY);
        mask.data()[1] = 0; // query 0 sees key 1 only, query 1 sees nothing
        NdArray kv = random(2, 1, 3, 8);
        float[] y = play(x -> Attention.cross(x.get(0), x.get(1), 2, x.get(2)), random(1, 1, 2, 4), kv, mask);
        assertArrayEquals(new float[] {kv.data()[12], kv.data()[13], kv.data()[14], kv.data()[15], 0, 0, 0, 0}, y);
        check(
                x -> Attention.cross(x.get(0), x.get(1), 2, x.get(0).tape().constant(mask)),
                3e-3,
                random(1, 1, 2, 4),
                kv);
    }

    @Test
    void wrongShapesAreNamed() {
        Recorder r = new Recorder();
        Tensor q = r.input("q", Shape.of(2, 5, 6));
        Tensor kv = r.input("kv", Shape.of(3, 4, 12));
        Tensor mask = r.input("mask", Shape.of(2, 1, 5, 4));
        var batch = assertThrows(IllegalArgumentException.class, () -> Attention.cross(q, kv, 2, null));
        assertEquals(
                "Attention: Attention of 2 heads of 3 does not fit q (2, 5, 6), k (3, 4, 12) from column 0, v (3, 4,"
                        + " 12) from column 6",
                batch.getMessage());
        var heads = assertThrows(IllegalArgumentException.class, () -> Attention.self(q, 4));
        assertEquals(
                "Attention with 4 heads expected qkv (N, T, 3 D) with D a multiple of the heads, but got (2, 5, 6)",
                heads.getMessage());
        var masked = assertThrows(IllegalArgumentException.class, () -> Attention.self(q, 2, mask, false));
        assertEquals(
                "Attention: Attention expected a mask that broadcasts to (2, 2, 5, 5), with all keys, but got (2, 1,"
                        + " 5, 4)",
                masked.getMessage());
    }

    private static float[] play(Function<List<Tensor>, Tensor> op, NdArray... inputs) {
        Recorder r = new Recorder();
        List<Tensor> in = new java.util.ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            in.add(r.input("x" + i, inputs[i].shape()));
        }
        r.output("y", op.apply(in));
        try (var device = TestDevice.plain(2);
                var player = device.load(r.program(), new Weights())) {
            for (int i = 0; i < inputs.length; i++) {
                player.set("x" + i, inputs[i]);
            }
            player.run();
            return player.get("y").data();
        }
    }
}
