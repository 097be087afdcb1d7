package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `out = x + gate y`: what a branch adds to the stream, with a gate per sample or per token.
///
/// | tensor          | shape                                        |
/// |-----------------|----------------------------------------------|
/// | `x`, `y`, `out` | (N, T, D)                                    |
/// | `gate`          | (N, 1, D) or (N, T, D), as in [Modulate]     |
///
/// Gradient: `dx = dout`, `dy = gate dout`, `dgate = sum of y dout` over the tokens that share one.
///
/// Source: Peebles and Xie 2022, [arXiv:2212.09748](https://arxiv.org/abs/2212.09748), section 3.2.
public record GatedResidual() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "gatedResidual");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.get(0);
        Modulate.shared("GatedResidual", x, in.get(1));
        if (!x.equals(in.get(2))) {
            throw new IllegalArgumentException(
                    "GatedResidual of x " + x + " expected y of that shape but got " + in.get(2));
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
        int shared = Modulate.shared(name(), to.in(0).shape(), to.in(1).shape());
        to.launch(KERNEL, to.in(0).size() / width, to.out(0), to.in(0), to.in(1), to.in(2), width, shared);
    }

    @Override
    public void gradient(Backward at) {
        Tensor g = at.grad(0);
        at.give(0, g);
        if (at.wants(1)) {
            at.give(1, g.apply(new GateGradient(at.in(1).shape()), at.in(2)));
        }
        if (at.wants(2)) {
            at.give(2, g.apply(new BranchGradient(), at.in(1)));
        }
    }

    /// `dy = gate dout`: inputs `dout` and `gate`.
    public record BranchGradient() implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "gatedBranchGradient");

        @Override
        public String name() {
            return "GatedResidual.BranchGradient";
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
            int shared = Modulate.shared(name(), to.in(0).shape(), to.in(1).shape());
            to.launch(KERNEL, to.in(0).size() / width, to.out(0), to.in(0), to.in(1), width, shared);
        }

        /// `dy[t, j] = dout[t, j] gate[t / shared, j]`; a row is a token.
        public static void gatedBranchGradient(
                float[] dy, float[] dout, float[] gate, int width, int shared, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = (begin + i) * width;
                int by = (begin + i) / shared * width;
                for (int j = 0; j < width; j++) {
                    dy[row + j] = dout[row + j] * gate[by + j];
                }
            }
        }
    }

    /// `dgate`: inputs `dout` and `y`.
    ///
    /// @param by the gate's shape
    public record GateGradient(Shape by) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "gateGradient");

        @Override
        public String name() {
            return "GatedResidual.GateGradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(by);
        }

        @Override
        public void lower(Lowering to) {
            int shared = Modulate.shared(name(), to.in(0).shape(), by);
            to.launch(KERNEL, by.size(), to.out(0), to.in(0), to.in(1), by.dim(-1), shared);
        }

        /// `dgate[n, j] = sum over r of dout[n * shared + r, j] y[n * shared + r, j]`; a row is one `(n, j)`.
        public static void gateGradient(
                float[] dGate, float[] dout, float[] y, int width, int shared, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int n = row / width;
                int start = n * shared * width + (row - n * width);
                float dot = 0;
                for (int r = 0; r < shared; r++) {
                    dot += dout[start + r * width] * y[start + r * width];
                }
                dGate[row] = dot;
            }
        }
    }

    /// `out[t, j] = x[t, j] + gate[t / shared, j] y[t, j]`; a row is a token.
    public static void gatedResidual(
            float[] out, float[] x, float[] gate, float[] y, int width, int shared, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = (begin + i) * width;
            int by = (begin + i) / shared * width;
            for (int j = 0; j < width; j++) {
                out[row + j] = x[row + j] + gate[by + j] * y[row + j];
            }
        }
    }
}
