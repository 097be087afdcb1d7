package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// The mean over `height` by `width` windows that cover the image: (N, C, H, W) to (N, C, height, width).
///
/// Window `i` of `n` holds pixels `⌊i H / n⌋ … ⌈(i + 1) H / n⌉ - 1`; neighbours may overlap.
///
/// Gradient: every pixel gets its part of the gradient of each window that covers it.
///
/// @param height windows down
/// @param width windows across
public record AdaptiveAveragePool(int height, int width) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "adaptiveAveragePool");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (x.rank() != 4 || height < 1 || width < 1 || x.dim(2) < 1 || x.dim(3) < 1) {
            throw new IllegalArgumentException(
                    "AdaptiveAveragePool to " + height + " by " + width + " expected x (N, C, H, W) but got " + x);
        }
        return List.of(x.with(2, height).with(3, width));
    }

    @Override
    public void lower(Lowering to) {
        Tensor x = to.in(0);
        to.launch(KERNEL, to.out(0).size(), to.out(0), x, x.dim(2), x.dim(3), height, width);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(at.in(0).dim(2), at.in(0).dim(3))));
    }

    /// The gradient of an adaptive average pool: input `dout`, output `dx` (N, C, height, width).
    ///
    /// @param height rows of the forward op's input
    /// @param width columns of the forward op's input
    public record Gradient(int height, int width) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "adaptiveAveragePoolGradient");

        @Override
        public String name() {
            return "AdaptiveAveragePool.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.getFirst().with(2, height).with(3, width));
        }

        @Override
        public void lower(Lowering to) {
            Tensor dout = to.in(0);
            to.launch(KERNEL, to.out(0).size(), to.out(0), dout, height, width, dout.dim(2), dout.dim(3));
        }

        /// `dx` of an adaptive average pool; a row is one pixel of `dx`.
        public static void adaptiveAveragePoolGradient(
                float[] dx, float[] dout, int height, int width, int outHeight, int outWidth, int begin, int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int line = row / width;
                int x = row - line * width;
                int plane = line / height;
                int y = line - plane * height;
                float sum = 0;
                // Window i covers y just when (what a window of y among outHeight covers) holds i: the roles swap.
                for (int i = start(y, outHeight, height); i < end(y, outHeight, height); i++) {
                    int tall = end(i, height, outHeight) - start(i, height, outHeight);
                    for (int j = start(x, outWidth, width); j < end(x, outWidth, width); j++) {
                        int wide = end(j, width, outWidth) - start(j, width, outWidth);
                        sum += dout[(plane * outHeight + i) * outWidth + j] / (tall * wide);
                    }
                }
                dx[row] = sum;
            }
        }
    }

    /// Where window `i` of `windows` over `length` pixels begins.
    private static int start(int i, int length, int windows) {
        return i * length / windows;
    }

    /// One past the last pixel of window `i` of `windows` over `length` pixels.
    private static int end(int i, int length, int windows) {
        return ((i + 1) * length + windows - 1) / windows;
    }

    /// `out[n, c, i, j]` = the mean of window (i, j) of `x`; a row is one pixel of `out`.
    public static void adaptiveAveragePool(
            float[] out, float[] x, int height, int width, int outHeight, int outWidth, int begin, int count) {
        for (@Parallel int r = 0; r < count; r++) {
            int row = begin + r;
            int line = row / outWidth;
            int j = row - line * outWidth;
            int plane = line / outHeight;
            int i = line - plane * outHeight;
            int top = start(i, height, outHeight);
            int bottom = end(i, height, outHeight);
            int left = start(j, width, outWidth);
            int right = end(j, width, outWidth);
            float sum = 0;
            for (int y = top; y < bottom; y++) {
                float partial = 0;
                for (int c = left; c < right; c++) {
                    partial += x[(plane * height + y) * width + c];
                }
                sum += partial;
            }
            out[row] = sum / ((bottom - top) * (right - left));
        }
    }
}
