package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// Twins of `Conv2d` and its gradients: convolution as a matrix product whose right matrix is never stored whole.
///
/// ```
///               pixels                     column p, row (c, y, x) of the right matrix is what the filters'
///             +--------+                   number (c, y, x) sees of the image for output pixel p:
///       depth | image  |
///   depth     +--------+                   padded[windows[p] + taps[c, y, x]]
///  +------+   +--------+
///  |  w   |   |  out   | filters           panels of it are packed for [Gemm] straight from a padded image
///  +------+   +--------+
/// ```
///
/// Source: implicit GEMM as in Chetlur et al. 2014, [arXiv:1410.0759](https://arxiv.org/abs/1410.0759), section 3.
final class VectorConv {
    /// Panels that a chunk packs at a time; with the largest depth of a slice they take 256 KiB of L2 at most.
    private static final int PANELS = 4;
    /// Numbers of padded images that are made at a time, 2 MiB.
    private static final int PADDED = 512 * 1024;

    private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;

    private final ConvShape s;
    private final int[] windows;
    private final int[] taps;

    VectorConv(ConvShape s) {
        this.s = s;
        windows = s.windows();
        taps = s.taps();
    }

    /// The convolution of `x` with `w` plus `bias`.
    void forward(WorkerPool pool, float[] out, float[] x, float[] w, float @Nullable [] bias) {
        int rows = Packing.tiles(s.filters()) * Packing.ROWS;
        int depth = s.depth();
        Scratch scratch = Scratch.ofThread();
        int size = rows * depth + 2; // stores run over by two
        float[] packed = scratch.left(s.groups() * size);
        int slice = Gemm.depth(depth);
        pool.run(s.groups(), group -> {
            for (int p = 0; p < depth; p += slice) {
                int at = group * size + rows * p;
                int from = group * s.filters() * depth;
                Packing.left(packed, at, w, from, depth, false, 0, s.filters(), p, Math.min(slice, depth - p));
            }
        });
        int run = run(s);
        int planes = s.groups() * s.channels();
        int blocks = Math.ceilDiv(s.pixels(), PANELS * COLUMNS);
        int images = s.isPadded() ? Math.clamp(PADDED / (planes * s.plane()), 1, s.batch()) : s.batch();
        float[] padded = s.isPadded() ? scratch.padded(images * planes * s.plane()) : x;
        for (int first = 0; first < s.batch(); first += images) {
            int begin = first;
            int count = Math.min(images, s.batch() - begin);
            if (s.isPadded()) {
                pad(pool, padded, x, s, begin, count);
            }
            pool.run(count * s.groups() * blocks, number -> {
                int image = number / (s.groups() * blocks);
                int group = number / blocks % s.groups();
                int pixel = number % blocks * PANELS * COLUMNS;
                int pixels = Math.min(PANELS * COLUMNS, s.pixels() - pixel);
                int source = (image * s.groups() + group) * s.channels() * s.plane();
                int channel = group * s.filters();
                int to = ((begin + image) * s.groups() * s.filters() + channel) * s.pixels() + pixel;
                fill(out, to, s, bias, channel, pixels);
                float[] panels = Scratch.ofThread().right(PANELS * COLUMNS * slice);
                for (int p = 0; p < depth; p += slice) {
                    int kb = Math.min(slice, depth - p);
                    packPanels(panels, padded, source, windows, pixel, pixels, taps, p, kb, run);
                    Gemm.Slice part = new Gemm.Slice(panels, 0, p, kb, true, false);
                    int left = group * size + rows * p;
                    for (int j = 0; j < pixels; j += COLUMNS) {
                        int width = Math.min(COLUMNS, pixels - j);
                        Gemm.panel(
                                Scratch.ofThread(),
                                packed,
                                left,
                                part,
                                j * kb,
                                out,
                                to + j,
                                s.pixels(),
                                s.filters(),
                                width);
                    }
                }
            });
        }
    }

    /// The filters of the convolution that takes `dout` to `dx`, see [ConvShape#transposed]: turned round,
    /// input and output channels exchanged.
    ///
    /// @param s the convolution that they are of
    static float[] turned(WorkerPool pool, float[] w, ConvShape s) {
        float[] turned = Scratch.ofThread().filters(s.groups() * s.filters() * s.depth());
        int taps = s.kernelHeight() * s.kernelWidth();
        pool.run(s.groups(), group -> {
            int start = group * s.filters() * s.depth();
            for (int o = 0; o < s.filters(); o++) {
                for (int c = 0; c < s.channels(); c++) {
                    int from = start + (o * s.channels() + c) * taps;
                    int to = start + (c * s.filters() + o) * taps;
                    for (int i = 0; i < taps; i++) {
                        turned[to + taps - 1 - i] = w[from + i];
                    }
                }
            }
        });
        return turned;
    }

    /// `dw` of the convolution from `dout`: per group the product of `dout` (filters, pixels) and the transposed
    /// right matrix (pixels, depth), summed over the images in their order.
    void weightGradient(WorkerPool pool, float[] dw, float[] dout, float[] x) {
        int depth = s.depth();
        int pixels = s.pixels();
        int run = run(s);
        int planes = s.groups() * s.channels();
        int images = s.isPadded() ? Math.clamp(PADDED / (planes * s.plane()), 1, s.batch()) : s.batch();
        float[] padded = s.isPadded() ? Scratch.ofThread().padded(images * planes * s.plane()) : x;
        int panels = Packing.panels(depth);
        int parts = Math.min(panels, Math.max(1, 2 * pool.threads() / s.groups()));
        int slice = Math.ceilDiv(Gemm.depth(pixels), LANES) * LANES;
        Arrays.fill(dw, 0, s.groups() * s.filters() * depth, 0f);
        for (int first = 0; first < s.batch(); first += images) {
            int begin = first;
            int count = Math.min(images, s.batch() - begin);
            if (s.isPadded()) {
                pad(pool, padded, x, s, begin, count);
            }
            pool.run(s.groups() * parts, number -> {
                int group = number / parts;
                int column = panels * (number % parts) / parts * COLUMNS;
                int end = Math.min(depth, panels * (number % parts + 1) / parts * COLUMNS);
                Scratch scratch = Scratch.ofThread();
                float[] left = scratch.filters(Packing.leftSize(s.filters(), slice));
                float[] right = scratch.right(COLUMNS * slice);
                float[] lines = scratch.lines(COLUMNS * slice);
                for (int image = 0; image < count; image++) {
                    int source = (image * s.groups() + group) * s.channels() * s.plane();
                    int from = ((begin + image) * s.groups() + group) * s.filters() * pixels;
                    for (int p = 0; p < pixels; p += slice) {
                        int kb = Math.min(slice, pixels - p);
                        Packing.left(left, 0, dout, from, pixels, false, 0, s.filters(), p, kb);
                        Gemm.Slice part = new Gemm.Slice(right, 0, p, kb, true, false);
                        for (int j = column; j < end; j += COLUMNS) {
                            int width = Math.min(COLUMNS, end - j);
                            for (int line = 0; line < width; line++) {
                                copy(lines, line * kb, padded, source + taps[j + line], windows, p, kb, run);
                            }
                            Packing.right(right, 0, lines, 0, kb, true, 0, width, 0, kb);
                            int to = group * s.filters() * depth + j;
                            Gemm.panel(scratch, left, 0, part, 0, dw, to, depth, s.filters(), width);
                        }
                    }
                }
            });
        }
    }

    /// The convolution where every output channel sees one input channel.
    static void depthwise(WorkerPool pool, float[] out, float[] x, float[] w, float @Nullable [] bias, ConvShape s) {
        int taps = s.kernelHeight() * s.kernelWidth();
        int grain = Math.max(1, 16 * 1024 / Math.max(1, s.pixels() * taps));
        pool.ranges(s.batch() * s.groups(), grain, (begin, count) -> {
            float[] padded = Scratch.ofThread().lines(s.plane());
            for (int plane = begin; plane < begin + count; plane++) {
                s.pad(padded, 0, x, plane);
                int group = plane % s.groups();
                for (int f = 0; f < s.filters(); f++) {
                    int channel = group * s.filters() + f;
                    float start = bias == null ? 0 : bias[channel];
                    for (int i = 0; i < s.outHeight(); i++) {
                        int to = ((plane * s.filters() + f) * s.outHeight() + i) * s.outWidth();
                        int from = i * s.stride() * s.paddedWidth();
                        if (s.stride() == 1) {
                            line(out, to, padded, from, w, channel * taps, start, s);
                        } else {
                            stridedLine(out, to, padded, from, w, channel * taps, start, s);
                        }
                    }
                }
            }
        });
    }

    private static void line(
            float[] out, int to, float[] padded, int from, float[] w, int filter, float start, ConvShape s) {
        int bound = SPECIES.loopBound(s.outWidth());
        for (int j = 0; j < bound; j += LANES) {
            FloatVector sum = FloatVector.broadcast(SPECIES, start);
            for (int y = 0; y < s.kernelHeight(); y++) {
                for (int k = 0; k < s.kernelWidth(); k++) {
                    FloatVector factor = FloatVector.broadcast(SPECIES, w[filter + y * s.kernelWidth() + k]);
                    sum = load(padded, from + y * s.paddedWidth() + k + j).fma(factor, sum);
                }
            }
            sum.intoArray(out, to + j);
        }
        if (bound < s.outWidth()) {
            VectorMask<Float> rest = tail(s.outWidth());
            FloatVector sum = FloatVector.broadcast(SPECIES, start);
            for (int y = 0; y < s.kernelHeight(); y++) {
                for (int k = 0; k < s.kernelWidth(); k++) {
                    FloatVector factor = FloatVector.broadcast(SPECIES, w[filter + y * s.kernelWidth() + k]);
                    sum = load(padded, from + y * s.paddedWidth() + k + bound, rest)
                            .fma(factor, sum);
                }
            }
            sum.intoArray(out, to + bound, rest);
        }
    }

    private static void stridedLine(
            float[] out, int to, float[] padded, int from, float[] w, int filter, float start, ConvShape s) {
        for (int j = 0; j < s.outWidth(); j++) {
            float sum = start;
            for (int y = 0; y < s.kernelHeight(); y++) {
                int at = from + y * s.paddedWidth() + j * s.stride();
                for (int k = 0; k < s.kernelWidth(); k++) {
                    sum += padded[at + k] * w[filter + y * s.kernelWidth() + k];
                }
            }
            out[to + j] = sum;
        }
    }

    private static void pad(WorkerPool pool, float[] padded, float[] x, ConvShape s, int image, int images) {
        int planes = s.groups() * s.channels();
        int grain = Math.max(1, 16 * 1024 / s.plane());
        pool.ranges(images * planes, grain, (begin, count) -> {
            for (int plane = begin; plane < begin + count; plane++) {
                s.pad(padded, plane * s.plane(), x, image * planes + plane);
            }
        });
    }

    /// How many neighbouring output pixels, from every multiple of that, have neighbouring windows.
    private static int run(ConvShape s) {
        if (s.stride() != 1) {
            return 1;
        }
        if (s.paddedWidth() == s.outWidth()) {
            return LANES;
        }
        for (int run = LANES; run >= 4; run /= 2) {
            if (s.outWidth() % run == 0) {
                return run;
            }
        }
        return 1;
    }

    private static void fill(float[] out, int to, ConvShape s, float @Nullable [] bias, int channel, int pixels) {
        for (int o = 0; o < s.filters(); o++) {
            int at = to + o * s.pixels();
            Arrays.fill(out, at, at + pixels, bias == null ? 0f : bias[channel + o]);
        }
    }

    /// Rows `k0 … k0 + k - 1` of the right matrix for the given pixels, as panels.
    private static void packPanels(
            float[] panels,
            float[] padded,
            int source,
            int[] windows,
            int pixel,
            int pixels,
            int[] taps,
            int k0,
            int k,
            int run) {
        int whole = pixels / run * run;
        for (int j = 0; j < pixels; j += j < whole ? run : 1) {
            int to = j / COLUMNS * COLUMNS * k + j % COLUMNS;
            int window = source + windows[pixel + j];
            if (j >= whole || run == 1) {
                packOne(panels, to, padded, window, taps, k0, k);
            } else if (run == LANES) {
                packLanes(panels, to, padded, window, taps, k0, k);
            } else if (run == 8) {
                packEight(panels, to, padded, window, taps, k0, k);
            } else {
                packFour(panels, to, padded, window, taps, k0, k);
            }
        }
    }

    private static void packOne(float[] panels, int to, float[] padded, int window, int[] taps, int k0, int k) {
        for (int p = 0; p < k; p++) {
            panels[to + p * COLUMNS] = padded[window + taps[k0 + p]];
        }
    }

    private static void packLanes(float[] panels, int to, float[] padded, int window, int[] taps, int k0, int k) {
        for (int p = 0; p < k; p++) {
            load(padded, window + taps[k0 + p]).intoArray(panels, to + p * COLUMNS);
        }
    }

    private static void packEight(float[] panels, int to, float[] padded, int window, int[] taps, int k0, int k) {
        for (int p = 0; p < k; p++) {
            FloatVector.fromArray(EIGHT, padded, window + taps[k0 + p]).intoArray(panels, to + p * COLUMNS);
        }
    }

    private static void packFour(float[] panels, int to, float[] padded, int window, int[] taps, int k0, int k) {
        for (int p = 0; p < k; p++) {
            FloatVector.fromArray(FOUR, padded, window + taps[k0 + p]).intoArray(panels, to + p * COLUMNS);
        }
    }

    /// What one number of a filter sees for output pixels `pixel … pixel + count - 1`.
    private static void copy(
            float[] out, int to, float[] padded, int source, int[] windows, int pixel, int count, int run) {
        int whole = run >= 8 ? count / run * run : 0;
        if (run == LANES) {
            for (int j = 0; j < whole; j += LANES) {
                load(padded, source + windows[pixel + j]).intoArray(out, to + j);
            }
        } else {
            for (int j = 0; j < whole; j += 8) {
                FloatVector.fromArray(EIGHT, padded, source + windows[pixel + j])
                        .intoArray(out, to + j);
            }
        }
        for (int j = whole; j < count; j++) {
            out[to + j] = padded[source + windows[pixel + j]];
        }
    }
}
