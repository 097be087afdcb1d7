package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.Packing.ROWS;
import static org.vortexel.device.host.VectorMath.LANES;

import java.util.Arrays;

/// The gradient to the filters of a convolution that [Winograd] does.
///
/// `dw = Gᵀ [ sum over tiles of (A dout Aᵀ) ⊙ (Bᵀ d B) ] G`: for each place of a tile a matrix product
/// whose inner
/// length is the tiles.
///
/// ```
///                        channels
///                      +----------+
///               tiles  | Bᵀ d B   |  x places
///        tiles         +----------+
///      +-----------+   +----------+
///  filters | A dout Aᵀ |   | sums     |  += block by block, then dw = Gᵀ·G
///      +-----------+   +----------+
/// ```
///
/// The rows of tiles are cut into blocks. Where the sums are few, threads do blocks of their own, and
/// some blocks
/// share sums that are added up in the end; otherwise all threads transform a block together and then
/// multiply it
/// together. Which blocks share sums, and their order, hangs on the shape alone, so threads do not
/// change the bits.
///
/// Source: Lavin and Gray 2015, [arXiv:1509.09308](https://arxiv.org/abs/1509.09308), section 4,
/// transposed.
final class WinogradGradient {
    /// Numbers of transformed tiles in a block of one thread's own, 512 KiB: they stay in its L2.
    private static final int OWN = 128 * 1024;
    /// Numbers of transformed tiles in a block of all threads, 2 MiB.
    private static final int COMMON = 512 * 1024;
    /// The most numbers of sums that a thread may have for itself, 512 KiB, and how many such sums
    /// there are at most.
    private static final int FEW = 128 * 1024;
    private static final int SHARES = 16;
    /// The most tiles in one block: a panel of them then takes half of L1.
    private static final int TILES = 256;

    private final ConvShape s;
    private final WinogradTile tile;
    private final int places;
    /// Rows and columns of tiles in an image.
    private final int down;
    private final int across;
    /// Rows of tiles in all, and in a block.
    private final int strips;
    private final int perBlock;
    private final int blocks;
    /// The most tiles in a block.
    private final int depth;
    /// Panels of channels and tiles of filters.
    private final int panels;
    private final int tiles;
    /// Numbers of sums of one place, and from place to place of what is multiplied.
    private final int sums;
    private final int rightPlace;
    private final int leftPlace;
    /// How many groups of blocks have sums of their own.
    private final int shares;

    /// Of the convolution `s`, one that [Winograd#fits].
    WinogradGradient(ConvShape s, WinogradTile tile) {
        this.s = s;
        this.tile = tile;
        places = tile.places();
        down = Math.ceilDiv(s.outHeight(), tile.side());
        across = Math.ceilDiv(s.outWidth(), tile.side());
        strips = s.batch() * down;
        panels = Packing.panels(s.channels());
        tiles = Packing.tiles(s.filters());
        sums = panels * tiles * ROWS * COLUMNS;
        boolean few = places * sums <= FEW;
        int room = few ? OWN : COMMON;
        int wanted = Math.min(TILES, room / (places * (panels * COLUMNS + tiles * ROWS)));
        perBlock = Math.clamp(wanted / across, 1, strips);
        blocks = Math.ceilDiv(strips, perBlock);
        depth = perBlock * across;
        shares = few ? Math.min(SHARES, blocks) : 1;
        rightPlace = Winograd.odd(panels * depth * COLUMNS);
        leftPlace = Winograd.odd(tiles * depth * ROWS);
    }

    /// Writes the gradient of the convolution's filters to `dw`.
    void apply(WorkerPool pool, float[] dw, float[] dout, float[] x) {
        Scratch scratch = Scratch.ofThread();
        int share = places * sums;
        float[] all = scratch.filters(shares * share);
        if (shares > 1) {
            pool.run(shares, number -> {
                Arrays.fill(all, number * share, (number + 1) * share, 0f);
                for (int block = blocks * number / shares; block < blocks * (number + 1) / shares; block++) {
                    own(all, number * share, dout, x, block);
                }
            });
        } else {
            Arrays.fill(all, 0, share, 0f);
            float[] right = scratch.right(places * rightPlace);
            float[] left = scratch.left(places * leftPlace + LANES);
            for (int block = 0; block < blocks; block++) {
                common(pool, all, right, left, dout, x, block);
            }
        }
        pool.run(panels * tiles, number -> {
            int at = number * ROWS * COLUMNS;
            for (int i = 1; i < shares; i++) {
                for (int p = 0; p < places; p++) {
                    Elementwise.add(all, p * sums + at, all, i * share + p * sums + at, ROWS * COLUMNS);
                }
            }
            filters(dw, all, number / tiles, number % tiles);
        });
    }

    /// Adds a block to sums that no other thread touches.
    private void own(float[] all, int at, float[] dout, float[] x, int block) {
        Scratch scratch = Scratch.ofThread();
        float[] right = scratch.right(places * rightPlace);
        float[] left = scratch.left(places * leftPlace + LANES);
        int first = block * perBlock;
        int count = Math.min(perBlock, strips - first);
        for (int i = 0; i < count; i++) {
            for (int panel = 0; panel < panels; panel++) {
                input(right, x, first + i, i, panel);
            }
            for (int t = 0; t < tiles; t++) {
                upstream(left, dout, first + i, i, t);
            }
        }
        for (int p = 0; p < places; p++) {
            for (int panel = 0; panel < panels; panel++) {
                multiply(all, at + p * sums, right, left, p, panel, count * across);
            }
        }
    }

    /// Adds a block to the sums, all threads together.
    private void common(WorkerPool pool, float[] all, float[] right, float[] left, float[] dout, float[] x, int block) {
        int first = block * perBlock;
        int count = Math.min(perBlock, strips - first);
        int pairs = Math.ceilDiv(tiles, 2);
        int parts = panels + pairs;
        pool.run(count * parts, number -> {
            int i = number / parts;
            int part = number % parts;
            if (part < panels) {
                input(right, x, first + i, i, part);
            } else {
                for (int t = 2 * (part - panels); t < Math.min(tiles, 2 * (part - panels) + 2); t++) {
                    upstream(left, dout, first + i, i, t);
                }
            }
        });
        pool.run(places * panels, number -> {
            int p = number / panels;
            multiply(all, p * sums, right, left, p, number % panels, count * across);
        });
    }

    private void multiply(float[] all, int at, float[] right, float[] left, int p, int panel, int k) {
        for (int t = 0; t < tiles; t++) {
            int to = at + (panel * tiles + t) * ROWS * COLUMNS;
            int a = p * leftPlace + t * depth * ROWS;
            Gemm.tileOf(k, left, a, right, p * rightPlace + panel * depth * COLUMNS, all, to, COLUMNS);
        }
    }

    /// Writes `Bᵀ d B` of a row of tiles, the `i`-th of its block, and a panel of channels.
    private void input(float[] out, float[] x, int strip, int i, int panel) {
        Scratch scratch = Scratch.ofThread();
        int line = (tile.side() * across + 2) * COLUMNS;
        float[] pixels = scratch.padded(tile.span() * line);
        int channel = panel * COLUMNS;
        int channels = Math.min(COLUMNS, s.channels() - channel);
        int top = strip % down * tile.side() - s.top();
        Turning.in(pixels, line, x, s, strip / down * s.channels() + channel, channels, top, tile.span());
        float[] work = scratch.scores(places * LANES);
        int to = (panel * depth + i * across) * COLUMNS;
        for (int lane = 0; lane < channels; lane += LANES) {
            tile.input(out, to + lane, COLUMNS, rightPlace, pixels, lane, line, across, work);
        }
    }

    /// Writes `A dout Aᵀ` of a row of tiles, the `i`-th of its block, and a tile of filters.
    private void upstream(float[] out, float[] dout, int strip, int i, int t) {
        Scratch scratch = Scratch.ofThread();
        int line = tile.side() * across * ROWS;
        int filter = t * ROWS;
        int filters = Math.min(ROWS, s.filters() - filter);
        float[] pixels = scratch.padded(tile.side() * line + LANES);
        int plane = strip / down * s.filters() + filter;
        int first = strip % down * tile.side();
        for (int row = 0; row < tile.side(); row++) {
            int y = first + row;
            int to = row * line;
            if (y >= s.outHeight()) {
                Arrays.fill(pixels, to, to + line, 0f);
            } else {
                int from = plane * s.pixels() + y * s.outWidth();
                for (int o = 0; o < filters; o += 4) {
                    int start = Math.min(o, ROWS - 4); // a tile of 6 rows: the last four overlap the first
                    int source = from + start * s.pixels();
                    Turning.turn(pixels, to + start, ROWS, dout, source, s.pixels(), filters - start, s.outWidth());
                }
                Arrays.fill(pixels, to + s.outWidth() * ROWS, to + line, 0f);
            }
        }
        float[] work = scratch.scores(places * LANES);
        int to = (t * depth + i * across) * ROWS;
        tile.upstream(out, to, ROWS, leftPlace, pixels, 0, ROWS, line, across, work);
    }

    /// Writes `Gᵀ m G` of one panel of channels and one tile of filters.
    private void filters(float[] dw, float[] all, int panel, int t) {
        int filters = Math.min(ROWS, s.filters() - t * ROWS);
        int channels = Math.min(COLUMNS, s.channels() - panel * COLUMNS);
        float[] taps = Scratch.ofThread().lines(WinogradTile.TAPS * COLUMNS);
        float[] work = Scratch.ofThread().scores(places * LANES);
        for (int o = 0; o < filters; o++) {
            int from = ((panel * tiles + t) * ROWS + o) * COLUMNS;
            tile.gradient(taps, 0, all, from, sums, work);
            tile.gradient(taps, LANES, all, from + LANES, sums, work);
            int to = ((t * ROWS + o) * s.channels() + panel * COLUMNS) * WinogradTile.TAPS;
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < WinogradTile.TAPS; i++) {
                    dw[to + c * WinogradTile.TAPS + i] = taps[i * COLUMNS + c];
                }
            }
        }
    }
}
