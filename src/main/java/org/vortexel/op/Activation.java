package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// The smooth and broken lines that networks bend numbers with, element by element, each with its derivative.
///
/// Sources: GELU: Hendrycks and Gimpel 2016, [arXiv:1606.08415](https://arxiv.org/abs/1606.08415); SiLU: Elfwing et al.
/// 2017, [arXiv:1702.03118](https://arxiv.org/abs/1702.03118).
///
/// @param kind which
public record Activation(Kind kind) implements Op {
    /// The functions.
    public enum Kind {
        /// `x / (1 + exp(-x))`, also called swish.
        SILU,
        /// `x Φ(x)`, Φ the normal distribution function.
        GELU,
        /// The common approximation of [#GELU] by a tanh.
        GELU_TANH,
        /// `max(x, 0)`.
        RELU,
        /// `1 / (1 + exp(-x))`.
        SIGMOID,
        /// The hyperbolic tangent.
        TANH,
        /// `log(1 + exp(x))`.
        SOFTPLUS
    }

    private static final Kernel SILU = Kernel.of(MethodHandles.lookup(), "silu");
    private static final Kernel GELU = Kernel.of(MethodHandles.lookup(), "gelu");
    private static final Kernel GELU_TANH = Kernel.of(MethodHandles.lookup(), "geluTanh");
    private static final Kernel RELU = Kernel.of(MethodHandles.lookup(), "relu");
    private static final Kernel SIGMOID = Kernel.of(MethodHandles.lookup(), "sigmoid");
    private static final Kernel TANH = Kernel.of(MethodHandles.lookup(), "hyperbolicTangent");
    private static final Kernel SOFTPLUS = Kernel.of(MethodHandles.lookup(), "softplus");

    @Override
    public String name() {
        return "Activation." + kind;
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        return List.of(in.getFirst());
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        Kernel kernel = switch (kind) {
            case SILU -> SILU;
            case GELU -> GELU;
            case GELU_TANH -> GELU_TANH;
            case RELU -> RELU;
            case SIGMOID -> SIGMOID;
            case TANH -> TANH;
            case SOFTPLUS -> SOFTPLUS;
        };
        to.launch(kernel, to.in(0).size(), to.out(0), to.in(0));
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(kind), at.in(0)));
    }

    /// `dx = dy f'(x)`: inputs `dy` and `x`.
    ///
    /// @param kind as in the forward op
    public record Gradient(Kind kind) implements Op {
        private static final Kernel SILU = Kernel.of(MethodHandles.lookup(), "siluGradient");
        private static final Kernel GELU = Kernel.of(MethodHandles.lookup(), "geluGradient");
        private static final Kernel GELU_TANH = Kernel.of(MethodHandles.lookup(), "geluTanhGradient");
        private static final Kernel RELU = Kernel.of(MethodHandles.lookup(), "reluGradient");
        private static final Kernel SIGMOID = Kernel.of(MethodHandles.lookup(), "sigmoidGradient");
        private static final Kernel TANH = Kernel.of(MethodHandles.lookup(), "tanhGradient");
        private static final Kernel SOFTPLUS = Kernel.of(MethodHandles.lookup(), "softplusGradient");

        @Override
        public String name() {
            return "Activation.Gradient." + kind;
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.getFirst());
        }

        @Override
        public int inPlace() {
            return 0;
        }

        @Override
        public void lower(Lowering to) {
            Kernel kernel = switch (kind) {
                case SILU -> SILU;
                case GELU -> GELU;
                case GELU_TANH -> GELU_TANH;
                case RELU -> RELU;
                case SIGMOID -> SIGMOID;
                case TANH -> TANH;
                case SOFTPLUS -> SOFTPLUS;
            };
            to.launch(kernel, to.in(0).size(), to.out(0), to.in(0), to.in(1));
        }

        /// `dx[i] = dy[i] f'(x[i])` of [Activation#silu]; a row is one element.
        public static void siluGradient(float[] dx, float[] dy, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = dy[begin + i] * siluSlope(x[begin + i]);
            }
        }

        /// `dx[i] = dy[i] f'(x[i])` of [Activation#gelu]; a row is one element.
        public static void geluGradient(float[] dx, float[] dy, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = dy[begin + i] * geluSlope(x[begin + i]);
            }
        }

        /// `dx[i] = dy[i] f'(x[i])` of [Activation#geluTanh]; a row is one element.
        public static void geluTanhGradient(float[] dx, float[] dy, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = dy[begin + i] * geluTanhSlope(x[begin + i]);
            }
        }

        /// `dx[i] = dy[i] f'(x[i])` of [Activation#relu]; a row is one element.
        public static void reluGradient(float[] dx, float[] dy, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = dy[begin + i] * reluSlope(x[begin + i]);
            }
        }

        /// `dx[i] = dy[i] f'(x[i])` of [Activation#sigmoid]; a row is one element.
        public static void sigmoidGradient(float[] dx, float[] dy, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = dy[begin + i] * sigmoidSlope(x[begin + i]);
            }
        }

        /// `dx[i] = dy[i] f'(x[i])` of [Activation#hyperbolicTangent]; a row is one element.
        public static void tanhGradient(float[] dx, float[] dy, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = dy[begin + i] * tanhSlope(x[begin + i]);
            }
        }

        /// `dx[i] = dy[i] f'(x[i])` of [Activation#softplus]; a row is one element.
        public static void softplusGradient(float[] dx, float[] dy, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = dy[begin + i] * softplusSlope(x[begin + i]);
            }
        }
    }

    /// `out[i]` is [Kind#SILU] of `x[i]`; a row is one element.
    public static void silu(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = siluOf(x[begin + i]);
        }
    }

    private static float siluOf(float v) {
        return v * sigmoidOf(v);
    }

    private static float siluSlope(float v) {
        float s = sigmoidOf(v);
        return s * (1 + v * (1 - s));
    }

    /// `out[i]` is [Kind#GELU] of `x[i]`; a row is one element.
    public static void gelu(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = geluOf(x[begin + i]);
        }
    }

    private static float geluOf(float v) {
        return v * normalCdf(v);
    }

    private static float geluSlope(float v) {
        return normalCdf(v) + v * INV_SQRT_2PI * (float) Math.exp(-0.5f * v * v);
    }

    /// `out[i]` is [Kind#GELU_TANH] of `x[i]`; a row is one element.
    public static void geluTanh(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = geluTanhOf(x[begin + i]);
        }
    }

    private static float geluTanhOf(float v) {
        return v * sigmoidOf(GELU_SLOPE * (v + GELU_CUBIC * v * v * v));
    }

    private static float geluTanhSlope(float v) {
        float s = sigmoidOf(GELU_SLOPE * (v + GELU_CUBIC * v * v * v));
        return s + v * s * (1 - s) * GELU_SLOPE * (1 + 3 * GELU_CUBIC * v * v);
    }

    /// `out[i]` is [Kind#RELU] of `x[i]`; a row is one element.
    public static void relu(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = reluOf(x[begin + i]);
        }
    }

    private static float reluOf(float v) {
        return Math.max(v, 0);
    }

    private static float reluSlope(float v) {
        return v > 0 ? 1 : 0;
    }

    /// `out[i]` is [Kind#SIGMOID] of `x[i]`; a row is one element.
    public static void sigmoid(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = sigmoidOf(x[begin + i]);
        }
    }

    private static float sigmoidOf(float v) {
        return 1 / (1 + (float) Math.exp(-v));
    }

    private static float sigmoidSlope(float v) {
        float e = (float) Math.exp(-Math.abs(v));
        return e / ((1 + e) * (1 + e));
    }

    /// `out[i]` is [Kind#TANH] of `x[i]`; a row is one element.
    public static void hyperbolicTangent(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = tanhOf(x[begin + i]);
        }
    }

    private static float tanhOf(float v) {
        return (float) Math.tanh(v);
    }

    private static float tanhSlope(float v) {
        float t = (float) Math.tanh(v);
        return 1 - t * t;
    }

    /// `out[i]` is [Kind#SOFTPLUS] of `x[i]`; a row is one element.
    public static void softplus(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = softplusOf(x[begin + i]);
        }
    }

    private static float softplusOf(float v) {
        return Math.max(v, 0) + (float) Math.log(1 + Math.exp(-Math.abs(v)));
    }

    private static float softplusSlope(float v) {
        return sigmoidOf(v);
    }

    private static final float INV_SQRT_2PI = 0.39894228f;
    private static final float GELU_SLOPE = 1.5957691f; // 2 sqrt(2 / pi); v sigmoid(2 u) = v (1 + tanh(u)) / 2
    private static final float GELU_CUBIC = 0.044715f;

    /// The normal distribution function. Below 0 it is `exp(-v² / 2) t P(t)` with `t = 1 / (1 + 0.3 |v|)`; the
    /// polynomial
    /// is a minimax fit of relative error 4e-9, so that what remains is the rounding of floats.
    private static float normalCdf(float v) {
        float t = 1 / (1 + 0.3f * Math.abs(v));
        float p = -0.020612946f;
        p = p * t + 0.112376414f;
        p = p * t - 0.228069022f;
        p = p * t + 0.191583708f;
        p = p * t - 0.079249017f;
        p = p * t + 0.096058726f;
        p = p * t + 0.078425266f;
        p = p * t + 0.110227391f;
        p = p * t + 0.119572833f;
        p = p * t + 0.119686633f;
        float tail = p * t * (float) Math.exp(-0.5f * v * v);
        return v > 0 ? 1 - tail : tail;
    }
}
