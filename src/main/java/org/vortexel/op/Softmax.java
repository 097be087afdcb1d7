package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Every row of the last axis as probabilities: `out[t] = exp(x[t] - max) / sum of exp(x[t] - max)`.
///
/// `dx[t] = out[t] (dy[t] - sum of dy[t] out[t])`
///
/// An entry of minus infinity gets probability 0; a row of nothing else gets NaN.
public record Softmax() implements Op {
    private static final Kernel FORWARD = Kernel.of(MethodHandles.lookup(), "softmax");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        return List.of(rows("Softmax", in.getFirst()));
    }

    /// `x`, checked to have rows to go over.
    static Shape rows(String op, Shape x) {
        if (x.rank() < 1 || x.dim(-1) == 0) {
            throw new IllegalArgumentException(op + " expected x (…, D) but got " + x);
        }
        return x;
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        int width = to.in(0).dim(-1);
        to.launch(FORWARD, to.in(0).size() / width, to.out(0), to.in(0), width);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(), at.out(0)));
    }

    /// The gradient of a softmax: inputs `dy` and the softmax's output `y`, both (…, D).
    public record Gradient() implements Op {
        private static final Kernel BACKWARD = Kernel.of(MethodHandles.lookup(), "softmaxGradient");

        @Override
        public String name() {
            return "Softmax.Gradient";
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
            to.launch(BACKWARD, to.in(0).size() / width, to.out(0), to.in(0), to.in(1), width);
        }

        /// `dx[t] = y[t] (dy[t] - sum of dy[t] y[t])`; all (T, D), `dx` may be `dy`; a row is a token.
        public static void softmaxGradient(float[] dx, float[] dy, float[] y, int width, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                gradientRow(dx, dy, y, (begin + i) * width, width);
            }
        }

        private static void gradientRow(float[] dx, float[] dy, float[] y, int start, int width) {
            float dot = 0;
            for (int j = start; j < start + width; j++) {
                dot += dy[j] * y[j];
            }
            for (int j = start; j < start + width; j++) {
                dx[j] = y[j] * (dy[j] - dot);
            }
        }
    }

    /// `out[t] = softmax(x[t])`; both (T, D), `out` may be `x`; a row is a token.
    public static void softmax(float[] out, float[] x, int width, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            softmaxRow(out, x, (begin + i) * width, width);
        }
    }

    private static void softmaxRow(float[] out, float[] x, int start, int width) {
        float max = x[start];
        for (int j = start + 1; j < start + width; j++) {
            max = Math.max(max, x[j]);
        }
        float sum = 0;
        for (int j = start; j < start + width; j++) {
            float e = (float) Math.exp(x[j] - max);
            out[j] = e;
            sum += e;
        }
        float scale = 1 / sum;
        for (int j = start; j < start + width; j++) {
            out[j] *= scale;
        }
    }
}
