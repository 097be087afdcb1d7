package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `out = x Wᵀ + b`: every token through one matrix.
///
/// | tensor | shape        |
/// |--------|--------------|
/// | `x`    | (…, I)       |
/// | `w`    | (O, I)       |
/// | `b`    | (O), may be left out |
/// | `out`  | (…, O)       |
///
/// Gradient: `dx = dy W`, `dW = dyᵀ x`, `db = sum of dy over tokens`.
public record Linear() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "linear");
    private static final Kernel BIASED = Kernel.of(MethodHandles.lookup(), "linearBias");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.get(0);
        Shape w = in.get(1);
        if (w.rank() != 2 || x.rank() < 1 || x.dim(-1) != w.dim(1)) {
            throw new IllegalArgumentException("Linear with weight " + w + " expected x (…, "
                    + (w.rank() == 2 ? w.dim(1) : "I") + ") but got " + x);
        }
        if (in.size() > 2 && !in.get(2).equals(Shape.of(w.dim(0)))) {
            throw new IllegalArgumentException(
                    "Linear with weight " + w + " expected bias (" + w.dim(0) + ") but got " + in.get(2));
        }
        return List.of(x.with(-1, w.dim(0)));
    }

    @Override
    public double flops(List<Shape> in, List<Shape> out) {
        return 2.0 * out.getFirst().size() * in.get(1).dim(1);
    }

    @Override
    public void lower(Lowering to) {
        Shape w = to.in(1).shape();
        int tokens = to.out(0).size() / Math.max(1, w.dim(0));
        if (to.inputs() > 2) {
            to.launch(BIASED, tokens, to.out(0), to.in(0), to.in(1), to.in(2), w.dim(1), w.dim(0));
        } else {
            to.launch(KERNEL, tokens, to.out(0), to.in(0), to.in(1), w.dim(1), w.dim(0));
        }
    }

    @Override
    public void gradient(Backward at) {
        Tensor x = at.in(0);
        Tensor g = at.grad(0);
        Tensor rows = g.reshape(-1, g.shape().dim(-1));
        if (at.wants(0)) {
            at.give(0, g.matmul(at.in(1)));
        }
        if (at.wants(1)) {
            at.give(1, MatMul.of(rows, x.reshape(-1, x.shape().dim(-1)), true, false));
        }
        if (at.inputs() > 2 && at.wants(2)) {
            at.give(2, rows.sum(false, 0));
        }
    }

    /// `out[t, o] = sum over i of x[t, i] w[o, i]`; a row is a token.
    public static void linear(float[] out, float[] x, float[] w, int inputs, int outputs, int begin, int count) {
        for (@Parallel int t = 0; t < count; t++) {
            int token = begin + t;
            for (int o = 0; o < outputs; o++) {
                out[token * outputs + o] = dot(x, token * inputs, w, o * inputs, inputs);
            }
        }
    }

    /// `out[t, o] = b[o] + sum over i of x[t, i] w[o, i]`; a row is a token.
    public static void linearBias(
            float[] out, float[] x, float[] w, float[] b, int inputs, int outputs, int begin, int count) {
        for (@Parallel int t = 0; t < count; t++) {
            int token = begin + t;
            for (int o = 0; o < outputs; o++) {
                out[token * outputs + o] = dot(x, token * inputs, w, o * inputs, inputs) + b[o];
            }
        }
    }

    private static float dot(float[] a, int aStart, float[] b, int bStart, int length) {
        float sum = 0;
        for (int k = 0; k < length; k++) {
            sum += a[aStart + k] * b[bStart + k];
        }
        return sum;
    }
}
