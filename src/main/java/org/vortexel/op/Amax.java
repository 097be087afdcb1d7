package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// The largest number over the neighbouring axes `from … to - 1`, which stay with size 1. The gradient goes to the
/// largest elements, in equal shares.
///
/// @param from the first axis, not negative
/// @param to one past the last axis
public record Amax(int from, int to) implements Op {
    private static final Kernel FORWARD = Kernel.of(MethodHandles.lookup(), "amax");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape shape = in.getFirst();
        if (shape.size(from, to) == 0) {
            throw new IllegalArgumentException(
                    "there is no largest number over axes " + from + " to " + (to - 1) + " of " + shape);
        }
        for (int i = from; i < to; i++) {
            shape = shape.with(i, 1);
        }
        return List.of(shape);
    }

    @Override
    public void lower(Lowering to) {
        Shape x = to.in(0).shape();
        to.launch(FORWARD, to.out(0).size(), to.out(0), to.in(0), x.size(from, this.to), x.size(this.to, x.rank()));
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(this), at.in(0), at.out(0)));
    }

    /// `dx`: inputs `dy`, `x` and the forward op's output `y`.
    ///
    /// @param amax the forward op
    public record Gradient(Amax amax) implements Op {
        private static final Kernel BACKWARD = Kernel.of(MethodHandles.lookup(), "amaxGradient");

        @Override
        public String name() {
            return "Amax.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.get(1));
        }

        @Override
        public void lower(Lowering to) {
            Shape x = to.in(1).shape();
            to.launch(
                    BACKWARD,
                    to.in(0).size(),
                    to.out(0),
                    to.in(0),
                    to.in(1),
                    to.in(2),
                    x.size(amax.from, amax.to),
                    x.size(amax.to, x.rank()));
        }

        /// `dx[o, r, i] = dy[o, i] / ties` where `x[o, r, i] = y[o, i]`, zero elsewhere; a row is one `(o, i)`.
        public static void amaxGradient(
                float[] dx, float[] dy, float[] x, float[] y, int terms, int inner, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int outer = row / inner;
                int start = outer * terms * inner + (row - outer * inner);
                int ties = 0;
                for (int r = 0; r < terms; r++) {
                    if (x[start + r * inner] == y[row]) {
                        ties++;
                    }
                }
                for (int r = 0; r < terms; r++) {
                    dx[start + r * inner] = x[start + r * inner] == y[row] ? dy[row] / ties : 0;
                }
            }
        }
    }

    /// `out[o, i] = max over r of x[o, r, i]`; a row is one `(o, i)`.
    public static void amax(float[] out, float[] x, int terms, int inner, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int outer = row / inner;
            int start = outer * terms * inner + (row - outer * inner);
            float max = x[start];
            for (int r = 1; r < terms; r++) {
                max = Math.max(max, x[start + r * inner]);
            }
            out[row] = max;
        }
    }
}
