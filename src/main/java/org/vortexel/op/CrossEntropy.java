package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// What it costs to expect a label of a row of logits: `log(sum of exp(x)) - sum over v of q[v] x[v]`, where `q` gives
/// `1 - smoothing` to the label and spreads `smoothing` evenly over all classes.
///
/// | tensor   | shape              |
/// |----------|--------------------|
/// | `x`      | (…, V) logits      |
/// | `labels` | (…) ids below V    |
/// | `out`    | (…) one cost a row |
///
/// Gradient: `dx = dy (softmax(x) - q)`.
///
/// Source of the smoothing: Szegedy et al. 2015, [arXiv:1512.00567](https://arxiv.org/abs/1512.00567), section 7.
///
/// @param smoothing in `[0, 1]`
public record CrossEntropy(float smoothing) implements Op {
    private static final Kernel FORWARD = Kernel.of(MethodHandles.lookup(), "crossEntropy");

    public CrossEntropy {
        if (!(smoothing >= 0 && smoothing <= 1)) {
            throw new IllegalArgumentException("CrossEntropy expected smoothing in [0, 1] but got " + smoothing);
        }
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = Softmax.rows("CrossEntropy", in.get(0));
        Shape labels = in.get(1);
        if (labels.rank() != x.rank() - 1 || labels.size() != x.size() / x.dim(-1)) {
            throw new IllegalArgumentException(
                    "CrossEntropy of logits " + x + " expected one label a row but got labels " + labels);
        }
        return List.of(labels);
    }

    @Override
    public void lower(Lowering to) {
        to.launch(
                FORWARD,
                to.out(0).size(),
                to.out(0),
                to.in(0),
                to.in(1),
                to.in(0).dim(-1),
                smoothing);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(smoothing), at.in(0), at.in(1)));
    }

    /// The gradient of the logits: inputs `dy` (…), `x` (…, V) and the labels (…).
    ///
    /// @param smoothing as in the forward op
    public record Gradient(float smoothing) implements Op {
        private static final Kernel BACKWARD = Kernel.of(MethodHandles.lookup(), "crossEntropyGradient");

        @Override
        public String name() {
            return "CrossEntropy.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.get(1));
        }

        @Override
        public int inPlace() {
            return 1;
        }

        @Override
        public void lower(Lowering to) {
            to.launch(
                    BACKWARD,
                    to.in(0).size(),
                    to.out(0),
                    to.in(0),
                    to.in(1),
                    to.in(2),
                    to.in(1).dim(-1),
                    smoothing);
        }

        /// `dx[t] = dy[t] (softmax(x[t]) - q)`: `x`, `dx` (T, V), `dx` may be `x`, `dy` and labels (T); a row
        /// is a token.
        public static void crossEntropyGradient(
                float[] dx, float[] dy, float[] x, int[] labels, int classes, float smoothing, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                gradientRow(dx, dy[row], x, row * classes, labels[row], classes, smoothing);
            }
        }

        private static void gradientRow(
                float[] dx, float dy, float[] x, int start, int label, int classes, float smoothing) {
            float total = LogSumExp.ofRow(x, start, classes);
            for (int j = start; j < start + classes; j++) {
                dx[j] = dy * ((float) Math.exp(x[j] - total) - smoothing / classes);
            }
            dx[start + label] -= dy * (1 - smoothing);
        }
    }

    /// `out[t] = log(sum of exp(x[t])) - sum of q x[t]`: `x` (T, V), labels and `out` (T); a row is a token.
    public static void crossEntropy(
            float[] out, float[] x, int[] labels, int classes, float smoothing, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            out[row] = row(x, row * classes, labels[row], classes, smoothing);
        }
    }

    private static float row(float[] x, int start, int label, int classes, float smoothing) {
        float expected = x[start + label];
        if (smoothing > 0) {
            float sum = 0;
            for (int j = start; j < start + classes; j++) {
                sum += x[j];
            }
            expected = (1 - smoothing) * expected + smoothing * sum / classes;
        }
        return LogSumExp.ofRow(x, start, classes) - expected;
    }
}
