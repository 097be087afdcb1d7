package org.vortexel.device.host;

import java.util.Arrays;

/// The sizes of a convolution as its twins see it: images with zeros around them, and where windows begin in them.
///
/// @param batch images
/// @param groups groups of channels
/// @param channels input channels of one group
/// @param height rows of an input image
/// @param width columns of an input image
/// @param filters output channels of one group
/// @param outHeight rows of an output image
/// @param outWidth columns of an output image
/// @param kernelHeight rows of the kernel
/// @param kernelWidth columns of the kernel
/// @param stride pixels from window to window
/// @param spread pixels from one input pixel to the next in the padded image: 1, or more with zeros between them
/// @param top rows of zeros above the image
/// @param left columns of zeros before it
record ConvShape(
        int batch,
        int groups,
        int channels,
        int height,
        int width,
        int filters,
        int outHeight,
        int outWidth,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int spread,
        int top,
        int left) {

    /// Whether every output channel sees one of several input channels.
    boolean isDepthwise() {
        return groups > 1 && channels == 1;
    }

    /// Output pixels of a channel.
    int pixels() {
        return outHeight * outWidth;
    }

    /// Products per output number: the length of a filter.
    int depth() {
        return channels * kernelHeight * kernelWidth;
    }

    /// Rows of a padded image: those that windows reach.
    int paddedHeight() {
        return (outHeight - 1) * stride + kernelHeight;
    }

    /// Columns of a padded image.
    int paddedWidth() {
        return (outWidth - 1) * stride + kernelWidth;
    }

    /// Numbers in one padded channel.
    int plane() {
        return paddedHeight() * paddedWidth();
    }

    /// Whether a padded image is another than the image itself.
    boolean isPadded() {
        return spread != 1 || top != 0 || left != 0 || paddedHeight() != height || paddedWidth() != width;
    }

    /// The convolution that takes the gradient of this one's output to that of its input, with filters turned round
    /// and input and output channels exchanged.
    ///
    /// Only where the zeros around are fewer than the kernel's size, see [#hasTransposed].
    ///
    /// @throws IllegalStateException when this convolution is such a one itself
    ConvShape transposed() {
        if (spread != 1) {
            throw new IllegalStateException("the gradient of a gradient is not a convolution of this kind");
        }
        return new ConvShape(
                batch,
                groups,
                filters,
                outHeight,
                outWidth,
                channels,
                height,
                width,
                kernelHeight,
                kernelWidth,
                1,
                stride,
                kernelHeight - 1 - top,
                kernelWidth - 1 - left);
    }

    /// Whether [#transposed] exists.
    boolean hasTransposed() {
        return top < kernelHeight && left < kernelWidth;
    }

    /// For every output pixel, where its window begins in a padded channel.
    int[] windows() {
        int[] windows = new int[pixels()];
        for (int i = 0; i < outHeight; i++) {
            for (int j = 0; j < outWidth; j++) {
                windows[i * outWidth + j] = (i * paddedWidth() + j) * stride;
            }
        }
        return windows;
    }

    /// For every number of a filter, (channel, row, column), how far from the window's beginning it looks.
    int[] taps() {
        int[] taps = new int[depth()];
        int at = 0;
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < kernelHeight; y++) {
                for (int x = 0; x < kernelWidth; x++) {
                    taps[at++] = c * plane() + y * paddedWidth() + x;
                }
            }
        }
        return taps;
    }

    /// Writes padded channel `number` (image by image, all groups) of `x` to `out[to …]`.
    void pad(float[] out, int to, float[] x, int number) {
        int columns = paddedWidth();
        Arrays.fill(out, to, to + plane(), 0f);
        int rows = Math.min(height, ceilDiv(paddedHeight() - top, spread));
        int count = Math.min(width, ceilDiv(columns - left, spread));
        for (int y = 0; y < rows; y++) {
            int from = (number * height + y) * width;
            int line = to + (top + y * spread) * columns + left;
            if (spread == 1) {
                System.arraycopy(x, from, out, line, count);
            } else {
                for (int i = 0; i < count; i++) {
                    out[line + i * spread] = x[from + i];
                }
            }
        }
    }

    private static int ceilDiv(int a, int b) {
        return Math.max(0, Math.ceilDiv(a, b));
    }
}
