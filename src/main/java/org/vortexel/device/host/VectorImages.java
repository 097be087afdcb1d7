package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Twins of the kernels of `Upsample`, `AveragePool` and `ModulateImage`: same names, same parameters, see
/// there. They go line by line, so that nothing is divided pixel by pixel.
final class VectorImages {
    private VectorImages() {}

    static void upsampleNearest(float[] out, float[] in, int width, int factor, int begin, int count) {
        int end = begin + count;
        for (int at = begin; at < end; ) {
            int line = at / width;
            int from = line / factor * (width / factor);
            int start = line * width;
            int stop = Math.min(end, start + width);
            if (line % factor != 0 && at == start && stop == start + width && at - width >= begin) {
                System.arraycopy(out, at - width, out, at, width);
                at = stop;
                continue;
            }
            int x = (at - start) / factor;
            int left = factor - (at - start) % factor;
            while (at < stop) {
                int next = Math.min(stop, at + left);
                Arrays.fill(out, at, next, in[from + x]);
                at = next;
                left = factor;
                x++;
            }
        }
    }

    static void averagePool(
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
        int end = begin + count;
        for (int at = begin; at < end; ) {
            int line = at / outWidth;
            int plane = line / outHeight;
            int top = (plane * height + (line - plane * outHeight) * stride) * width;
            int stop = Math.min(end, (line + 1) * outWidth);
            for (int j = at - line * outWidth; at < stop; at++, j++) {
                float sum = 0;
                for (int y = 0; y < size; y++) {
                    int from = top + y * width + j * stride;
                    float partial = 0;
                    for (int c = 0; c < size; c++) {
                        partial += x[from + c];
                    }
                    sum += partial;
                }
                out[at] = sum / (size * size);
            }
        }
    }

    static void modulateImage(
            float[] out,
            float[] x,
            float[] map,
            int channels,
            int lines,
            int cells,
            int tall,
            int wide,
            int begin,
            int count) {
        int width = cells * wide;
        int size = lines * cells;
        float[] scales = Scratch.ofThread().lines(2 * width);
        for (int row = begin; row < begin + count; row++) {
            int scale = scale(row, channels, lines, cells);
            if (cells == 1) {
                affine(out, row * tall * width, x, tall * width, 1 + map[scale], map[scale + channels * size]);
                continue;
            }
            spread(scales, 0, map, scale, cells, wide, 1);
            spread(scales, width, map, scale + channels * size, cells, wide, 0);
            for (int y = 0; y < tall; y++) {
                int at = (row * tall + y) * width;
                int bound = SPECIES.loopBound(width);
                for (int j = 0; j < bound; j += LANES) {
                    load(x, at + j)
                            .mul(load(scales, j))
                            .add(load(scales, width + j))
                            .intoArray(out, at + j);
                }
                if (bound < width) {
                    VectorMask<Float> rest = tail(width);
                    load(x, at + bound, rest)
                            .mul(load(scales, bound, rest))
                            .add(load(scales, width + bound, rest))
                            .intoArray(out, at + bound, rest);
                }
            }
        }
    }

    static void modulateImageInputGradient(
            float[] dx,
            float[] dout,
            float[] map,
            int channels,
            int lines,
            int cells,
            int tall,
            int wide,
            int begin,
            int count) {
        int width = cells * wide;
        float[] scales = Scratch.ofThread().lines(width);
        for (int row = begin; row < begin + count; row++) {
            int scale = scale(row, channels, lines, cells);
            if (cells == 1) {
                affine(dx, row * tall * width, dout, tall * width, 1 + map[scale], 0);
                continue;
            }
            spread(scales, 0, map, scale, cells, wide, 1);
            for (int y = 0; y < tall; y++) {
                int at = (row * tall + y) * width;
                int bound = SPECIES.loopBound(width);
                for (int j = 0; j < bound; j += LANES) {
                    load(dout, at + j).mul(load(scales, j)).intoArray(dx, at + j);
                }
                if (bound < width) {
                    VectorMask<Float> rest = tail(width);
                    load(dout, at + bound, rest).mul(load(scales, bound, rest)).intoArray(dx, at + bound, rest);
                }
            }
        }
    }

    static void modulateImageMapGradient(
            float[] dmap,
            float[] dout,
            float[] x,
            int channels,
            int lines,
            int cells,
            int tall,
            int wide,
            int begin,
            int count) {
        int width = cells * wide;
        float[] sums = Scratch.ofThread().lines(2 * width);
        for (int row = begin; row < begin + count; row++) {
            int scale = scale(row, channels, lines, cells);
            int shift = scale + channels * lines * cells;
            int at = row * tall * width;
            if (cells == 1) {
                dmap[scale] = Rows.products(dout, at, x, at, tall * width, 0);
                dmap[shift] = Rows.sum(dout, at, tall * width);
                continue;
            }
            columns(sums, dout, x, at, width, tall);
            for (int j = 0; j < cells; j++) {
                float dot = 0;
                float sum = 0;
                for (int c = j * wide; c < (j + 1) * wide; c++) {
                    dot += sums[c];
                    sum += sums[width + c];
                }
                dmap[scale + j] = dot;
                dmap[shift + j] = sum;
            }
        }
    }

    /// Down the columns of `lines` lines: the sums of `g x` to `sums[0 …]`, of `g` to `sums[width …]`.
    private static void columns(float[] sums, float[] g, float[] x, int at, int width, int lines) {
        int bound = SPECIES.loopBound(width);
        for (int j = 0; j < bound; j += LANES) {
            FloatVector dot = FloatVector.zero(SPECIES);
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int y = 0; y < lines; y++) {
                FloatVector v = load(g, at + y * width + j);
                dot = v.fma(load(x, at + y * width + j), dot);
                sum = sum.add(v);
            }
            dot.intoArray(sums, j);
            sum.intoArray(sums, width + j);
        }
        for (int j = bound; j < width; j++) {
            float dot = 0;
            float sum = 0;
            for (int y = 0; y < lines; y++) {
                float v = g[at + y * width + j];
                dot += v * x[at + y * width + j];
                sum += v;
            }
            sums[j] = dot;
            sums[width + j] = sum;
        }
    }

    /// Each of `cells` numbers plus `offset`, `cell` times.
    private static void spread(float[] out, int to, float[] map, int from, int cells, int cell, float offset) {
        for (int j = 0; j < cells; j++) {
            float value = map[from + j] + offset;
            for (int c = 0; c < cell; c++) {
                out[to + j * cell + c] = value;
            }
        }
    }

    private static int scale(int row, int channels, int lines, int cells) {
        int plane = row / lines;
        int n = plane / channels;
        return (plane + n * channels) * lines * cells + (row - plane * lines) * cells;
    }

    /// `out = x factor + term`, in two roundings as the plain kernel.
    private static void affine(float[] out, int at, float[] x, int count, float factor, float term) {
        FloatVector a = FloatVector.broadcast(SPECIES, factor);
        FloatVector b = FloatVector.broadcast(SPECIES, term);
        int bound = SPECIES.loopBound(count);
        for (int j = 0; j < bound; j += LANES) {
            load(x, at + j).mul(a).add(b).intoArray(out, at + j);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(x, at + bound, rest).mul(a).add(b).intoArray(out, at + bound, rest);
        }
    }
}
