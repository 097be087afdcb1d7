package org.vortexel.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Works on a large image in overlapping tiles of one size and blends them without a seam.
///
/// Where tiles overlap, each counts by a weight that falls linearly towards its inner edges; the weights of a
/// place are divided by their sum. An image that fits one tile is worked on whole, with the same bits as
/// without tiles.
///
/// @param tile side of a tile, in pixels of the input
/// @param overlap pixels of the input that neighbours share at least, below `tile`
public record Tiles(int tile, int overlap) {
    /// Checks the sizes.
    ///
    /// @throws IllegalArgumentException when they do not fit
    public Tiles {
        if (tile < 1 || overlap < 0 || overlap >= tile) {
            throw new IllegalArgumentException(
                    "a tile wants at least 1 pixel and an overlap below that but got " + tile + " and " + overlap);
        }
    }

    /// Where tiles begin along a side of `size` pixels: the first at 0, the last ending at `size`, evenly between.
    public List<Integer> begins(int size) {
        if (size <= tile) {
            return List.of(0);
        }
        int count = Math.ceilDiv(size - overlap, tile - overlap);
        List<Integer> begins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            begins.add((int) Math.round((double) (size - tile) * i / (count - 1)));
        }
        return begins;
    }

    /// Work on one tile.
    @FunctionalInterface
    public interface Work {
        /// The result for a tile of the input.
        ///
        /// @param input (N, C, h, w)
        /// @param top the row of the whole input where it begins
        /// @param left the column where it begins
        /// @return (N, C', h scale, w scale)
        NdArray apply(NdArray input, int top, int left);
    }

    /// Applies `work` to every tile of `input` (N, C, H, W) and blends the results to (N, C', H scale, W scale).
    ///
    /// @param numerator the output's side is the input's times `numerator / denominator`; the tile, the overlap
    /// and the image must be multiples of the denominator
    /// @param denominator see there
    public NdArray map(NdArray input, int numerator, int denominator, Work work) {
        int height = input.shape().dim(2);
        int width = input.shape().dim(3);
        if (height <= tile && width <= tile) {
            return work.apply(input, 0, 0);
        }
        UnaryOperator<Integer> scale = size -> size * numerator / denominator;
        int rows = Math.min(tile, height);
        int columns = Math.min(tile, width);
        @Nullable NdArray out = null;
        float[] weights = new float[scale.apply(height) * scale.apply(width)];
        for (int y : multiples(begins(height), denominator)) {
            for (int x : multiples(begins(width), denominator)) {
                NdArray result = work.apply(crop(input, y, x, rows, columns), y, x);
                if (out == null) {
                    out = NdArray.zeros(Shape.of(
                            input.shape().dim(0), result.shape().dim(1), scale.apply(height), scale.apply(width)));
                }
                int blend = scale.apply(overlap);
                float[] down = ramp(result.shape().dim(2), blend, y > 0, y + rows < height);
                float[] across = ramp(result.shape().dim(3), blend, x > 0, x + columns < width);
                add(out, weights, result, down, across, scale.apply(y), scale.apply(x));
            }
        }
        NdArray blended = Objects.requireNonNull(out, "there is at least one tile");
        int plane = weights.length;
        for (int i = 0; i < blended.data().length; i++) {
            blended.data()[i] /= weights[i % plane];
        }
        return blended;
    }

    private static List<Integer> multiples(List<Integer> begins, int of) {
        return begins.stream().map(begin -> begin / of * of).distinct().toList();
    }

    /// Rows `y … y + height - 1` and columns `x … x + width - 1` of every channel of images (N, C, H, W).
    public static NdArray crop(NdArray images, int y, int x, int height, int width) {
        Shape from = images.shape();
        NdArray part = NdArray.zeros(Shape.of(from.dim(0), from.dim(1), height, width));
        for (int plane = 0; plane < from.dim(0) * from.dim(1); plane++) {
            for (int row = 0; row < height; row++) {
                System.arraycopy(
                        images.data(),
                        (plane * from.dim(2) + y + row) * from.dim(3) + x,
                        part.data(),
                        (plane * height + row) * width,
                        width);
            }
        }
        return part;
    }

    private static float[] ramp(int size, int blend, boolean begins, boolean ends) {
        float[] ramp = new float[size];
        for (int i = 0; i < size; i++) {
            float before = begins ? Math.min(1f, (i + 0.5f) / Math.max(1, blend)) : 1;
            float after = ends ? Math.min(1f, (size - i - 0.5f) / Math.max(1, blend)) : 1;
            ramp[i] = before * after;
        }
        return ramp;
    }

    private static void add(
            NdArray out, float[] weights, NdArray tile, float[] down, float[] across, int top, int left) {
        int height = out.shape().dim(2);
        int width = out.shape().dim(3);
        int planes = tile.shape().dim(0) * tile.shape().dim(1);
        for (int y = 0; y < down.length; y++) {
            for (int x = 0; x < across.length; x++) {
                float weight = down[y] * across[x];
                int to = (top + y) * width + left + x;
                weights[to] += weight;
                for (int plane = 0; plane < planes; plane++) {
                    float value = tile.data()[(plane * down.length + y) * across.length + x];
                    out.data()[plane * height * width + to] += weight * value;
                }
            }
        }
    }
}
