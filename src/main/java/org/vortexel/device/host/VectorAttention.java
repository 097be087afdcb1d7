package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The twin of `org.vortexel.op.Attention`: one head of one picture at a time, its scores kept in cache, so that the
/// backward pass works the weights out once for all three gradients.
///
/// One head of one picture is the piece of work that threads share out; nothing in it depends on how.
final class VectorAttention {
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

        int seen(int i) {
            return causal ? i + 1 : keys;
        }
    }

    /// Writes `out` and `lse` of pair `pair = n * heads + h`.
    static void forward(float[] out, float[] lse, Operands o, int pair) {
        int n = pair / o.heads;
        int h = pair - n * o.heads;
        float[] score = Scratch.ofThread().tile(o.keys);
        for (int i = 0; i < o.queries; i++) {
            int seen = o.seen(i);
            scores(score, 0, o, n, h, i);
            float max = max(score, 0, seen);
            int to = o.out(n, h, i);
            clear(out, to, o.headWidth);
            if (max == Float.NEGATIVE_INFINITY) {
                lse[pair * o.queries + i] = Float.POSITIVE_INFINITY;
                continue;
            }
            float sum = exponentials(score, 0, seen, max);
            float inverse = 1 / sum;
            for (int j = 0; j < seen; j++) {
                axpy(score[j] * inverse, o.v, o.value(n, h, j), out, to, o.headWidth);
            }
            lse[pair * o.queries + i] = max + (float) Math.log(sum);
        }
    }

    /// Writes the gradients of `q`, `k` and `v` of pair `pair = n * heads + h`, laid out as these; `dq`, `dk` and `dv` may
    /// be one array.
    static void backward(
            float[] dq, float[] dk, float[] dv, float[] delta, float[] dout, float[] out, float[] lse, Operands o, int pair) {
        int n = pair / o.heads;
        int h = pair - n * o.heads;
        int width = o.headWidth;
        float[] p = Scratch.ofThread().tile(2 * o.keys);
        int ds = o.keys;
        for (int j = 0; j < o.keys; j++) {
            clear(dk, o.key(n, h, j), width);
            clear(dv, o.value(n, h, j), width);
        }
        for (int i = 0; i < o.queries; i++) {
            int seen = o.seen(i);
            int at = o.out(n, h, i);
            int query = o.query(n, h, i);
            float d = dot(dout, at, out, at, width);
            delta[pair * o.queries + i] = d;
            scores(p, 0, o, n, h, i);
            exponentials(p, 0, seen, lse[pair * o.queries + i]);
            clear(dq, query, width);
            for (int j = 0; j < seen; j++) {
                p[ds + j] = o.scale * p[j] * (dot(dout, at, o.v, o.value(n, h, j), width) - d);
                axpy(p[ds + j], o.k, o.key(n, h, j), dq, query, width);
            }
            for (int j = 0; j < seen; j++) {
                axpy(p[ds + j], o.q, query, dk, o.key(n, h, j), width);
                axpy(p[j], dout, at, dv, o.value(n, h, j), width);
            }
        }
    }

    /// `score[j] = scale q[i] k[j] + mask` for the keys that query `i` sees.
    private static void scores(float[] score, int to, Operands o, int n, int h, int i) {
        int query = o.query(n, h, i);
        int mask = n * o.maskBatch + h * o.maskHead + i * o.maskQuery;
        boolean masked = o.mask.length > 0;
        for (int j = 0; j < o.seen(i); j++) {
            float s = o.scale * dot(o.q, query, o.k, o.key(n, h, j), o.headWidth);
            score[to + j] = masked ? s + o.mask[mask + j] : s;
        }
    }

    private static float max(float[] x, int at, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int j = at; j < at + count; j++) {
            max = Math.max(max, x[j]);
        }
        return max;
    }

    /// Replaces `x` by `exp(x - shift)` and gives the sum.
    private static float exponentials(float[] x, int at, int count, float shift) {
        int bound = SPECIES.loopBound(count);
        for (int j = 0; j < bound; j += LANES) {
            VectorMath.exp(load(x, at + j).sub(shift)).intoArray(x, at + j);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            VectorMath.exp(load(x, at + bound, rest).sub(shift)).intoArray(x, at + bound, rest);
        }
        float sum = 0;
        for (int j = at; j < at + count; j++) {
            sum += x[j];
        }
        return sum;
    }

    private static void clear(float[] x, int at, int count) {
        java.util.Arrays.fill(x, at, at + count, 0);
    }

    private static float dot(float[] a, int aAt, float[] b, int bAt, int count) {
        FloatVector sum = FloatVector.zero(SPECIES);
        int bound = SPECIES.loopBound(count);
        for (int c = 0; c < bound; c += LANES) {
            sum = load(a, aAt + c).fma(load(b, bAt + c), sum);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            sum = load(a, aAt + bound, rest).fma(load(b, bAt + bound, rest), sum);
        }
        return VectorMath.sum(sum);
    }

    /// `y += factor x`.
    private static void axpy(float factor, float[] x, int xAt, float[] y, int yAt, int count) {
        FloatVector f = VectorMath.all(factor);
        int bound = SPECIES.loopBound(count);
        for (int c = 0; c < bound; c += LANES) {
            load(x, xAt + c).fma(f, load(y, yAt + c)).intoArray(y, yAt + c);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(x, xAt + bound, rest).fma(f, load(y, yAt + bound, rest)).intoArray(y, yAt + bound, rest);
        }
    }
}
