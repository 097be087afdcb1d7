package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `out = x (1 + scale) + shift`: adaptive layer norm's second half, per sample or per token.
///
/// | tensor           | shape                                                          |
/// |------------------|----------------------------------------------------------------|
/// | `x`, `out`       | (N, T, D)                                                      |
/// | `shift`, `scale` | (N, 1, D): one for all tokens of a sample; or (N, T, D): one per token |
///
/// In general `shift` and `scale` have `x`'s shape but for a run of 1s just before the last axis.
///
/// Gradient: `dx = dy (1 + scale)`, `dshift = sum of dy`, `dscale = sum of dy x`, sums over the tokens that share one.
///
/// Source: Peebles and Xie 2022, [arXiv:2212.09748](https://arxiv.org/abs/2212.09748), section 3.2.
public record Modulate() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "modulate");

    /// How many rows of `x` (…, D) share one row of `by`.
    ///
    /// @throws IllegalArgumentException when `by` is not as the table of [Modulate] wants it
    static int shared(String op, Shape x, Shape by) {
        int shared = 1;
        boolean fits = x.rank() == by.rank() && x.rank() > 0 && x.dim(-1) == by.dim(-1);
        boolean run = true;
        for (int i = x.rank() - 2; fits && i >= 0; i--) {
            run = run && (by.dim(i) == 1);
            if (run) {
                shared *= x.dim(i);
            }
            fits = run || by.dim(i) == x.dim(i);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    op + " of x " + x + " expected (N, 1, D) or (N, T, D) of the same N, T and D but got " + by);
        }
        return shared;
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.get(0);
        shared("Modulate", x, in.get(1));
        if (!in.get(1).equals(in.get(2))) {
            throw new IllegalArgumentException(
                    "Modulate expected shift and scale of one shape but got " + in.get(1) + " and " + in.get(2));
        }
        return List.of(x);
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        int width = to.in(0).dim(-1);
        int shared = shared("Modulate", to.in(0).shape(), to.in(1).shape());
        to.launch(KERNEL, to.in(0).size() / width, to.out(0), to.in(0), to.in(1), to.in(2), width, shared);
    }

    @Override
    public void gradient(Backward at) {
        if (at.wants(0)) {
            at.give(0, at.grad(0).apply(new InputGradient(), at.in(2)));
        }
        if (at.wants(1) || at.wants(2)) {
            List<Tensor> gradients =
                    at.grad(0).tape().record(new ScaleGradient(at.in(1).shape()), List.of(at.grad(0), at.in(0)));
            at.give(1, gradients.get(0));
            at.give(2, gradients.get(1));
        }
    }

    /// `dx = dy (1 + scale)`: inputs `dy` and `scale`.
    public record InputGradient() implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "modulateInputGradient");

        @Override
        public String name() {
            return "Modulate.InputGradient";
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
            int shared = shared(name(), to.in(0).shape(), to.in(1).shape());
            to.launch(KERNEL, to.in(0).size() / width, to.out(0), to.in(0), to.in(1), width, shared);
        }

        /// `dx[t, j] = dy[t, j] (1 + scale[t / shared, j])`; a row is a token.
        public static void modulateInputGradient(
                float[] dx, float[] dy, float[] scale, int width, int shared, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = (begin + i) * width;
                int by = (begin + i) / shared * width;
                for (int j = 0; j < width; j++) {
                    dx[row + j] = dy[row + j] * (1 + scale[by + j]);
                }
            }
        }
    }

    /// `dshift` and `dscale`: inputs `dy` and `x`.
    ///
    /// @param by the shape of shift and scale
    public record ScaleGradient(Shape by) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "modulateScaleGradient");

        @Override
        public String name() {
            return "Modulate.ScaleGradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(by, by);
        }

        @Override
        public void lower(Lowering to) {
            int shared = shared(name(), to.in(0).shape(), by);
            to.launch(KERNEL, by.size(), to.out(0), to.out(1), to.in(0), to.in(1), by.dim(-1), shared);
        }

        /// `dshift[n, j] = sum over r of dy[n * shared + r, j]`, `dscale` the same of `dy x`; a row is one `(n,
        /// j)`.
        public static void modulateScaleGradient(
                float[] dShift, float[] dScale, float[] dy, float[] x, int width, int shared, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int n = row / width;
                int start = n * shared * width + (row - n * width);
                float sum = 0;
                float dot = 0;
                for (int r = 0; r < shared; r++) {
                    sum += dy[start + r * width];
                    dot += dy[start + r * width] * x[start + r * width];
                }
                dShift[row] = sum;
                dScale[row] = dot;
            }
        }
    }

    /// `out[t, j] = x[t, j] (1 + scale[t / shared, j]) + shift[t / shared, j]`; a row is a token.
    public static void modulate(
            float[] out, float[] x, float[] shift, float[] scale, int width, int shared, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = (begin + i) * width;
            int by = (begin + i) / shared * width;
            for (int j = 0; j < width; j++) {
                out[row + j] = x[row + j] * (1 + scale[by + j]) + shift[by + j];
            }
        }
    }
}
