package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Sums and maxima over one run of an array. Terms are added in four vectors side by side, then pairwise, an order that
/// depends on the length alone.
final class Rows {
    private Rows() {}

    /// The sum of `x[at … at + count - 1]`.
    static float sum(float[] x, int at, int count) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= count - 4 * LANES; i += 4 * LANES) {
            s0 = s0.add(load(x, at + i));
            s1 = s1.add(load(x, at + i + LANES));
            s2 = s2.add(load(x, at + i + 2 * LANES));
            s3 = s3.add(load(x, at + i + 3 * LANES));
        }
        for (; i <= count - LANES; i += LANES) {
            s0 = s0.add(load(x, at + i));
        }
        if (i < count) {
            s1 = s1.add(load(x, at + i, tail(count)));
        }
        return VectorMath.sum(s0.add(s1).add(s2.add(s3)));
    }

    /// The sum of `(x[at + i] - centre)²`.
    static float squares(float[] x, int at, int count, float centre) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= count - 4 * LANES; i += 4 * LANES) {
            FloatVector d0 = load(x, at + i).sub(centre);
            FloatVector d1 = load(x, at + i + LANES).sub(centre);
            FloatVector d2 = load(x, at + i + 2 * LANES).sub(centre);
            FloatVector d3 = load(x, at + i + 3 * LANES).sub(centre);
            s0 = d0.fma(d0, s0);
            s1 = d1.fma(d1, s1);
            s2 = d2.fma(d2, s2);
            s3 = d3.fma(d3, s3);
        }
        for (; i <= count - LANES; i += LANES) {
            FloatVector d = load(x, at + i).sub(centre);
            s0 = d.fma(d, s0);
        }
        if (i < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector d = load(x, at + i, rest).sub(centre, rest);
            s1 = d.fma(d, s1);
        }
        return VectorMath.sum(s0.add(s1).add(s2.add(s3)));
    }

    /// The sum of `g[from + i] (x[at + i] - centre)`.
    static float products(float[] g, int from, float[] x, int at, int count, float centre) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= count - 4 * LANES; i += 4 * LANES) {
            s0 = load(g, from + i).fma(load(x, at + i).sub(centre), s0);
            s1 = load(g, from + i + LANES).fma(load(x, at + i + LANES).sub(centre), s1);
            s2 = load(g, from + i + 2 * LANES).fma(load(x, at + i + 2 * LANES).sub(centre), s2);
            s3 = load(g, from + i + 3 * LANES).fma(load(x, at + i + 3 * LANES).sub(centre), s3);
        }
        for (; i <= count - LANES; i += LANES) {
            s0 = load(g, from + i).fma(load(x, at + i).sub(centre), s0);
        }
        if (i < count) {
            VectorMask<Float> rest = tail(count);
            s1 = load(g, from + i, rest).fma(load(x, at + i, rest).sub(centre), s1);
        }
        return VectorMath.sum(s0.add(s1).add(s2.add(s3)));
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
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            FloatVector e0 = VectorMath.expOfNegative(load(x, at + i).sub(shift));
            FloatVector e1 = VectorMath.expOfNegative(load(x, at + i + LANES).sub(shift));
            e0.intoArray(out, to + i);
            e1.intoArray(out, to + i + LANES);
            s0 = s0.add(e0);
            s1 = s1.add(e1);
        }
        for (; i <= count - LANES; i += LANES) {
            FloatVector e = VectorMath.expOfNegative(load(x, at + i).sub(shift));
            e.intoArray(out, to + i);
            s0 = s0.add(e);
        }
        if (i < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector e = VectorMath.expOfNegative(load(x, at + i, rest).sub(shift));
            e.intoArray(out, to + i, rest);
            s1 = s1.add(e, rest);
        }
        return VectorMath.sum(s0.add(s1));
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

    /// `out[to + i] = g[from + i] a + x[at + i] b + c`.
    static void combine(
            float[] out, int to, float[] g, int from, float a, float[] x, int at, float b, float c, int count) {
        FloatVector va = FloatVector.broadcast(SPECIES, a);
        FloatVector vb = FloatVector.broadcast(SPECIES, b);
        FloatVector vc = FloatVector.broadcast(SPECIES, c);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(g, from + i).fma(va, load(x, at + i).fma(vb, vc)).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(g, from + bound, rest)
                    .fma(va, load(x, at + bound, rest).fma(vb, vc))
                    .intoArray(out, to + bound, rest);
        }
    }
}
