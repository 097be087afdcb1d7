package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `factor * sum` over the neighbouring axes `from … to - 1`, which stay with size 1. Several runs of axes take several
/// ops; [Tensor#sum] and [Tensor#mean] arrange that.
///
/// @param from the first summed axis, not negative
/// @param to one past the last summed axis
/// @param factor multiplies the sum: 1, or 1 / n for a mean
public record Sum(int from, int to, float factor) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "sum");
    private static final int BLOCK = 128;

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape shape = in.getFirst();
        for (int i = from; i < to; i++) {
            shape = shape.with(i, 1);
        }
        return List.of(shape);
    }

    @Override
    public void lower(Lowering to) {
        Shape x = to.in(0).shape();
        int terms = x.size(from, this.to);
        int inner = x.size(this.to, x.rank());
        to.launch(KERNEL, to.out(0).size(), to.out(0), to.in(0), terms, inner, factor);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).mul(factor).broadcastTo(at.in(0).shape()));
    }

    /// `out[o, i] = factor * sum over r of x[o, r, i]`; a row is one output element.
    ///
    /// Terms are added in blocks of 128, so that the rounding error grows with the square root of the block count.
    public static void sum(float[] out, float[] x, int terms, int inner, float factor, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int outer = row / inner;
            out[row] = factor * sumRow(x, outer * terms * inner + (row - outer * inner), terms, inner);
        }
    }

    private static float sumRow(float[] x, int offset, int terms, int stride) {
        float total = 0;
        for (int block = 0; block < terms; block += BLOCK) {
            int end = Math.min(terms, block + BLOCK);
            float partial = 0;
            for (int r = block; r < end; r++) {
                partial += x[offset + r * stride];
            }
            total += partial;
        }
        return total;
    }
}
