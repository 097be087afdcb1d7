package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Nearest-neighbour enlargement: every pixel becomes `factor` by `factor` equal pixels, (N, C, H, W) to
/// (N, C, factor H, factor W).
///
/// Gradient: the sum over each square, which is an average pool times `factor²`.
///
/// @param factor how many times larger each side becomes
public record Upsample(int factor) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "upsampleNearest");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (x.rank() != 4 || factor < 1) {
            throw new IllegalArgumentException("Upsample by " + factor + " expected x (N, C, H, W) but got " + x);
        }
        return List.of(x.with(2, factor * x.dim(2)).with(3, factor * x.dim(3)));
    }

    @Override
    public void lower(Lowering to) {
        to.launch(KERNEL, to.out(0).size(), to.out(0), to.in(0), to.out(0).dim(3), factor);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).averagePool(factor, factor).mul(factor * factor));
    }

    /// `out[n, c, y, x] = in[n, c, y / factor, x / factor]`; a row is one pixel of `out`, whose rows are `width`
    /// long.
    public static void upsampleNearest(float[] out, float[] in, int width, int factor, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int line = row / width;
            int x = row - line * width;
            out[row] = in[line / factor * (width / factor) + x / factor];
        }
    }
}
