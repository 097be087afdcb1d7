package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// [Activation] functions and their derivatives over runs of elements.
///
/// Every element is computed by the same vector instructions wherever it stands, so that cutting a run in two does not
/// change a bit. The elements that do not fill a vector take a detour over a padded one: a second copy of a function's
/// body in a loop's tail can be more than the compiler is willing to inline, and what it does not inline is ten times
/// slower.
public final class Activations {
    private Activations() {}

    /// `out[i] = f(x[i])` for `count` elements from `outOffset` and `xOffset`; `out` may be `x` at the same place.
    public static void forward(Activation f, float[] out, int outOffset, float[] x, int xOffset, int count) {
        int bound = SPECIES.loopBound(count);
        vectors(f, out, outOffset, x, xOffset, bound);
        if (bound < count) {
            float[] pad = Scratch.ofThread().pad();
            System.arraycopy(x, xOffset + bound, pad, 0, count - bound);
            vectors(f, pad, 0, pad, 0, LANES);
            System.arraycopy(pad, 0, out, outOffset + bound, count - bound);
        }
    }

    private static void vectors(Activation f, float[] out, int to, float[] x, int from, int count) {
        switch (f) {
            case NONE -> System.arraycopy(x, from, out, to, count);
            case RELU -> relu(out, to, x, from, count);
            case SILU -> silu(out, to, x, from, count);
            case GELU_TANH -> geluTanh(out, to, x, from, count);
            case GELU_ERF -> geluErf(out, to, x, from, count);
            case TANH -> tanh(out, to, x, from, count);
            case SIGMOID -> sigmoid(out, to, x, from, count);
            case EXP -> exp(out, to, x, from, count);
        }
    }

    /// `dx[i] = dy[i] f'(x[i])`, with `x` the input of the forward function; `dx` may be `dy` at the same place.
    public static void backward(
            Activation f, float[] dx, int dxOffset, float[] dy, int dyOffset, float[] x, int xOffset, int count) {
        int bound = SPECIES.loopBound(count);
        vectorsBackward(f, dx, dxOffset, dy, dyOffset, x, xOffset, bound);
        if (bound < count) {
            float[] pad = Scratch.ofThread().pad();
            System.arraycopy(dy, dyOffset + bound, pad, 0, count - bound);
            System.arraycopy(x, xOffset + bound, pad, LANES, count - bound);
            vectorsBackward(f, pad, 0, pad, 0, pad, LANES, LANES);
            System.arraycopy(pad, 0, dx, dxOffset + bound, count - bound);
        }
    }

    private static void vectorsBackward(
            Activation f, float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        switch (f) {
            case NONE -> System.arraycopy(dy, from, dx, to, count);
            case RELU -> reluBackward(dx, to, dy, from, x, at, count);
            case SILU -> siluBackward(dx, to, dy, from, x, at, count);
            case GELU_TANH -> geluTanhBackward(dx, to, dy, from, x, at, count);
            case GELU_ERF -> geluErfBackward(dx, to, dy, from, x, at, count);
            case TANH -> tanhBackward(dx, to, dy, from, x, at, count);
            case SIGMOID -> sigmoidBackward(dx, to, dy, from, x, at, count);
            case EXP -> expBackward(dx, to, dy, from, x, at, count);
        }
    }

    private static void relu(float[] out, int to, float[] x, int from, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, from + i);
            v.max(0f).intoArray(out, to + i);
        }
    }

    private static void silu(float[] out, int to, float[] x, int from, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.silu(v).intoArray(out, to + i);
        }
    }

    private static void geluTanh(float[] out, int to, float[] x, int from, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.geluTanh(v).intoArray(out, to + i);
        }
    }

    private static void geluErf(float[] out, int to, float[] x, int from, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.geluErf(v).intoArray(out, to + i);
        }
    }

    private static void tanh(float[] out, int to, float[] x, int from, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.tanh(v).intoArray(out, to + i);
        }
    }

    private static void sigmoid(float[] out, int to, float[] x, int from, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.sigmoid(v).intoArray(out, to + i);
        }
    }

    private static void exp(float[] out, int to, float[] x, int from, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, from + i);
            VectorMath.exp(v).intoArray(out, to + i);
        }
    }

    private static void reluBackward(float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            d.blend(0f, v.compare(VectorOperators.LE, 0f)).intoArray(dx, to + i);
        }
    }

    private static void siluBackward(float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            d.mul(VectorMath.siluGradient(v)).intoArray(dx, to + i);
        }
    }

    private static void geluTanhBackward(float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            d.mul(VectorMath.geluTanhGradient(v)).intoArray(dx, to + i);
        }
    }

    private static void geluErfBackward(float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            d.mul(VectorMath.geluErfGradient(v)).intoArray(dx, to + i);
        }
    }

    private static void tanhBackward(float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            d.mul(VectorMath.tanhGradient(v)).intoArray(dx, to + i);
        }
    }

    private static void sigmoidBackward(float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            d.mul(VectorMath.sigmoidGradient(v)).intoArray(dx, to + i);
        }
    }

    private static void expBackward(float[] dx, int to, float[] dy, int from, float[] x, int at, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(x, at + i);
            FloatVector d = load(dy, from + i);
            d.mul(VectorMath.exp(v)).intoArray(dx, to + i);
        }
    }
}
