package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// [Activation] functions and their derivatives over runs of elements.
///
/// Every element is computed by the same vector instructions wherever it stands, so that cutting a run in two does not
/// change a bit.
public final class Activations {
    private Activations() {}

    /// `out[i] = f(x[i])` for `count` elements from `outOffset` and `xOffset`; `out` may be `x` at the same place.
    public static void forward(Activation f, float[] out, int outOffset, float[] x, int xOffset, int count) {
        switch (f) {
            case NONE -> System.arraycopy(x, xOffset, out, outOffset, count);
            case RELU -> relu(out, outOffset, x, xOffset, count);
            case SILU -> silu(out, outOffset, x, xOffset, count);
            case GELU_TANH -> geluTanh(out, outOffset, x, xOffset, count);
            case GELU_ERF -> geluErf(out, outOffset, x, xOffset, count);
            case TANH -> tanh(out, outOffset, x, xOffset, count);
            case SIGMOID -> sigmoid(out, outOffset, x, xOffset, count);
            case EXP -> exp(out, outOffset, x, xOffset, count);
        }
    }

    /// `dx[i] = dy[i] f'(x[i])`, with `x` the input of the forward function; added to `dx` if `accumulate`.
    ///
    /// `dx` may be `dy` at the same place unless it accumulates.
    public static void backward(
            Activation f,
            float[] dx,
            int dxOffset,
            float[] dy,
            int dyOffset,
            float[] x,
            int xOffset,
            int count,
            boolean accumulate) {
        switch (f) {
            case NONE -> copy(dx, dxOffset, dy, dyOffset, count, accumulate);
            case RELU -> reluBackward(dx, dxOffset, dy, dyOffset, x, xOffset, count, accumulate);
            case SILU -> siluBackward(dx, dxOffset, dy, dyOffset, x, xOffset, count, accumulate);
            case GELU_TANH -> geluTanhBackward(dx, dxOffset, dy, dyOffset, x, xOffset, count, accumulate);
            case GELU_ERF -> geluErfBackward(dx, dxOffset, dy, dyOffset, x, xOffset, count, accumulate);
            case TANH -> tanhBackward(dx, dxOffset, dy, dyOffset, x, xOffset, count, accumulate);
            case SIGMOID -> sigmoidBackward(dx, dxOffset, dy, dyOffset, x, xOffset, count, accumulate);
            case EXP -> expBackward(dx, dxOffset, dy, dyOffset, x, xOffset, count, accumulate);
        }
    }

    private static void relu(float[] out, int to, float[] x, int from, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, from + i);
            v.max(0f).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, from + bound, rest);
            v.max(0f).intoArray(out, to + bound, rest);
        }
    }

    private static void silu(float[] out, int to, float[] x, int from, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.silu(v).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, from + bound, rest);
            VectorMath.silu(v).intoArray(out, to + bound, rest);
        }
    }

    private static void geluTanh(float[] out, int to, float[] x, int from, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.geluTanh(v).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, from + bound, rest);
            VectorMath.geluTanh(v).intoArray(out, to + bound, rest);
        }
    }

    private static void geluErf(float[] out, int to, float[] x, int from, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.geluErf(v).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, from + bound, rest);
            VectorMath.geluErf(v).intoArray(out, to + bound, rest);
        }
    }

    private static void tanh(float[] out, int to, float[] x, int from, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.tanh(v).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, from + bound, rest);
            VectorMath.tanh(v).intoArray(out, to + bound, rest);
        }
    }

    private static void sigmoid(float[] out, int to, float[] x, int from, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.sigmoid(v).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, from + bound, rest);
            VectorMath.sigmoid(v).intoArray(out, to + bound, rest);
        }
    }

    private static void exp(float[] out, int to, float[] x, int from, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.exp(v).intoArray(out, to + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, from + bound, rest);
            VectorMath.exp(v).intoArray(out, to + bound, rest);
        }
    }

    private static void copy(float[] dx, int to, float[] dy, int from, int count, boolean accumulate) {
        if (accumulate) {
            Elementwise.add(dx, to, dy, from, count);
        } else {
            System.arraycopy(dy, from, dx, to, count);
        }
    }

    private static void reluBackward(
            float[] dx, int to, float[] dy, int from, float[] x, int at, int count, boolean accumulate) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            FloatVector g = d.blend(0f, v.compare(VectorOperators.LE, 0f));
            store(g, dx, to + i, accumulate);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, at + bound, rest);
            FloatVector d = load(dy, from + bound, rest);
            FloatVector g = d.blend(0f, v.compare(VectorOperators.LE, 0f));
            store(g, dx, to + bound, rest, accumulate);
        }
    }

    private static void siluBackward(
            float[] dx, int to, float[] dy, int from, float[] x, int at, int count, boolean accumulate) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            FloatVector g = d.mul(VectorMath.siluGradient(v));
            store(g, dx, to + i, accumulate);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, at + bound, rest);
            FloatVector d = load(dy, from + bound, rest);
            FloatVector g = d.mul(VectorMath.siluGradient(v));
            store(g, dx, to + bound, rest, accumulate);
        }
    }

    private static void geluTanhBackward(
            float[] dx, int to, float[] dy, int from, float[] x, int at, int count, boolean accumulate) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            FloatVector g = d.mul(VectorMath.geluTanhGradient(v));
            store(g, dx, to + i, accumulate);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, at + bound, rest);
            FloatVector d = load(dy, from + bound, rest);
            FloatVector g = d.mul(VectorMath.geluTanhGradient(v));
            store(g, dx, to + bound, rest, accumulate);
        }
    }

    private static void geluErfBackward(
            float[] dx, int to, float[] dy, int from, float[] x, int at, int count, boolean accumulate) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            FloatVector g = d.mul(VectorMath.geluErfGradient(v));
            store(g, dx, to + i, accumulate);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, at + bound, rest);
            FloatVector d = load(dy, from + bound, rest);
            FloatVector g = d.mul(VectorMath.geluErfGradient(v));
            store(g, dx, to + bound, rest, accumulate);
        }
    }

    private static void tanhBackward(
            float[] dx, int to, float[] dy, int from, float[] x, int at, int count, boolean accumulate) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            FloatVector g = d.mul(VectorMath.tanhGradient(v));
            store(g, dx, to + i, accumulate);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, at + bound, rest);
            FloatVector d = load(dy, from + bound, rest);
            FloatVector g = d.mul(VectorMath.tanhGradient(v));
            store(g, dx, to + bound, rest, accumulate);
        }
    }

    private static void sigmoidBackward(
            float[] dx, int to, float[] dy, int from, float[] x, int at, int count, boolean accumulate) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            FloatVector g = d.mul(VectorMath.sigmoidGradient(v));
            store(g, dx, to + i, accumulate);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, at + bound, rest);
            FloatVector d = load(dy, from + bound, rest);
            FloatVector g = d.mul(VectorMath.sigmoidGradient(v));
            store(g, dx, to + bound, rest, accumulate);
        }
    }

    private static void expBackward(
            float[] dx, int to, float[] dy, int from, float[] x, int at, int count, boolean accumulate) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            FloatVector g = d.mul(VectorMath.exp(v));
            store(g, dx, to + i, accumulate);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector v = load(x, at + bound, rest);
            FloatVector d = load(dy, from + bound, rest);
            FloatVector g = d.mul(VectorMath.exp(v));
            store(g, dx, to + bound, rest, accumulate);
        }
    }

    private static void store(FloatVector g, float[] dx, int at, boolean accumulate) {
        if (accumulate) {
            g.add(load(dx, at)).intoArray(dx, at);
        } else {
            g.intoArray(dx, at);
        }
    }

    private static void store(FloatVector g, float[] dx, int at, VectorMask<Float> rest, boolean accumulate) {
        if (accumulate) {
            g.add(load(dx, at, rest)).intoArray(dx, at, rest);
        } else {
            g.intoArray(dx, at, rest);
        }
    }
}
