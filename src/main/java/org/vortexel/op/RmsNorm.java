package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Divides every token by its root mean square, then multiplies by a learnt weight if one is given.
///
/// `xhat[t] = x[t] / sqrt(mean(x[t]²) + eps)`, `out[t] = xhat[t] w`
///
/// | tensor | shape                  |
/// |--------|------------------------|
/// | `x`    | (…, D)                 |
/// | `w`    | (D), may be left out   |
/// | `out`  | (…, D)                 |
///
/// Gradient, with `g = dout w`: `dx[t] = (g[t] - xhat[t] mean(g[t] xhat[t])) / sqrt(mean(x[t]²) + eps)`,
/// `dw = sum of dout xhat over tokens`.
///
/// Source: Zhang and Sennrich 2019, [arXiv:1910.07467](https://arxiv.org/abs/1910.07467), eq. 4.
///
/// @param eps keeps the root away from zero
public record RmsNorm(float eps) implements Op {
    private static final Kernel PLAIN = Kernel.of(MethodHandles.lookup(), "rmsNorm");
    private static final Kernel WEIGHTED = Kernel.of(MethodHandles.lookup(), "rmsNormWeighted");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (x.rank() < 1 || x.dim(-1) == 0) {
            throw new IllegalArgumentException("RmsNorm expected x (…, D) but got " + x);
        }
        if (in.size() > 1 && !in.get(1).equals(Shape.of(x.dim(-1)))) {
            throw new IllegalArgumentException(
                    "RmsNorm of x " + x + " expected weight (" + x.dim(-1) + ") but got " + in.get(1));
        }
        return List.of(x);
    }

    @Override
    public void lower(Lowering to) {
        int width = to.in(0).dim(-1);
        int tokens = to.in(0).size() / width;
        if (to.inputs() > 1) {
            to.launch(WEIGHTED, tokens, to.out(0), to.in(0), to.in(1), width, eps);
        } else {
            to.launch(PLAIN, tokens, to.out(0), to.in(0), width, eps);
        }
    }

    @Override
    public void gradient(Backward at) {
        Tensor x = at.in(0);
        Tensor g = at.grad(0);
        boolean weighted = at.inputs() > 1;
        if (at.wants(0)) {
            at.give(0, (weighted ? g.mul(at.in(1)) : g).apply(new Gradient(eps), x));
        }
        if (weighted && at.wants(1)) {
            at.give(1, g.mul(x.rmsNorm(eps)).sumTo(at.in(1).shape()));
        }
    }

    /// The gradient of an RMS norm without weight: inputs `dy` and `x`, both (…, D).
    ///
    /// @param eps as in the forward op
    public record Gradient(float eps) implements Op {
        private static final Kernel BACKWARD = Kernel.of(MethodHandles.lookup(), "rmsNormGradient");

        @Override
        public String name() {
            return "RmsNorm.Gradient";
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
            int width = to.in(0).dim(-1);
            to.launch(BACKWARD, to.in(0).size() / width, to.out(0), to.in(0), to.in(1), width, eps);
        }

        /// `dx` (T, D) of an RMS norm, written and possibly `dy`; `dy` and `x` (T, D) are read; a row is a
        /// token.
        public static void rmsNormGradient(
                float[] dx, float[] dy, float[] x, int width, float eps, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                gradientRow(dx, dy, x, (begin + i) * width, width, eps);
            }
        }

        private static void gradientRow(float[] dx, float[] dy, float[] x, int start, int width, float eps) {
            float scale = Moments.inverseRoot(Moments.square(x, start, width, 0), eps);
            float slope = Moments.product(dy, x, start, width, 0) * scale;
            for (int j = start; j < start + width; j++) {
                dx[j] = (dy[j] - x[j] * scale * slope) * scale;
            }
        }
    }

    /// `out[t] = x[t] / sqrt(mean(x[t]²) + eps)`: `out` (T, D) written, `x` (T, D) read; a row is a token.
    public static void rmsNorm(float[] out, float[] x, int width, float eps, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            rmsNormRow(out, x, (begin + i) * width, width, eps);
        }
    }

    private static void rmsNormRow(float[] out, float[] x, int start, int width, float eps) {
        float scale = Moments.inverseRoot(Moments.square(x, start, width, 0), eps);
        for (int j = start; j < start + width; j++) {
            out[j] = x[j] * scale;
        }
    }

    /// `out[t] = x[t] / sqrt(mean(x[t]²) + eps) * w`; as [#rmsNorm], with `w` (D) read.
    public static void rmsNormWeighted(float[] out, float[] x, float[] w, int width, float eps, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            weightedRow(out, x, w, (begin + i) * width, width, eps);
        }
    }

    private static void weightedRow(float[] out, float[] x, float[] w, int start, int width, float eps) {
        float scale = Moments.inverseRoot(Moments.square(x, start, width, 0), eps);
        for (int j = 0; j < width; j++) {
            out[start + j] = x[start + j] * scale * w[j];
        }
    }
}
