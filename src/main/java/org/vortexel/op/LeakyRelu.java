package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `x` where it is positive, `slope * x` elsewhere.
///
/// @param slope of the negative side
public record LeakyRelu(float slope) implements Op {
    private static final Kernel FORWARD = Kernel.of(MethodHandles.lookup(), "leakyRelu");

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
        to.launch(FORWARD, to.in(0).size(), to.out(0), to.in(0), slope);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(slope), at.in(0)));
    }

    /// `dx`: inputs `dy` and `x`.
    ///
    /// @param slope as in the forward op
    public record Gradient(float slope) implements Op {
        private static final Kernel BACKWARD = Kernel.of(MethodHandles.lookup(), "leakyReluGradient");

        @Override
        public String name() {
            return "LeakyRelu.Gradient";
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
            to.launch(BACKWARD, to.in(0).size(), to.out(0), to.in(0), to.in(1), slope);
        }

        /// `dx[i] = x[i] > 0 ? dy[i] : slope * dy[i]`; a row is one element.
        public static void leakyReluGradient(float[] dx, float[] dy, float[] x, float slope, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = x[begin + i] > 0 ? dy[begin + i] : slope * dy[begin + i];
            }
        }
    }

    /// `out[i] = x[i] > 0 ? x[i] : slope * x[i]`; a row is one element.
    public static void leakyRelu(float[] out, float[] x, float slope, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = x[begin + i] > 0 ? x[begin + i] : slope * x[begin + i];
        }
    }
}
