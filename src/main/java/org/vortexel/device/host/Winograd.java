package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.VectorMath.LANES;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Convolution with 3 × 3 kernels and stride 1 by tiles of output pixels, see [WinogradTile].
///
/// The sum over input channels is taken inside the brackets of the formula there: for each place of a
/// tile it is a
/// matrix product.
///
/// ```
///                       filters
///                     +----------+
///           channels  | G w Gᵀ   |  x places, in panels as Gemm has them
///        channels     +----------+
///       +---------+   +----------+
///  tiles | Bᵀ d B  |   |   sums   |  x places, then Aᵀ·A, turned over  --> out
///       +---------+   +----------+
/// ```
///
/// Images lie channel by channel, and the transforms want channels side by side, so rows of pixels are
/// turned over
/// on their way in and out. The transformed tiles of a block of rows stay in L2 while the filters pass
/// by. Every
/// output adds its channels in one order, however the blocks are cut and whoever does them.
///
/// Source: Lavin and Gray 2015, [arXiv:1509.09308](https://arxiv.org/abs/1509.09308), algorithm 1.
final class Winograd {
    /// Numbers of transformed tiles in one block, 640 KiB.
    private static final int BLOCK = 160 * 1024;
    /// Numbers of sums that are turned into pixels at a time, 256 KiB.
    private static final int SUMS = 64 * 1024;
    /// Channels and filters from which it pays.
    private static final int LEAST = 16;
    /// Larger tiles do less, but read more of transformed filters: from so many on it is worth it.
    private static final int MANY = 16;
    /// The share of a tile's pixels that have to be there.
    private static final double USED = 0.6;

    private final ConvShape s;
    private final WinogradTile tile;
    private final int places;
    /// Rows and columns of tiles in an image.
    private final int down;
    private final int across;
    /// Rows of tiles in all.
    private final int strips;
    /// Numbers from one transformed tile to the next.
    private final int apart;
    private final int panels;

    /// Whether `s` is a convolution of this kind.
    static boolean fits(ConvShape s) {
        return s.kernelHeight() == 3 && s.kernelWidth() == 3 && s.stride() == 1 && s.spread() == 1 && s.groups() == 1;
    }

    /// The tiles with which it is faster than a plain matrix product; null when the transforms outweigh
    /// the products,
    /// or too few of the tiles' pixels are there.
    static @Nullable WinogradTile tile(ConvShape s) {
        if (!fits(s) || s.channels() < LEAST || s.filters() < LEAST) {
            return null;
        }
        if (tiles(s, 4) >= MANY && s.batch() * s.pixels() >= USED * 16 * tiles(s, 4)) {
            return WinogradTile.FOUR;
        }
        return tiles(s, 2) >= MANY && s.batch() * s.pixels() >= USED * 4 * tiles(s, 2) ? WinogradTile.TWO : null;
    }

    private static int tiles(ConvShape s, int side) {
        return s.batch() * Math.ceilDiv(s.outHeight(), side) * Math.ceilDiv(s.outWidth(), side);
    }

    Winograd(ConvShape s, WinogradTile tile) {
        this.s = s;
        this.tile = tile;
        places = tile.places();
        down = Math.ceilDiv(s.outHeight(), tile.side());
        across = Math.ceilDiv(s.outWidth(), tile.side());
        strips = s.batch() * down;
        apart = odd(Math.ceilDiv(s.channels(), LANES) * LANES);
        panels = Packing.panels(s.filters());
    }

    /// A distance that keeps what lies so far apart from falling into the same set of the L1 cache: an
    /// odd number of
    /// lines of 64 bytes.
    static int odd(int distance) {
        return (Math.ceilDiv(distance, 16) | 1) * 16;
    }

    /// How many numbers the transformed filters take.
    int filterSize() {
        return places * panels * s.channels() * COLUMNS;
    }

    /// Writes `G w Gᵀ` of all filters in the order in which [#apply] reads them: (place, panel of
    /// filters,
    /// channel, filter of the panel).
    ///
    /// Filter `o`, channel `c` is read at `w[o perFilter + c perChannel …]`; `turned`, its numbers are read
    /// backwards.
    void filters(WorkerPool pool, float[] out, float[] w, int perFilter, int perChannel, boolean turned) {
        int place = panels * s.channels() * COLUMNS;
        int some = Math.ceilDiv(s.channels(), Math.ceilDiv(2 * pool.threads(), panels));
        int parts = Math.ceilDiv(s.channels(), some);
        pool.run(panels * parts, number -> {
            int panel = number / parts;
            int first = number % parts * some;
            int filters = Math.min(COLUMNS, s.filters() - panel * COLUMNS);
            float[] taps = Scratch.ofThread().lines(WinogradTile.TAPS * COLUMNS);
            float[] work = Scratch.ofThread().scores(places * LANES);
            Arrays.fill(taps, 0, WinogradTile.TAPS * COLUMNS, 0f);
            for (int c = first; c < Math.min(s.channels(), first + some); c++) {
                for (int o = 0; o < filters; o += 4) {
                    int from = (panel * COLUMNS + o) * perFilter + c * perChannel;
                    Turning.turn(taps, o, COLUMNS, w, from, perFilter, filters - o, WinogradTile.TAPS);
                }
                int to = (panel * s.channels() + c) * COLUMNS;
                int at = turned ? (WinogradTile.TAPS - 1) * COLUMNS : 0;
                int step = turned ? -COLUMNS : COLUMNS;
                tile.filter(out, to, place, taps, at, step, work);
                tile.filter(out, to + LANES, place, taps, at + LANES, step, work);
            }
        });
    }

    /// The convolution of `x` with transformed filters, plus `bias`.
    void apply(WorkerPool pool, float[] out, float[] x, float[] filters, float @Nullable [] bias) {
        int most = Math.clamp(BLOCK / (places * apart * across), 1, strips);
        int few = Math.ceilDiv(strips, most);
        // as many blocks for each thread, if need be by transforming the tiles once more
        int blocks = Math.min(strips, Math.ceilDiv(few, pool.threads()) * pool.threads());
        int parts = blocks >= pool.threads() ? 1 : Math.min(panels, Math.ceilDiv(pool.threads(), blocks));
        pool.run(blocks * parts, number -> {
            int block = number / parts;
            int part = number % parts;
            int first = (int) ((long) strips * block / blocks);
            int end = (int) ((long) strips * (block + 1) / blocks);
            block(out, x, filters, bias, first, end, panels * part / parts, panels * (part + 1) / parts);
        });
    }

    private void block(
            float[] out,
            float[] x,
            float[] filters,
            float @Nullable [] bias,
            int first,
            int end,
            int firstPanel,
            int endPanel) {
        Scratch scratch = Scratch.ofThread();
        int rows = (Math.multiplyExact(end - first, across) + 3) & -4;
        int place = odd(rows * apart);
        float[] transformed = scratch.right(places * place);
        for (int strip = first; strip < end; strip++) {
            for (int channel = 0; channel < s.channels(); channel += COLUMNS) {
                input(scratch, transformed, (strip - first) * across * apart + channel, place, x, strip, channel);
            }
        }
        int chunk = Math.clamp(SUMS / (places * rows * COLUMNS), 1, endPanel - firstPanel);
        for (int panel = firstPanel; panel < endPanel; panel += chunk) {
            int count = Math.min(chunk, endPanel - panel);
            int width = count * COLUMNS;
            int sumsPlace = odd(rows * width);
            float[] sums = scratch.tile(places * sumsPlace);
            for (int p = 0; p < places; p++) {
                for (int i = 0; i < count; i++) {
                    int right = (p * panels + panel + i) * s.channels() * COLUMNS;
                    int to = p * sumsPlace + i * COLUMNS;
                    RowTiles.product(
                            rows, s.channels(), transformed, p * place, apart, filters, right, sums, to, width);
                }
            }
            for (int i = 0; i < count; i++) {
                for (int strip = first; strip < end; strip++) {
                    int from = (strip - first) * across * width + i * COLUMNS;
                    output(scratch, out, sums, from, width, sumsPlace, bias, strip, (panel + i) * COLUMNS);
                }
            }
        }
    }

    /// Writes `Bᵀ d B` of a row of tiles and up to [Packing#COLUMNS] channels.
    private void input(Scratch scratch, float[] out, int to, int place, float[] x, int strip, int channel) {
        int line = (tile.side() * across + 2) * COLUMNS;
        float[] pixels = scratch.padded(tile.span() * line);
        int channels = Math.min(COLUMNS, s.channels() - channel);
        int image = strip / down * s.channels() + channel;
        int top = strip % down * tile.side() - s.top();
        Turning.in(pixels, line, x, s, image, channels, top, tile.span());
        float[] work = scratch.scores(places * LANES);
        for (int lane = 0; lane < channels; lane += LANES) {
            tile.input(out, to + lane, apart, place, pixels, lane, line, across, work);
        }
    }

    /// Writes the pixels of a row of tiles and up to [Packing#COLUMNS] filters.
    private void output(
            Scratch scratch,
            float[] out,
            float[] sums,
            int from,
            int width,
            int place,
            float @Nullable [] bias,
            int strip,
            int filter) {
        int filters = Math.min(COLUMNS, s.filters() - filter);
        int line = tile.side() * across * COLUMNS;
        float[] pixels = scratch.padded(tile.side() * line);
        float[] start = scratch.lines(COLUMNS);
        Arrays.fill(start, 0, COLUMNS, 0f);
        if (bias != null) {
            System.arraycopy(bias, filter, start, 0, filters);
        }
        float[] work = scratch.scores(places * LANES);
        for (int lane = 0; lane < filters; lane += LANES) {
            tile.output(pixels, lane, line, sums, from + lane, width, place, across, start, lane, work);
        }
        int row = strip % down * tile.side();
        int rows = Math.min(tile.side(), s.outHeight() - row);
        int plane = strip / down * s.filters() + filter;
        for (int i = 0; i < rows; i++) {
            int to = plane * s.pixels() + (row + i) * s.outWidth();
            Turning.out(out, to, s.pixels(), pixels, i * line, filters, s.outWidth());
        }
    }
}
