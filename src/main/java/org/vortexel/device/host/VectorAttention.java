package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/// The twin of `org.vortexel.op.Attention`: one head of one picture at a time, a block of queries against all
/// keys, its scores kept in cache. The products are those of [Gemm]; the backward pass works the weights out
/// once for all three gradients.
///
/// One head of one picture is the piece of work that threads share out; nothing in it depends on how.
final class VectorAttention {
    /// The numbers that a block of scores may take: a quarter of a 512 KiB L2 cache.
    private static final int BLOCK = 32 * 1024;
    /// The fewest queries in a block, so that packing the keys for each block costs little beside using them.
    private static final int QUERIES = 60;

    private VectorAttention() {}

    /// Where the operands lie; names as in the op.
    ///
    /// @param mask added to the scores; empty for none
    record Operands(
            float[] q,
            float[] k,
            float[] v,
            float[] mask,
            int qStride,
            int kvStride,
            int kOffset,
            int vOffset,
            int heads,
            int headWidth,
            int queries,
            int keys,
            boolean causal,
            float scale,
            int maskBatch,
            int maskHead,
            int maskQuery) {
        int query(int n, int h, int i) {
            return (n * queries + i) * qStride + h * headWidth;
        }

        int key(int n, int h, int j) {
            return (n * keys + j) * kvStride + kOffset + h * headWidth;
        }

        int value(int n, int h, int j) {
            return (n * keys + j) * kvStride + vOffset + h * headWidth;
        }

        int out(int n, int h, int i) {
            return ((n * queries + i) * heads + h) * headWidth;
        }

        /// How many keys query `i` sees.
        int seen(int i) {
            return causal ? i + 1 : keys;
        }

        /// How many queries make a block.
        int block() {
            int most = Math.max(QUERIES, BLOCK / Math.max(1, keys));
            int blocks = Math.max(1, Math.ceilDiv(queries, most));
            return Math.ceilDiv(Math.ceilDiv(queries, blocks), Packing.ROWS) * Packing.ROWS;
        }
    }

    /// Writes `out` and `lse` of pair `pair = n * heads + h`.
    static void forward(float[] out, float[] lse, Operands o, int pair) {
        int n = pair / o.heads;
        int h = pair - n * o.heads;
        int block = o.block();
        float[] p = Scratch.ofThread().scores(block * o.keys);
        for (int first = 0; first < o.queries; first += block) {
            int rows = Math.min(block, o.queries - first);
            int keys = o.seen(first + rows - 1);
            scores(p, o, n, h, first, rows, keys);
            for (int r = 0; r < rows; r++) {
                int at = r * keys;
                int seen = o.seen(first + r);
                float max = Rows.max(p, at, seen);
                boolean hidden = max == Float.NEGATIVE_INFINITY;
                float sum = hidden ? 1 : Rows.exponentials(p, at, p, at, seen, max);
                Rows.affine(p, at, p, at, seen, 1 / sum, 0);
                Arrays.fill(p, hidden ? at : at + seen, at + keys, 0);
                // Plus infinity makes the gradient's weights exp(score - lse) 0.
                lse[pair * o.queries + first + r] = hidden ? Float.POSITIVE_INFINITY : max + (float) Math.log(sum);
            }
            int to = o.out(n, h, first);
            int stride = o.heads * o.headWidth;
            Gemm.alone(
                    rows,
                    o.headWidth,
                    keys,
                    p,
                    0,
                    keys,
                    false,
                    o.v,
                    o.value(n, h, 0),
                    o.kvStride,
                    false,
                    out,
                    to,
                    stride,
                    false);
        }
    }

    /// Writes the gradients of `q`, `k` and `v` of pair `pair = n * heads + h`, laid out as these; `dq`, `dk` and
    /// `dv` may be one array. Where `dscores` is given, the gradient of the scores before their scale goes there.
    static void backward(
            float[] dq,
            float[] dk,
            float[] dv,
            float[] delta,
            float @Nullable [] dscores,
            float[] dout,
            float[] lse,
            Operands o,
            int pair) {
        int n = pair / o.heads;
        int h = pair - n * o.heads;
        int width = o.headWidth;
        int stride = o.heads * width;
        int block = o.block();
        float[] p = Scratch.ofThread().scores(block * o.keys);
        float[] ds = Scratch.ofThread().slopes(block * o.keys);
        int key = o.key(n, h, 0);
        int value = o.value(n, h, 0);
        for (int j = 0; j < o.keys; j++) {
            Arrays.fill(dk, key + j * o.kvStride, key + j * o.kvStride + width, 0);
            Arrays.fill(dv, value + j * o.kvStride, value + j * o.kvStride + width, 0);
        }
        for (int first = 0; first < o.queries; first += block) {
            int rows = Math.min(block, o.queries - first);
            int keys = o.seen(first + rows - 1);
            int query = o.query(n, h, first);
            int from = o.out(n, h, first);
            scores(p, o, n, h, first, rows, keys);
            Gemm.alone(rows, keys, width, dout, from, stride, false, o.v, value, o.kvStride, true, ds, 0, keys, false);
            for (int r = 0; r < rows; r++) {
                int statistic = pair * o.queries + first + r;
                int seen = o.seen(first + r);
                Rows.exponentials(p, r * keys, p, r * keys, seen, lse[statistic]);
                // dout · out, but rounded as ds is: the slope of a lone key is exactly 0
                float d = Rows.products(p, r * keys, ds, r * keys, seen, 0);
                delta[statistic] = d;
                slopes(ds, p, r * keys, seen, d);
                if (dscores != null) {
                    System.arraycopy(ds, r * keys, dscores, statistic * o.keys, seen);
                    Arrays.fill(dscores, statistic * o.keys + seen, (statistic + 1) * o.keys, 0);
                }
                Rows.affine(ds, r * keys, ds, r * keys, seen, o.scale, 0);
                Arrays.fill(p, r * keys + seen, (r + 1) * keys, 0);
                Arrays.fill(ds, r * keys + seen, (r + 1) * keys, 0);
            }
            Gemm.alone(rows, width, keys, ds, 0, keys, false, o.k, key, o.kvStride, false, dq, query, o.qStride, false);
            Gemm.alone(keys, width, rows, ds, 0, keys, true, o.q, query, o.qStride, false, dk, key, o.kvStride, true);
            Gemm.alone(keys, width, rows, p, 0, keys, true, dout, from, stride, false, dv, value, o.kvStride, true);
        }
    }

    /// `p[r, j] = scale q[first + r] k[j] + mask` for `rows` queries and the first `keys` keys.
    private static void scores(float[] p, Operands o, int n, int h, int first, int rows, int keys) {
        Gemm.alone(
                rows,
                keys,
                o.headWidth,
                o.q,
                o.query(n, h, first),
                o.qStride,
                false,
                o.k,
                o.key(n, h, 0),
                o.kvStride,
                true,
                p,
                0,
                keys,
                false);
        if (o.mask.length == 0) {
            Rows.affine(p, 0, p, 0, rows * keys, o.scale, 0);
            return;
        }
        for (int r = 0; r < rows; r++) {
            int mask = n * o.maskBatch + h * o.maskHead + (first + r) * o.maskQuery;
            scaleAndAdd(p, r * keys, o.scale, o.mask, mask, keys);
        }
    }

    /// `x = factor x + y`.
    private static void scaleAndAdd(float[] x, int at, float factor, float[] y, int from, int count) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        int bound = SPECIES.loopBound(count);
        for (int j = 0; j < bound; j += LANES) {
            load(x, at + j).fma(f, load(y, from + j)).intoArray(x, at + j);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(x, at + bound, rest).fma(f, load(y, from + bound, rest)).intoArray(x, at + bound, rest);
        }
    }

    /// `ds = p (ds - delta)`.
    private static void slopes(float[] ds, float[] p, int at, int count, float delta) {
        int bound = SPECIES.loopBound(count);
        for (int j = 0; j < bound; j += LANES) {
            load(ds, at + j).sub(delta).mul(load(p, at + j)).intoArray(ds, at + j);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector p0 = load(p, at + bound, rest);
            load(ds, at + bound, rest).sub(delta).mul(p0).intoArray(ds, at + bound, rest);
        }
    }
}
