package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// The mean over square windows: (N, C, H, W) to (N, C, (H - size) / stride + 1, (W - size) / stride + 1).
///
/// Gradient: every pixel gets `1 / size²` of the gradient of each window that covers it.
///
/// @param size the side of a window, in pixels
/// @param stride from one window to the next, in pixels
public record AveragePool(int size, int stride) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "averagePool");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (x.rank() != 4 || size < 1 || stride < 1 || x.dim(2) < size || x.dim(3) < size) {
            throw new IllegalArgumentException("AveragePool of " + size + " by " + size + ", stride " + stride
                    + ", expected x (N, C, H, W) at least as large but got " + x);
        }
        return List.of(x.with(2, (x.dim(2) - size) / stride + 1).with(3, (x.dim(3) - size) / stride + 1));
    }

    @Override
    public void lower(Lowering to) {
        Tensor x = to.in(0);
        Tensor out = to.out(0);
        to.launch(KERNEL, out.size(), out, x, x.dim(2), x.dim(3), out.dim(2), out.dim(3), size, stride);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(this, at.in(0).dim(2), at.in(0).dim(3))));
    }

    /// The gradient of an average pool: input `dout`, output `dx` (N, C, height, width).
    ///
    /// @param of the forward op
    /// @param height rows of its input
    /// @param width columns of its input
    public record Gradient(AveragePool of, int height, int width) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "averagePoolGradient");

        @Override
        public String name() {
            return "AveragePool.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.getFirst().with(2, height).with(3, width));
        }

        @Override
        public void lower(Lowering to) {
            Tensor dout = to.in(0);
            Tensor dx = to.out(0);
            to.launch(KERNEL, dx.size(), dx, dout, height, width, dout.dim(2), dout.dim(3), of.size, of.stride);
        }

        /// `dx` of an average pool; a row is one pixel of `dx`.
        public static void averagePoolGradient(
                float[] dx,
                float[] dout,
                int height,
                int width,
                int outHeight,
                int outWidth,
                int size,
                int stride,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int line = row / width;
                int x = row - line * width;
                int plane = line / height;
                int y = line - plane * height;
                float sum = 0;
                for (int i = first(y, size, stride); i <= Math.min(outHeight - 1, y / stride); i++) {
                    for (int j = first(x, size, stride); j <= Math.min(outWidth - 1, x / stride); j++) {
                        sum += dout[(plane * outHeight + i) * outWidth + j];
                    }
                }
                dx[row] = sum / (size * size);
            }
        }

        /// The first window that covers pixel `at`: the smallest `i >= 0` with `i * stride + size > at`.
        private static int first(int at, int size, int stride) {
            return at < size ? 0 : (at - size) / stride + 1;
        }
    }

    /// `out[n, c, i, j]` = the mean of window (i, j) of `x`; a row is one pixel of `out`.
    public static void averagePool(
            float[] out,
            float[] x,
            int height,
            int width,
            int outHeight,
            int outWidth,
            int size,
            int stride,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            int row = begin + r;
            int line = row / outWidth;
            int j = row - line * outWidth;
            int plane = line / outHeight;
            int i = line - plane * outHeight;
            float sum = 0;
            for (int y = i * stride; y < i * stride + size; y++) {
                float partial = 0;
                for (int c = j * stride; c < j * stride + size; c++) {
                    partial += x[(plane * height + y) * width + c];
                }
                sum += partial;
            }
            out[row] = sum / (size * size);
        }
    }
}
