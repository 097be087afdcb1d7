package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `log(sum of exp(x[t]))` of every row of the last axis, which stays with size 1. Gradient: `dx[t] = dy[t]
/// softmax(x[t])`.
public record LogSumExp() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "logSumExp");
    private static final int RUN = 128;

    @Override
    public List<Shape> shapes(List<Shape> in) {
        return List.of(Softmax.rows("LogSumExp", in.getFirst()).with(-1, 1));
    }

    @Override
    public void lower(Lowering to) {
        to.launch(KERNEL, to.out(0).size(), to.out(0), to.in(0), to.in(0).dim(-1));
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.in(0).sub(at.out(0)).exp().mul(at.grad(0)));
    }

    /// `out[t] = log(sum of exp(x[t]))`: `x` (T, D), `out` (T); a row is a token.
    public static void logSumExp(float[] out, float[] x, int width, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = ofRow(x, (begin + i) * width, width);
        }
    }

    /// Of the row of `x` from `start`; the sum is taken in runs of 128, so that its rounding error stays small.
    static float ofRow(float[] x, int start, int width) {
        float max = x[start];
        for (int j = start + 1; j < start + width; j++) {
            max = Math.max(max, x[j]);
        }
        float total = 0;
        for (int run = 0; run < width; run += RUN) {
            int end = start + Math.min(width, run + RUN);
            float partial = 0;
            for (int j = start + run; j < end; j++) {
                partial += (float) Math.exp(x[j] - max);
            }
            total += partial;
        }
        return max + (float) Math.log(total);
    }
}
