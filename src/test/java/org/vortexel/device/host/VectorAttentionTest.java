package org.vortexel.device.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vortexel.op.Attention;

class VectorAttentionTest {
    private static final int BATCH = 2;
    private static final int HEADS = 3;

    // Bits of the plain kernels' parameter `mode`.
    private static final int CAUSAL = 1;
    private static final int MASKED_PER_BATCH_AND_QUERY = 2 + 4 + 16;

    private final Random random = new Random(11);

    @ParameterizedTest
    @CsvSource({
        "1,1,1,0",
        "3,5,8,0",
        "31,33,16,22",
        "32,32,32,1",
        "33,33,7,1",
        "257,257,24,0",
        "257,257,24,1",
        "100,700,16,22"
    })
    void twinMatchesThePlainKernels(int queries, int keys, int width, int mode) {
        Case c = new Case(queries, keys, width, mode);
        float[] out = new float[c.out.length];
        float[] lse = new float[c.lse.length];
        float[] dq = new float[c.q.length];
        float[] dkv = new float[c.kv.length];
        float[] delta = new float[lse.length];
        float[] dscores = new float[c.dscores.length];
        java.util.Arrays.fill(dscores, 7);
        for (int pair = 0; pair < BATCH * HEADS; pair++) {
            VectorAttention.forward(out, lse, c.operands(), pair);
        }
        for (int pair = BATCH * HEADS - 1; pair >= 0; pair--) {
            VectorAttention.backward(dq, dkv, dkv, delta, dscores, c.dout, c.lse, c.operands(), pair);
        }
        close(c.out, out, "out");
        close(c.lse, lse, "lse");
        close(c.delta, delta, "delta");
        close(c.dq, dq, "dq");
        close(c.dkv, dkv, "dkv");
        close(c.dscores, dscores, "dscores");
    }

    @Test
    void aQueryWithNoVisibleKeyGivesZeros() {
        Case c = new Case(7, 9, 8, MASKED_PER_BATCH_AND_QUERY);
        java.util.Arrays.fill(c.mask, 9, 18, Float.NEGATIVE_INFINITY); // the second query of the first sample
        float[] out = new float[c.out.length];
        float[] lse = new float[c.lse.length];
        float[] delta = new float[lse.length];
        float[] dq = new float[c.q.length];
        float[] dkv = new float[c.kv.length];
        VectorAttention.forward(out, lse, c.operands(), 0);
        VectorAttention.backward(dq, dkv, dkv, delta, null, c.dout, lse, c.operands(), 0);
        assertEquals(Float.POSITIVE_INFINITY, lse[1]);
        for (int i = 0; i < 8; i++) {
            assertEquals(0, out[8 * HEADS + i]);
            assertEquals(0, dq[8 * HEADS + i]);
        }
        for (float d : dkv) {
            assertEquals(d, d, "no NaN");
        }
    }

    @Test
    void everyPairIsTheSameWhateverTheThreadsDo() {
        Case c = new Case(65, 65, 16, 0);
        List<float[]> results = List.of(new float[c.out.length], new float[c.out.length]);
        for (int threads = 1; threads <= 2; threads++) {
            float[] out = results.get(threads - 1);
            float[] lse = new float[c.lse.length];
            try (WorkerPool pool = WorkerPool.of(threads)) {
                pool.run(BATCH * HEADS, pair -> VectorAttention.forward(out, lse, c.operands(), pair));
            }
        }
        assertArrayEquals(results.get(0), results.get(1));
    }

    private static void close(float[] expected, float[] got, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], got[i], 2e-5f * Math.max(1, Math.abs(expected[i])), what + " at " + i);
        }
    }

    /// Random operands, keys and values side by side, and what the plain kernels make of them.
    private final class Case {
        final int queries;
        final int keys;
        final int width;
        final int mode;
        final float[] q;
        final float[] kv;
        final float[] mask;
        final float[] dout;
        final float[] out;
        final float[] lse;
        final float[] delta;
        final float[] dq;
        final float[] dkv;
        final float[] dscores;

        Case(int queries, int keys, int width, int mode) {
            this.queries = queries;
            this.keys = keys;
            this.width = width;
            this.mode = mode;
            int d = HEADS * width;
            float scale = 1 / (float) Math.sqrt(width);
            q = values(BATCH * queries * d);
            kv = values(BATCH * keys * 2 * d);
            mask = mode > 1 ? values(BATCH * queries * keys) : new float[0];
            if (mode > 1) {
                mask[keys / 2] = Float.NEGATIVE_INFINITY;
            }
            dout = values(BATCH * queries * d);
            out = new float[dout.length];
            lse = new float[BATCH * HEADS * queries];
            delta = new float[lse.length];
            dq = new float[q.length];
            dkv = new float[kv.length];
            Attention.attention(
                    out, lse, q, kv, kv, mask, d, 2 * d, 0, d, HEADS, width, queries, keys, mode, scale, 0, lse.length);
            Attention.Gradient.attentionDelta(delta, dout, out, HEADS, width, queries, 0, lse.length);
            Attention.Gradient.attentionGradientQuery(
                    dq,
                    dout,
                    delta,
                    lse,
                    q,
                    kv,
                    kv,
                    mask,
                    d,
                    2 * d,
                    0,
                    d,
                    HEADS,
                    width,
                    queries,
                    keys,
                    mode,
                    scale,
                    0,
                    lse.length);
            int rows = BATCH * HEADS * keys;
            Attention.Gradient.attentionGradientKey(
                    dkv, dout, delta, lse, q, kv, kv, mask, d, 2 * d, 0, d, HEADS, width, queries, keys, mode, scale, 0,
                    rows);
            Attention.Gradient.attentionGradientValue(
                    dkv, dout, lse, q, kv, mask, d, 2 * d, 0, d, HEADS, width, queries, keys, mode, scale, 0, rows);
            dscores = new float[lse.length * keys];
            Attention.Gradient.attentionGradientScore(
                    dscores,
                    dout,
                    delta,
                    lse,
                    q,
                    kv,
                    kv,
                    mask,
                    d,
                    2 * d,
                    0,
                    d,
                    HEADS,
                    width,
                    queries,
                    keys,
                    mode,
                    scale,
                    0,
                    lse.length);
        }

        VectorAttention.Operands operands() {
            int d = HEADS * width;
            boolean masked = mode > 1;
            return new VectorAttention.Operands(
                    q,
                    kv,
                    kv,
                    mask,
                    d,
                    2 * d,
                    0,
                    d,
                    HEADS,
                    width,
                    queries,
                    keys,
                    (mode & CAUSAL) != 0,
                    1 / (float) Math.sqrt(width),
                    masked ? queries * keys : 0,
                    0,
                    masked ? keys : 0);
        }
    }

    private float[] values(int count) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = random.nextFloat() * 2 - 1;
        }
        return x;
    }
}
