package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Twins of the kernels of `Arithmetic`, `AdamW`, `Clamp` and `Unary.EXP`: same names, same parameters,
/// see there.
///
/// The plain kernels of `Arithmetic` have a stride in their innermost loop, which the compiler does not
/// vectorise. Here that stride is 0 or 1, as it is for every broadcast: a run of one operand, or one
/// number of it.
final class VectorArithmetic {
    private VectorArithmetic() {}

    static void add(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (int row = begin; row < begin + count; row++) {
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    if (d3 == 1) {
                        out[o] = a[p] + b[q];
                    } else if (a3 == 1 && b3 == 1) {
                        add(out, o, a, p, b, q, d3);
                    } else if (a3 == 1) {
                        add(out, o, a, p, b[q], d3);
                    } else {
                        add(out, o, a[p], b, q, d3);
                    }
                }
            }
        }
    }

    private static void add(float[] out, int o, float[] a, int p, float[] b, int q, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).add(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).add(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    private static void add(float[] out, int o, float[] a, int p, float b, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).add(b).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).add(b).intoArray(out, o + bound, rest);
        }
    }

    private static void add(float[] out, int o, float a, float[] b, int q, int count) {
        FloatVector left = FloatVector.broadcast(SPECIES, a);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            left.add(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            left.add(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    static void sub(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (int row = begin; row < begin + count; row++) {
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    if (d3 == 1) {
                        out[o] = a[p] - b[q];
                    } else if (a3 == 1 && b3 == 1) {
                        sub(out, o, a, p, b, q, d3);
                    } else if (a3 == 1) {
                        sub(out, o, a, p, b[q], d3);
                    } else {
                        sub(out, o, a[p], b, q, d3);
                    }
                }
            }
        }
    }

    private static void sub(float[] out, int o, float[] a, int p, float[] b, int q, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).sub(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).sub(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    private static void sub(float[] out, int o, float[] a, int p, float b, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).sub(b).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).sub(b).intoArray(out, o + bound, rest);
        }
    }

    private static void sub(float[] out, int o, float a, float[] b, int q, int count) {
        FloatVector left = FloatVector.broadcast(SPECIES, a);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            left.sub(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            left.sub(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    static void mul(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (int row = begin; row < begin + count; row++) {
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    if (d3 == 1) {
                        out[o] = a[p] * b[q];
                    } else if (a3 == 1 && b3 == 1) {
                        mul(out, o, a, p, b, q, d3);
                    } else if (a3 == 1) {
                        mul(out, o, a, p, b[q], d3);
                    } else {
                        mul(out, o, a[p], b, q, d3);
                    }
                }
            }
        }
    }

    private static void mul(float[] out, int o, float[] a, int p, float[] b, int q, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).mul(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).mul(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    private static void mul(float[] out, int o, float[] a, int p, float b, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).mul(b).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).mul(b).intoArray(out, o + bound, rest);
        }
    }

    private static void mul(float[] out, int o, float a, float[] b, int q, int count) {
        FloatVector left = FloatVector.broadcast(SPECIES, a);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            left.mul(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            left.mul(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    static void divide(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (int row = begin; row < begin + count; row++) {
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    if (d3 == 1) {
                        out[o] = a[p] / b[q];
                    } else if (a3 == 1 && b3 == 1) {
                        div(out, o, a, p, b, q, d3);
                    } else if (a3 == 1) {
                        div(out, o, a, p, b[q], d3);
                    } else {
                        div(out, o, a[p], b, q, d3);
                    }
                }
            }
        }
    }

    private static void div(float[] out, int o, float[] a, int p, float[] b, int q, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).div(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).div(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    private static void div(float[] out, int o, float[] a, int p, float b, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(a, p + i).div(b).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(a, p + bound, rest).div(b).intoArray(out, o + bound, rest);
        }
    }

    private static void div(float[] out, int o, float a, float[] b, int q, int count) {
        FloatVector left = FloatVector.broadcast(SPECIES, a);
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            left.div(load(b, q + i)).intoArray(out, o + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            left.div(load(b, q + bound, rest)).intoArray(out, o + bound, rest);
        }
    }

    static void exponential(float[] out, float[] x, int begin, int count) {
        Activations.forward(Activation.EXP, out, begin, x, begin, count);
    }

    static void adamW(
            float[] p,
            float[] m,
            float[] v,
            float[] gradient,
            float[] numbers,
            float[] clip,
            float decay,
            int begin,
            int count) {
        if (!(clip[0] >= 0)) {
            return;
        }
        int bound = SPECIES.loopBound(count);
        for (int i = begin; i < begin + bound; i += LANES) {
            FloatVector first = first(load(m, i), load(gradient, i), numbers, clip[0]);
            FloatVector second = second(load(v, i), load(gradient, i), numbers, clip[0]);
            first.intoArray(m, i);
            second.intoArray(v, i);
            moved(load(p, i), first, second, numbers, decay).intoArray(p, i);
        }
        if (bound < count) {
            int i = begin + bound;
            VectorMask<Float> rest = tail(count);
            FloatVector first = first(load(m, i, rest), load(gradient, i, rest), numbers, clip[0]);
            FloatVector second = second(load(v, i, rest), load(gradient, i, rest), numbers, clip[0]);
            first.intoArray(m, i, rest);
            second.intoArray(v, i, rest);
            moved(load(p, i, rest), first, second, numbers, decay).intoArray(p, i, rest);
        }
    }

    static void adamWAveraging(
            float[] p,
            float[] m,
            float[] v,
            float[] average,
            float[] gradient,
            float[] numbers,
            float[] clip,
            float decay,
            int begin,
            int count) {
        adamW(p, m, v, gradient, numbers, clip, decay, begin, count);
        for (int k = begin; k < begin + count; k++) {
            average[k] += numbers[7] * (p[k] - average[k]);
        }
    }

    private static FloatVector first(FloatVector m, FloatVector gradient, float[] numbers, float clip) {
        return gradient.mul(clip).sub(m).mul(numbers[1]).add(m);
    }

    private static FloatVector second(FloatVector v, FloatVector gradient, float[] numbers, float clip) {
        FloatVector g = gradient.mul(clip);
        return v.mul(numbers[2]).add(g.mul(numbers[3]).mul(g));
    }

    private static FloatVector moved(
            FloatVector p, FloatVector first, FloatVector second, float[] numbers, float decay) {
        FloatVector root = second.sqrt().mul(numbers[5]).add(numbers[6]);
        return p.sub(p.mul(decay * numbers[0])).sub(first.mul(numbers[4]).div(root));
    }

    static void limit(float[] out, float[] x, float min, float max, int begin, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = begin; i < begin + bound; i += LANES) {
            load(x, i).max(min).min(max).intoArray(out, i);
        }
        for (int i = begin + bound; i < begin + count; i++) {
            out[i] = Math.min(Math.max(x[i], min), max);
        }
    }

    static void clampGradient(float[] dx, float[] dy, float[] x, float min, float max, int begin, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = begin; i < begin + bound; i += LANES) {
            FloatVector v = load(x, i);
            VectorMask<Float> outside = v.compare(VectorOperators.LT, min).or(v.compare(VectorOperators.GT, max));
            load(dy, i).blend(0f, outside).intoArray(dx, i);
        }
        for (int i = begin + bound; i < begin + count; i++) {
            dx[i] = x[i] < min || x[i] > max ? 0 : dy[i];
        }
    }
}
