package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Normalises every token to zero mean and unit variance; no learnt scale (adaLN supplies it, or [Tensor#layerNorm]
/// multiplies one in).
///
/// `out[t] = (x[t] - mean(x[t])) / sqrt(var(x[t]) + eps)`
///
/// `dx[t] = (dy[t] - mean(dy[t]) - out[t] mean(dy[t] out[t])) / sqrt(var(x[t]) + eps)`
///
/// Source: Ba et al. 2016, [arXiv:1607.06450](https://arxiv.org/abs/1607.06450), eq. 3.
///
/// @param eps keeps the root away from zero
public record LayerNorm(float eps) implements Op {
    private static final Kernel FORWARD = Kernel.of(MethodHandles.lookup(), "layerNorm");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        if (in.getFirst().rank() < 1 || in.getFirst().dim(-1) == 0) {
            throw new IllegalArgumentException("LayerNorm expected x (…, D) but got " + in.getFirst());
        }
        return List.of(in.getFirst());
    }

    @Override
    public void lower(Lowering to) {
        int width = to.in(0).shape().dim(-1);
        to.launch(FORWARD, to.in(0).size() / width, to.out(0), to.in(0), width, eps);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).tape().record(new Gradient(eps), List.of(at.grad(0), at.in(0))).getFirst());
    }

    /// The gradient of a layer norm: inputs `dy` and `x`, both (…, D).
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
            int width = to.in(0).shape().dim(-1);
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
            float mean = mean(x, start, width);
            float scale = inverseDeviation(x, start, width, mean, eps);
            float sum = 0;
            float dot = 0;
            for (int j = start; j < start + width; j++) {
                sum += dy[j];
                dot += dy[j] * (x[j] - mean);
            }
            float meanDy = sum / width;
            float slope = dot * scale / width;
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
        float mean = mean(x, start, width);
        float scale = inverseDeviation(x, start, width, mean, eps);
        for (int j = start; j < start + width; j++) {
            out[j] = (x[j] - mean) * scale;
        }
    }

    private static float mean(float[] x, int start, int width) {
        float sum = 0;
        for (int j = start; j < start + width; j++) {
            sum += x[j];
        }
        return sum / width;
    }

    private static float inverseDeviation(float[] x, int start, int width, float mean, float eps) {
        float sum = 0;
        for (int j = start; j < start + width; j++) {
            sum += (x[j] - mean) * (x[j] - mean);
        }
        return 1 / (float) Math.sqrt(sum / width + eps);
    }
}
