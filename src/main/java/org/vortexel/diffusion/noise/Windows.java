package org.vortexel.diffusion.noise;

import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A picture as vectors that can be compared: what a cell of the picture looks like, for every cell. Window `i` of
/// `n` over `H` pixels holds pixels `⌊i H / n⌋ … ⌈(i + 1) H / n⌉ - 1`; neighbours overlap where `n` does not divide
/// `H`.
///
/// @param across windows along each side, at least 1; no more than there are pixels are used
/// @param content what is compared
public record Windows(int across, Content content) {
    /// What the vector of a cell is made of.
    public enum Content {
        /// The mean of the window, one number per channel: one vector per window. What the paper does.
        CHANNEL,
        /// All pixels of the window, one after the other: one vector per window. For pictures of few
        /// channels, whose means say little.
        WINDOW,
        /// The means of all windows: one vector per picture.
        GLOBAL
    }

    public Windows {
        if (across < 1) {
            throw new IllegalArgumentException("there must be at least one window but there are " + across);
        }
    }

    /// The vectors of every picture: `[picture][cell][number]`.
    ///
    /// @param y (N, C, H, W)
    double[][][] vectors(NdArray y) {
        double[][][] vectors = new double[y.shape().dim(0)][][];
        for (int n = 0; n < vectors.length; n++) {
            vectors[n] = empty(y.shape());
        }
        each(y.shape(), (n, cell, number, pixel, share) -> vectors[n][cell][number] += y.data()[pixel] * share);
        return vectors;
    }

    /// The gradient of pictures from that of their vectors.
    NdArray gradient(double[][][] vectors, Shape shape) {
        double[] sum = new double[shape.size()];
        each(shape, (n, cell, number, pixel, share) -> sum[pixel] += vectors[n][cell][number] * share);
        NdArray gradient = NdArray.zeros(shape);
        for (int i = 0; i < sum.length; i++) {
            gradient.data()[i] = (float) sum[i];
        }
        return gradient;
    }

    private double[][] empty(Shape shape) {
        int down = Math.min(across, shape.dim(2));
        int right = Math.min(across, shape.dim(3));
        int channels = shape.dim(1);
        if (content == Content.GLOBAL) {
            return new double[1][channels * down * right];
        }
        double[][] cells = new double[down * right][];
        for (int cell = 0; cell < cells.length; cell++) {
            int pixels = content == Content.CHANNEL
                    ? 1
                    : size(cell / right, shape.dim(2), down) * size(cell % right, shape.dim(3), right);
            cells[cell] = new double[channels * pixels];
        }
        return cells;
    }

    /// One number of a vector is a sum of shares of pixels.
    private interface Share {
        void of(int picture, int cell, int number, int pixel, double share);
    }

    private void each(Shape shape, Share share) {
        if (shape.rank() != 4) {
            throw new IllegalArgumentException("windows are cut from pictures (N, C, H, W), not " + shape);
        }
        int height = shape.dim(2);
        int width = shape.dim(3);
        int down = Math.min(across, height);
        int right = Math.min(across, width);
        for (int plane = 0; plane < shape.dim(0) * shape.dim(1); plane++) {
            int channel = plane % shape.dim(1);
            for (int cell = 0; cell < down * right; cell++) {
                int top = start(cell / right, height, down);
                int left = start(cell % right, width, right);
                int tall = size(cell / right, height, down);
                int wide = size(cell % right, width, right);
                for (int k = 0; k < tall * wide; k++) {
                    int pixel = (plane * height + top + k / wide) * width + left + k % wide;
                    int picture = plane / shape.dim(1);
                    switch (content) {
                        case CHANNEL -> share.of(picture, cell, channel, pixel, 1.0 / (tall * wide));
                        case WINDOW -> share.of(picture, cell, channel * tall * wide + k, pixel, 1);
                        case GLOBAL -> share.of(picture, 0, channel * down * right + cell, pixel, 1.0 / (tall * wide));
                    }
                }
            }
        }
    }

    private static int start(int i, int length, int windows) {
        return i * length / windows;
    }

    private static int size(int i, int length, int windows) {
        return ((i + 1) * length + windows - 1) / windows - start(i, length, windows);
    }
}
