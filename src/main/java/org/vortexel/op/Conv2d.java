package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Convolution of images (a cross-correlation, as everywhere in the field), with zeros around the image.
///
/// `out[n, o, i, j] = b[o] + sum over c, y, x of x[n, c, i stride - top + y, j stride - left + x] w[o, c, y, x]`
///
/// | tensor | shape                                                                                  |
/// |--------|----------------------------------------------------------------------------------------|
/// | `x`    | (N, C, H, W)                                                                           |
/// | `w`    | (O, C / groups, kernel height, kernel width)                                           |
/// | `b`    | (O), may be left out                                                                   |
/// | `out`  | (N, O, (H + top + bottom - kernel height) / stride + 1, the same for the width)        |
///
/// With groups, output channels see only the input channels of their own group; `groups = C` is depthwise
/// convolution.
///
/// @param stride from one window to the next, in pixels
/// @param left columns of zeros before the image
/// @param right columns of zeros after it
/// @param top rows of zeros above it
/// @param bottom rows of zeros below it
/// @param groups how many groups the channels are split into
public record Conv2d(int stride, int left, int right, int top, int bottom, int groups) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "conv2d");

    /// Checks the settings.
    ///
    /// @throws IllegalArgumentException when the stride or the groups are below 1 or a padding is negative
    public Conv2d {
        if (stride < 1 || groups < 1 || left < 0 || right < 0 || top < 0 || bottom < 0) {
            throw new IllegalArgumentException("Conv2d expected stride and groups of at least 1 and no negative padding"
                    + " but got stride " + stride + ", groups " + groups + ", padding (left, right, top, bottom) ("
                    + left + ", " + right + ", " + top + ", " + bottom + ")");
        }
    }

    /// Stride 1 and `padding` zeros on every side: the image keeps its size under a kernel of `2 padding + 1`.
    public static Conv2d padded(int padding) {
        return strided(1, padding);
    }

    /// The given stride and `padding` zeros on every side.
    public static Conv2d strided(int stride, int padding) {
        return new Conv2d(stride, padding, padding, padding, padding, 1);
    }

    /// The same with its channels in groups.
    public Conv2d withGroups(int count) {
        return new Conv2d(stride, left, right, top, bottom, count);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.get(0);
        Shape w = in.get(1);
        boolean fits = x.rank() == 4
                && w.rank() == 4
                && x.dim(1) == groups * w.dim(1)
                && w.dim(0) % groups == 0
                && x.dim(2) + top + bottom >= w.dim(2)
                && x.dim(3) + left + right >= w.dim(3);
        if (!fits) {
            throw new IllegalArgumentException("Conv2d with weight " + w + ", " + groups + " groups and padding"
                    + " (left, right, top, bottom) (" + left + ", " + right + ", " + top + ", " + bottom
                    + ") expected x (N, " + (w.rank() == 4 ? groups * w.dim(1) : "C") + ", H, W) but got " + x);
        }
        if (in.size() > 2 && !in.get(2).equals(Shape.of(w.dim(0)))) {
            throw new IllegalArgumentException(
                    "Conv2d with weight " + w + " expected bias (" + w.dim(0) + ") but got " + in.get(2));
        }
        int height = (x.dim(2) + top + bottom - w.dim(2)) / stride + 1;
        int width = (x.dim(3) + left + right - w.dim(3)) / stride + 1;
        return List.of(Shape.of(x.dim(0), w.dim(0), height, width));
    }

    @Override
    public double flops(List<Shape> in, List<Shape> out) {
        return 2.0 * out.getFirst().size() * in.get(1).size(1, 4);
    }

    @Override
    public void lower(Lowering to) {
        Tensor x = to.in(0);
        Tensor w = to.in(1);
        Tensor out = to.out(0);
        boolean biased = to.inputs() > 2;
        to.launch(
                KERNEL,
                out.size(),
                out,
                x,
                w,
                biased ? to.in(2) : w, // some array must be given; it is not read without `biased`
                biased ? 1 : 0,
                w.dim(1),
                x.dim(2),
                x.dim(3),
                out.dim(1),
                out.dim(2),
                out.dim(3),
                w.dim(2),
                w.dim(3),
                stride,
                left,
                top,
                groups);
    }

    @Override
    public void gradient(Backward at) {
        Tensor x = at.in(0);
        Tensor w = at.in(1);
        Tensor g = at.grad(0);
        if (at.wants(0)) {
            at.give(0, g.apply(new InputGradient(this, x.dim(2), x.dim(3)), w));
        }
        if (at.wants(1)) {
            at.give(1, g.apply(new WeightGradient(this, w.dim(2), w.dim(3)), x));
        }
        if (at.inputs() > 2 && at.wants(2)) {
            at.give(2, g.sum(false, 0, 2, 3));
        }
    }

    /// `dx` (N, C, height, width) from `dout` (N, O, ·, ·) and `w`: the transposed convolution.
    ///
    /// @param of the forward op
    /// @param height rows of its input
    /// @param width columns of its input
    public record InputGradient(Conv2d of, int height, int width) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "conv2dInputGradient");

        @Override
        public String name() {
            return "Conv2d.InputGradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(Shape.of(in.get(0).dim(0), of.groups * in.get(1).dim(1), height, width));
        }

        @Override
        public double flops(List<Shape> in, List<Shape> out) {
            return 2.0 * in.get(0).size() * in.get(1).size(1, 4);
        }

        @Override
        public void lower(Lowering to) {
            Tensor dout = to.in(0);
            Tensor w = to.in(1);
            to.launch(
                    KERNEL,
                    to.out(0).size(),
                    to.out(0),
                    dout,
                    w,
                    w.dim(1),
                    height,
                    width,
                    dout.dim(1),
                    dout.dim(2),
                    dout.dim(3),
                    w.dim(2),
                    w.dim(3),
                    of.stride,
                    of.left,
                    of.top,
                    of.groups);
        }

        /// `dx[n, c, y, x]` = the sum of `dout[n, o, i, j] w[o, c, y + top - i stride, x + left - j stride]`
        /// over output channels and the windows that cover the pixel; a row is one (n, c, y, x).
        public static void conv2dInputGradient(
                float[] dx,
                float[] dout,
                float[] w,
                int channels,
                int height,
                int width,
                int outChannels,
                int outHeight,
                int outWidth,
                int kernelHeight,
                int kernelWidth,
                int stride,
                int left,
                int top,
                int groups,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int line = row / width;
                int x = row - line * width;
                int plane = line / height;
                int y = line - plane * height;
                int n = plane / (groups * channels);
                int channel = plane - n * groups * channels;
                int group = channel / channels;
                int c = channel - group * channels;
                int perGroup = outChannels / groups;
                float total = 0;
                for (int o = group * perGroup; o < (group + 1) * perGroup; o++) {
                    int wStart = (o * channels + c) * kernelHeight * kernelWidth;
                    float partial = 0;
                    for (int ky = 0; ky < kernelHeight; ky++) {
                        int i = window(y + top - ky, stride, outHeight);
                        if (i < outHeight) {
                            int outStart = ((n * outChannels + o) * outHeight + i) * outWidth;
                            for (int kx = 0; kx < kernelWidth; kx++) {
                                int j = window(x + left - kx, stride, outWidth);
                                if (j < outWidth) {
                                    partial += dout[outStart + j] * w[wStart + ky * kernelWidth + kx];
                                }
                            }
                        }
                    }
                    total += partial;
                }
                dx[row] = total;
            }
        }

        /// The window that begins `from` pixels into the padded image, or `windows` when none does.
        private static int window(int from, int stride, int windows) {
            return from >= 0 && from % stride == 0 ? Math.min(from / stride, windows) : windows;
        }
    }

    /// `dw` (O, C / groups, kernelHeight, kernelWidth) from `dout` and `x`.
    ///
    /// @param of the forward op
    /// @param kernelHeight rows of the kernel
    /// @param kernelWidth columns of the kernel
    public record WeightGradient(Conv2d of, int kernelHeight, int kernelWidth) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "conv2dWeightGradient");

        @Override
        public String name() {
            return "Conv2d.WeightGradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(Shape.of(in.get(0).dim(1), in.get(1).dim(1) / of.groups, kernelHeight, kernelWidth));
        }

        @Override
        public double flops(List<Shape> in, List<Shape> out) {
            return 2.0 * in.get(0).size() * out.getFirst().size(1, 4);
        }

        @Override
        public void lower(Lowering to) {
            Tensor dout = to.in(0);
            Tensor x = to.in(1);
            to.launch(
                    KERNEL,
                    to.out(0).size(),
                    to.out(0),
                    dout,
                    x,
                    x.dim(0),
                    to.out(0).dim(1),
                    x.dim(2),
                    x.dim(3),
                    dout.dim(1),
                    dout.dim(2),
                    dout.dim(3),
                    kernelHeight,
                    kernelWidth,
                    of.stride,
                    of.left,
                    of.top,
                    of.groups);
        }

        /// `dw[o, c, ky, kx]` = the sum of `dout[n, o, i, j] x[n, c, i stride - top + ky, j stride - left +
        /// kx]` over images and windows, line by line; a row is one weight.
        public static void conv2dWeightGradient(
                float[] dw,
                float[] dout,
                float[] x,
                int batch,
                int channels,
                int height,
                int width,
                int outChannels,
                int outHeight,
                int outWidth,
                int kernelHeight,
                int kernelWidth,
                int stride,
                int left,
                int top,
                int groups,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int filter = row / (kernelHeight * kernelWidth);
                int at = row - filter * kernelHeight * kernelWidth;
                int ky = at / kernelWidth;
                int kx = at - ky * kernelWidth;
                int o = filter / channels;
                int c = filter - o * channels + o / (outChannels / groups) * channels;
                float total = 0;
                for (int n = 0; n < batch; n++) {
                    float ofImage = 0;
                    for (int i = 0; i < outHeight; i++) {
                        int y = i * stride - top + ky;
                        if (y >= 0 && y < height) {
                            int outStart = ((n * outChannels + o) * outHeight + i) * outWidth;
                            int xStart = ((n * groups * channels + c) * height + y) * width;
                            float ofLine = 0;
                            for (int j = 0; j < outWidth; j++) {
                                int column = j * stride - left + kx;
                                if (column >= 0 && column < width) {
                                    ofLine += dout[outStart + j] * x[xStart + column];
                                }
                            }
                            ofImage += ofLine;
                        }
                    }
                    total += ofImage;
                }
                dw[row] = total;
            }
        }
    }

    /// `out` of a convolution; a row is one output number (n, o, i, j).
    ///
    /// | argument   | shape                                        |                                   |
    /// |------------|----------------------------------------------|-----------------------------------|
    /// | `out`      | (N, outChannels, outHeight, outWidth)        | written                           |
    /// | `x`        | (N, groups channels, height, width)          | read                              |
    /// | `w`        | (outChannels, channels, kernelHeight, kernelWidth) | read                        |
    /// | `b`        | (outChannels)                                | read if `biased` is 1             |
    public static void conv2d(
            float[] out,
            float[] x,
            float[] w,
            float[] b,
            int biased,
            int channels,
            int height,
            int width,
            int outChannels,
            int outHeight,
            int outWidth,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int left,
            int top,
            int groups,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            int row = begin + r;
            int line = row / outWidth;
            int j = row - line * outWidth;
            int plane = line / outHeight;
            int i = line - plane * outHeight;
            int n = plane / outChannels;
            int o = plane - n * outChannels;
            int group = o / (outChannels / groups);
            float total = biased != 0 ? b[o] : 0;
            for (int c = 0; c < channels; c++) {
                int xStart = ((n * groups + group) * channels + c) * height;
                int wStart = (o * channels + c) * kernelHeight * kernelWidth;
                float partial = 0;
                for (int ky = 0; ky < kernelHeight; ky++) {
                    int y = i * stride - top + ky;
                    if (y >= 0 && y < height) {
                        for (int kx = 0; kx < kernelWidth; kx++) {
                            int column = j * stride - left + kx;
                            if (column >= 0 && column < width) {
                                partial += x[(xStart + y) * width + column] * w[wStart + ky * kernelWidth + kx];
                            }
                        }
                    }
                }
                total += partial;
            }
            out[row] = total;
        }
    }
}
