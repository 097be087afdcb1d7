package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Sums and maxima over one run of an array. Terms are added in two vectors side by side, then pairwise, an order that
/// depends on the length alone.
final class Rows {
    private Rows() {}

    /// The sum of `x[at … at + count - 1]`.
    static float sum(float[] x, int at, int count) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            s0 = s0.add(load(x, at + i));
            s1 = s1.add(load(x, at + i + LANES));
        }
        for (; i < count; i += LANES) {
            s0 = s0.add(load(x, at + i, SPECIES.indexInRange(i, count)));
        }
        return VectorMath.sum(s0.add(s1));
    }

    /// The sum of `(x[at + i] - centre)²`.
    static float squares(float[] x, int at, int count, float centre) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            FloatVector d0 = load(x, at + i).sub(centre);
            FloatVector d1 = load(x, at + i + LANES).sub(centre);
            s0 = d0.fma(d0, s0);
            s1 = d1.fma(d1, s1);
        }
        for (; i < count; i += LANES) {
            VectorMask<Float> rest = SPECIES.indexInRange(i, count);
            FloatVector d = load(x, at + i, rest).sub(centre, rest);
            s0 = d.fma(d, s0);
        }
        return VectorMath.sum(s0.add(s1));
    }

    /// The sum of `g[from + i] (x[at + i] - centre)`.
    static float products(float[] g, int from, float[] x, int at, int count, float centre) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            s0 = load(g, from + i).fma(load(x, at + i).sub(centre), s0);
            s1 = load(g, from + i + LANES).fma(load(x, at + i + LANES).sub(centre), s1);
        }
        for (; i < count; i += LANES) {
            VectorMask<Float> rest = SPECIES.indexInRange(i, count);
            s0 = load(g, from + i, rest).fma(load(x, at + i, rest).sub(centre), s0);
        }
        return VectorMath.sum(s0.add(s1));
    }

    /// The largest of `x[at … at + count - 1]`, minus infinity if there is none.
    static float max(float[] x, int at, int count) {
        FloatVector m0 = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            m0 = m0.max(load(x, at + i));
            m1 = m1.max(load(x, at + i + LANES));
        }
        for (; i <= count - LANES; i += LANES) {
            m0 = m0.max(load(x, at + i));
        }
        float largest = m0.max(m1).reduceLanes(VectorOperators.MAX);
        for (; i < count; i++) {
            largest = Math.max(largest, x[at + i]);
        }
        return largest;
    }

    /// `out[to + i] = exp(x[at + i] - shift)` where that is not above 0; returns the sum of what it wrote.
    static float exponentials(float[] out, int to, float[] x, int at, int count, float shift) {
        int bound = SPECIES.loopBound(count);
        float sum = exponentialVectors(out, to, x, at, bound, shift);
        if (bound < count) {
            float[] pad = Scratch.ofThread().pad();
            Arrays.fill(pad, Float.NEGATIVE_INFINITY);
            System.arraycopy(x, at + bound, pad, 0, count - bound);
            sum += exponentialVectors(pad, 0, pad, 0, LANES, shift);
            System.arraycopy(pad, 0, out, to + bound, count - bound);
        }
        return sum;
    }

    private static float exponentialVectors(float[] out, int to, float[] x, int at, int count, float shift) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            FloatVector e = VectorMath.expOfNegative(load(x, at + i).sub(shift));
            e.intoArray(out, to + i);
            sum = sum.add(e);
        }
        return VectorMath.sum(sum);
    }

    /// `out[to + i] = x[at + i] scale + shift`.
    static void affine(float[] out, int to, float[] x, int at, int count, float scale, float shift) {
        FloatVector a = FloatVector.broadcast(SPECIES, scale);
        FloatVector b = FloatVector.broadcast(SPECIES, shift);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(x, at + i).fma(a, b).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(x, at + bound, rest).fma(a, b).intoArray(out, to + bound, rest);
        }
    }

    /// `out[to + i] = (x[at + i] - centre) scale w[i] + b[i]`.
    static void affine(
            float[] out, int to, float[] x, int at, int count, float centre, float scale, float[] w, float[] b) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(x, at + i).sub(centre).mul(scale).fma(load(w, i), load(b, i)).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(x, at + bound, rest)
                    .sub(centre)
                    .mul(scale)
                    .fma(load(w, bound, rest), load(b, bound, rest))
                    .intoArray(out, to + bound, rest);
        }
    }

    /// `out[to + i] = x[at + i] scale w[i]`.
    static void weigh(float[] out, int to, float[] x, int at, int count, float scale, float[] w) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(x, at + i).mul(scale).mul(load(w, i)).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(x, at + bound, rest).mul(scale).mul(load(w, bound, rest)).intoArray(out, to + bound, rest);
        }
    }
}
