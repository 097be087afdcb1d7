package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Normalises every token to zero mean and unit variance, then, if they are given, multiplies by a learnt weight and
/// adds a learnt bias (adaLN supplies its own instead).
///
/// `xhat[t] = (x[t] - mean(x[t])) / sqrt(var(x[t]) + eps)`, `out[t] = xhat[t] w + b`
///
/// | tensor   | shape                           |
/// |----------|---------------------------------|
/// | `x`      | (…, D)                          |
/// | `w`, `b` | (D), both or neither            |
/// | `out`    | (…, D)                          |
///
/// Gradient, with `g = dout w`: `dx[t] = (g[t] - mean(g[t]) - xhat[t] mean(g[t] xhat[t])) / sqrt(var(x[t]) + eps)`,
/// `dw = sum of dout xhat over tokens`, `db = sum of dout over tokens`.
///
/// Source: Ba et al. 2016, [arXiv:1607.06450](https://arxiv.org/abs/1607.06450), eq. 3.
///
/// @param eps keeps the root away from zero
public record LayerNorm(float eps) implements Op {
    private static final Kernel PLAIN = Kernel.of(MethodHandles.lookup(), "layerNorm");
    private static final Kernel AFFINE = Kernel.of(MethodHandles.lookup(), "layerNormAffine");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (x.rank() < 1 || x.dim(-1) == 0) {
            throw new IllegalArgumentException("LayerNorm expected x (…, D) but got " + x);
        }
        Shape width = Shape.of(x.dim(-1));
        for (Shape parameter : in.subList(1, in.size())) {
            if (!parameter.equals(width)) {
                throw new IllegalArgumentException(
                        "LayerNorm of x " + x + " expected weight and bias " + width + " but got " + parameter);
            }
        }
        return List.of(x);
    }

    @Override
    public void lower(Lowering to) {
        int width = to.in(0).dim(-1);
        int tokens = to.in(0).size() / width;
        if (to.inputs() > 1) {
            to.launch(AFFINE, tokens, to.out(0), to.in(0), to.in(1), to.in(2), width, eps);
        } else {
            to.launch(PLAIN, tokens, to.out(0), to.in(0), width, eps);
        }
    }

    @Override
    public void gradient(Backward at) {
        Tensor x = at.in(0);
        Tensor g = at.grad(0);
        boolean affine = at.inputs() > 1;
        if (at.wants(0)) {
            at.give(0, (affine ? g.mul(at.in(1)) : g).apply(new Gradient(eps), x));
        }
        if (affine && at.wants(1)) {
            at.give(1, g.mul(x.layerNorm(eps)).sumTo(at.in(1).shape()));
        }
        if (affine && at.wants(2)) {
            at.give(2, g.sumTo(at.in(2).shape()));
        }
    }

    /// The gradient of a layer norm without weight and bias: inputs `dy` and `x`, both (…, D).
    ///
    /// @param eps as in the forward op
    public record Gradient(float eps) implements Op {
        private static final Kernel BACKWARD = Kernel.of(MethodHandles.lookup(), "layerNormGradient");

        @Override
        public String name() {
            return "LayerNorm.Gradient";
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

        /// `dx` of a layer norm.
        ///
        /// | argument | shape  |                                     |
        /// |----------|--------|-------------------------------------|
        /// | `dx`     | (T, D) | written; may be `dy`                |
        /// | `dy`, `x`| (T, D) | read; rows `begin … begin + count - 1` are done |
        public static void layerNormGradient(
                float[] dx, float[] dy, float[] x, int width, float eps, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                gradientRow(dx, dy, x, (begin + i) * width, width, eps);
            }
        }

        private static void gradientRow(float[] dx, float[] dy, float[] x, int start, int width, float eps) {
            float mean = Moments.mean(x, start, width);
            float scale = Moments.inverseRoot(Moments.square(x, start, width, mean), eps);
            float meanDy = Moments.mean(dy, start, width);
            float slope = Moments.product(dy, x, start, width, mean) * scale;
            for (int j = start; j < start + width; j++) {
                dx[j] = (dy[j] - meanDy - (x[j] - mean) * scale * slope) * scale;
            }
        }
    }

    /// `out[t] = (x[t] - mean) / sqrt(var + eps)`.
    ///
    /// | argument | shape  |                                  |
    /// |----------|--------|----------------------------------|
    /// | `out`    | (T, D) | written                          |
    /// | `x`      | (T, D) | read; `T` is batch × tokens here; rows `begin … begin + count - 1` are done |
    public static void layerNorm(float[] out, float[] x, int width, float eps, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            layerNormRow(out, x, (begin + i) * width, width, eps);
        }
    }

    private static void layerNormRow(float[] out, float[] x, int start, int width, float eps) {
        float mean = Moments.mean(x, start, width);
        float scale = Moments.inverseRoot(Moments.square(x, start, width, mean), eps);
        for (int j = start; j < start + width; j++) {
            out[j] = (x[j] - mean) * scale;
        }
    }

    /// `out[t] = (x[t] - mean) / sqrt(var + eps) * w + b`; as [#layerNorm], with `w` and `b` (D) read.
    public static void layerNormAffine(
            float[] out, float[] x, float[] w, float[] b, int width, float eps, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            affineRow(out, x, w, b, (begin + i) * width, width, eps);
        }
    }

    private static void affineRow(float[] out, float[] x, float[] w, float[] b, int start, int width, float eps) {
        float mean = Moments.mean(x, start, width);
        float scale = Moments.inverseRoot(Moments.square(x, start, width, mean), eps);
        for (int j = 0; j < width; j++) {
            out[start + j] = (x[start + j] - mean) * scale * w[j] + b[j];
        }
    }
}
