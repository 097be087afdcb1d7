package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.Packing.ROWS;
import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The gradient to the filters of a convolution that [Winograd] does.
///
/// `dw = Gᵀ [ sum over tiles of (A dout Aᵀ) ⊙ (Bᵀ d B) ] G`: for each of the 16 places a matrix product whose inner
/// length is the tiles.
///
/// ```
///                        channels
///                      +----------+
///               tiles  | Bᵀ d B   |  x 16
///        tiles         +----------+
///      +-----------+   +----------+
///  filters | A dout Aᵀ |   | sums     |  += block by block, then dw = Gᵀ·G
///      +-----------+   +----------+
/// ```
///
/// Here a vector holds neighbouring channels of one pixel, so the images are turned over first. A block of tiles is
/// transformed by all threads, then multiplied by all threads, place by place; the blocks follow each other in one
/// order, so the threads do not change the bits.
///
/// Source: Lavin and Gray 2015, [arXiv:1509.09308](https://arxiv.org/abs/1509.09308), section 4.1,
/// transposed.
final class WinogradGradient {
    private static final int PLACES = 16;
    private static final int TAPS = 9;
    /// Numbers of transformed tiles in one block, 1 MiB: they stay in the L2 caches of two cores.
    private static final int BLOCK = 256 * 1024;
    /// The most tiles in one block: a panel of them then takes half of L1.
    private static final int TILES = 256;
    /// The most rows of tiles that are turned over at once.
    private static final int RUN = 4;
    /// Keeps the places of a tile from falling into the same set of the L1 cache.
    private static final int APART = 5 * 16;

    private static final VectorMask<Float> TILE = SPECIES.indexInRange(0, ROWS);

    private final ConvShape s;
    /// Rows and columns of tiles in an image.
    private final int down;
    private final int across;
    /// Rows of tiles in a run, and runs in an image, in all and in a block.
    private final int run;
    private final int perImage;
    private final int runs;
    private final int perBlock;
    /// The most tiles in a block.
    private final int depth;
    /// Panels of channels and tiles of filters.
    private final int panels;
    private final int tiles;

    /// Of the convolution `s`, one that [Winograd#fits].
    WinogradGradient(ConvShape s) {
        this.s = s;
        down = Math.ceilDiv(s.outHeight(), 2);
        across = Math.ceilDiv(s.outWidth(), 2);
        panels = Packing.panels(s.channels());
        tiles = Packing.tiles(s.filters());
        run = Math.clamp(TILES / across, 1, Math.min(RUN, down));
        perImage = Math.ceilDiv(down, run);
        runs = s.batch() * perImage;
        int wanted = Math.min(TILES, BLOCK / (PLACES * (panels * COLUMNS + tiles * ROWS)));
        perBlock = Math.clamp(wanted / (run * across), 1, runs);
        depth = perBlock * run * across;
    }

    /// Writes the gradient of the convolution's filters to `dw`.
    void apply(WorkerPool pool, float[] dw, float[] dout, float[] x) {
        Scratch scratch = Scratch.ofThread();
        int place = panels * tiles * ROWS * COLUMNS;
        int rightPlace = panels * depth * COLUMNS + APART;
        int leftPlace = tiles * depth * ROWS + APART;
        float[] sums = scratch.filters(PLACES * place);
        float[] right = scratch.right(PLACES * rightPlace);
        float[] left = scratch.left(PLACES * leftPlace);
        Arrays.fill(sums, 0, PLACES * place, 0f);
        int parts = panels + Math.ceilDiv(tiles, 2);
        for (int first = 0; first < runs; first += perBlock) {
            int begin = first;
            int count = Math.min(perBlock, runs - first);
            int start = tile(begin);
            pool.run(count * parts, number -> {
                int at = begin + number / parts;
                int part = number % parts;
                if (part < panels) {
                    input(right, rightPlace, x, at, tile(at) - start, part);
                } else {
                    int tile = 2 * (part - panels);
                    upstream(left, leftPlace, dout, at, tile(at) - start, tile);
                    if (tile + 1 < tiles) {
                        upstream(left, leftPlace, dout, at, tile(at) - start, tile + 1);
                    }
                }
            });
            int k = tile(begin + count) - start;
            pool.run(PLACES * panels, number -> {
                int p = number / panels;
                int panel = number % panels;
                for (int tile = 0; tile < tiles; tile++) {
                    int to = p * place + (panel * tiles + tile) * ROWS * COLUMNS;
                    int a = p * leftPlace + tile * depth * ROWS;
                    Gemm.tileOf(k, left, a, right, p * rightPlace + panel * depth * COLUMNS, sums, to, COLUMNS);
                }
            });
        }
        pool.run(panels * tiles, number -> filters(dw, sums, place, number / tiles, number % tiles));
    }

    /// The number of a run's first tile, over all images.
    private int tile(int number) {
        int image = number / perImage;
        return (image * down + number % perImage * run) * across;
    }

    /// Writes `Bᵀ d B` of a run of tiles and a panel of channels.
    private void input(float[] out, int place, float[] x, int number, int at, int panel) {
        int first = number % perImage * run;
        int rowsOfTiles = Math.min(run, down - first);
        int rows = 2 * rowsOfTiles + 2;
        int line = 2 * across + 2;
        int channel = panel * COLUMNS;
        int channels = Math.min(COLUMNS, s.channels() - channel);
        int count = Math.min(s.width(), line - s.left());
        float[] pixels = Scratch.ofThread().padded(rows * line * COLUMNS);
        int image = number / perImage * s.channels() + channel;
        int apart = s.height() * s.width();
        for (int row = 0; row < rows; row++) {
            int y = 2 * first - s.top() + row;
            int to = row * line * COLUMNS;
            if (y < 0 || y >= s.height()) {
                Arrays.fill(pixels, to, to + line * COLUMNS, 0f);
            } else {
                Arrays.fill(pixels, to, to + s.left() * COLUMNS, 0f);
                int from = (image * s.height() + y) * s.width();
                for (int c = 0; c < channels; c += 4) {
                    int start = to + s.left() * COLUMNS + c;
                    turn(pixels, start, COLUMNS, x, from + c * apart, apart, channels - c, count);
                }
                Arrays.fill(pixels, to + (s.left() + count) * COLUMNS, to + line * COLUMNS, 0f);
            }
        }
        for (int row = 0; row < rowsOfTiles; row++) {
            int to = (panel * depth + at + row * across) * COLUMNS;
            for (int lane = 0; lane < channels; lane += LANES) {
                int from = 2 * row * line * COLUMNS + lane;
                input(out, to + lane, place, pixels, from, line * COLUMNS, across);
            }
        }
    }

    /// Writes `A dout Aᵀ` of a run of tiles and a tile of filters.
    private void upstream(float[] out, int place, float[] dout, int number, int at, int tile) {
        int first = number % perImage * run;
        int rowsOfTiles = Math.min(run, down - first);
        int line = 2 * across;
        int filter = tile * ROWS;
        int filters = Math.min(ROWS, s.filters() - filter);
        float[] pixels = Scratch.ofThread().padded(2 * rowsOfTiles * line * ROWS + LANES);
        int image = number / perImage * s.filters() + filter;
        for (int row = 0; row < 2 * rowsOfTiles; row++) {
            int y = 2 * first + row;
            int to = row * line * ROWS;
            if (y >= s.outHeight()) {
                Arrays.fill(pixels, to, to + line * ROWS, 0f);
            } else {
                int from = image * s.pixels() + y * s.outWidth();
                for (int o = 0; o < filters; o += 4) {
                    int start = Math.min(o, ROWS - 4); // a tile of 6 rows: the last four overlap the first
                    turn(
                            pixels,
                            to + start,
                            ROWS,
                            dout,
                            from + start * s.pixels(),
                            s.pixels(),
                            filters - start,
                            s.outWidth());
                }
                Arrays.fill(pixels, to + s.outWidth() * ROWS, to + line * ROWS, 0f);
            }
        }
        for (int row = 0; row < rowsOfTiles; row++) {
            int to = (tile * depth + at + row * across) * ROWS;
            upstream(out, to, place, pixels, 2 * row * line * ROWS, line * ROWS, across);
        }
    }

    /// Turns four rows of `x`, `apart` apart, of which the last `rows` exist, into columns of `out`.
    private static void turn(float[] out, int to, int step, float[] x, int from, int apart, int rows, int count) {
        int last = Math.min(3, rows - 1);
        int r1 = from + Math.min(1, last) * apart;
        int r2 = from + Math.min(2, last) * apart;
        int r3 = from + last * apart;
        int fours = count & -4;
        for (int j = 0; j < fours; j += 4) {
            Packing.transpose(x, from + j, r1 + j, r2 + j, r3 + j, out, to + j * step, step);
        }
        for (int j = fours; j < count; j++) {
            int at = to + j * step;
            out[at] = x[from + j];
            out[at + 1] = x[r1 + j];
            out[at + 2] = x[r2 + j];
            out[at + 3] = x[r3 + j];
        }
    }

    /// `Bᵀ d B` of a row of tiles and a vector of channels; pixels lie `COLUMNS` apart, their rows
    /// `line`.
    private static void input(float[] out, int to, int place, float[] x, int from, int line, int tiles) {
        for (int j = 0; j < tiles; j++) {
            int at = from + j * 2 * COLUMNS;
            int o = to + j * COLUMNS;
            FloatVector d0 = FloatVector.fromArray(SPECIES, x, at);
            FloatVector d1 = FloatVector.fromArray(SPECIES, x, at + line);
            FloatVector d2 = FloatVector.fromArray(SPECIES, x, at + 2 * line);
            FloatVector d3 = FloatVector.fromArray(SPECIES, x, at + 3 * line);
            FloatVector a0 = d0.sub(d2);
            FloatVector b0 = d1.add(d2);
            FloatVector c0 = d2.sub(d1);
            FloatVector e0 = d1.sub(d3);
            d0 = FloatVector.fromArray(SPECIES, x, at + COLUMNS);
            d1 = FloatVector.fromArray(SPECIES, x, at + COLUMNS + line);
            d2 = FloatVector.fromArray(SPECIES, x, at + COLUMNS + 2 * line);
            d3 = FloatVector.fromArray(SPECIES, x, at + COLUMNS + 3 * line);
            FloatVector a1 = d0.sub(d2);
            FloatVector b1 = d1.add(d2);
            FloatVector c1 = d2.sub(d1);
            FloatVector e1 = d1.sub(d3);
            d0 = FloatVector.fromArray(SPECIES, x, at + 2 * COLUMNS);
            d1 = FloatVector.fromArray(SPECIES, x, at + 2 * COLUMNS + line);
            d2 = FloatVector.fromArray(SPECIES, x, at + 2 * COLUMNS + 2 * line);
            d3 = FloatVector.fromArray(SPECIES, x, at + 2 * COLUMNS + 3 * line);
            FloatVector a2 = d0.sub(d2);
            FloatVector b2 = d1.add(d2);
            FloatVector c2 = d2.sub(d1);
            FloatVector e2 = d1.sub(d3);
            d0 = FloatVector.fromArray(SPECIES, x, at + 3 * COLUMNS);
            d1 = FloatVector.fromArray(SPECIES, x, at + 3 * COLUMNS + line);
            d2 = FloatVector.fromArray(SPECIES, x, at + 3 * COLUMNS + 2 * line);
            d3 = FloatVector.fromArray(SPECIES, x, at + 3 * COLUMNS + 3 * line);
            FloatVector a3 = d0.sub(d2);
            FloatVector b3 = d1.add(d2);
            FloatVector c3 = d2.sub(d1);
            FloatVector e3 = d1.sub(d3);
            a0.sub(a2).intoArray(out, o);
            a1.add(a2).intoArray(out, o + place);
            a2.sub(a1).intoArray(out, o + 2 * place);
            a1.sub(a3).intoArray(out, o + 3 * place);
            b0.sub(b2).intoArray(out, o + 4 * place);
            b1.add(b2).intoArray(out, o + 5 * place);
            b2.sub(b1).intoArray(out, o + 6 * place);
            b1.sub(b3).intoArray(out, o + 7 * place);
            c0.sub(c2).intoArray(out, o + 8 * place);
            c1.add(c2).intoArray(out, o + 9 * place);
            c2.sub(c1).intoArray(out, o + 10 * place);
            c1.sub(c3).intoArray(out, o + 11 * place);
            e0.sub(e2).intoArray(out, o + 12 * place);
            e1.add(e2).intoArray(out, o + 13 * place);
            e2.sub(e1).intoArray(out, o + 14 * place);
            e1.sub(e3).intoArray(out, o + 15 * place);
        }
    }

    /// `A dout Aᵀ` of a row of tiles and a tile of filters; pixels lie `ROWS` apart, their rows `line`.
    private static void upstream(float[] out, int to, int place, float[] x, int from, int line, int tiles) {
        for (int j = 0; j < tiles; j++) {
            int at = from + j * 2 * ROWS;
            int o = to + j * ROWS;
            FloatVector a0 = FloatVector.fromArray(SPECIES, x, at);
            FloatVector a1 = FloatVector.fromArray(SPECIES, x, at + ROWS);
            FloatVector d0 = FloatVector.fromArray(SPECIES, x, at + line);
            FloatVector d1 = FloatVector.fromArray(SPECIES, x, at + line + ROWS);
            // the rows of A dout: y0, y0 + y1, y0 - y1, -y1; the same for the columns
            FloatVector b0 = a0.add(d0);
            FloatVector b1 = a1.add(d1);
            FloatVector c0 = a0.sub(d0);
            FloatVector c1 = a1.sub(d1);
            a0.intoArray(out, o, TILE);
            a0.add(a1).intoArray(out, o + place, TILE);
            a0.sub(a1).intoArray(out, o + 2 * place, TILE);
            a1.neg().intoArray(out, o + 3 * place, TILE);
            b0.intoArray(out, o + 4 * place, TILE);
            b0.add(b1).intoArray(out, o + 5 * place, TILE);
            b0.sub(b1).intoArray(out, o + 6 * place, TILE);
            b1.neg().intoArray(out, o + 7 * place, TILE);
            c0.intoArray(out, o + 8 * place, TILE);
            c0.add(c1).intoArray(out, o + 9 * place, TILE);
            c0.sub(c1).intoArray(out, o + 10 * place, TILE);
            c1.neg().intoArray(out, o + 11 * place, TILE);
            d0.neg().intoArray(out, o + 12 * place, TILE);
            d0.add(d1).neg().intoArray(out, o + 13 * place, TILE);
            d1.sub(d0).intoArray(out, o + 14 * place, TILE);
            d1.intoArray(out, o + 15 * place, TILE);
        }
    }

    /// Writes `Gᵀ m G` of one panel of channels and one tile of filters.
    private void filters(float[] dw, float[] sums, int place, int panel, int tile) {
        int filters = Math.min(ROWS, s.filters() - tile * ROWS);
        int channels = Math.min(COLUMNS, s.channels() - panel * COLUMNS);
        float[] taps = Scratch.ofThread().lines(TAPS * COLUMNS);
        float[] work = Scratch.ofThread().tile(12 * LANES);
        for (int o = 0; o < filters; o++) {
            int from = ((panel * tiles + tile) * ROWS + o) * COLUMNS;
            filter(taps, 0, sums, from, place, work);
            filter(taps, LANES, sums, from + LANES, place, work);
            int to = ((tile * ROWS + o) * s.channels() + panel * COLUMNS) * TAPS;
            for (int c = 0; c < channels; c++) {
                for (int i = 0; i < TAPS; i++) {
                    dw[to + c * TAPS + i] = taps[i * COLUMNS + c];
                }
            }
        }
    }

    /// The nine numbers of a vector of filters; `work` has room for 12 vectors.
    private static void filter(float[] taps, int to, float[] sums, int from, int place, float[] work) {
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        // the rows of Gᵀ m: m0 + (m1 + m2) / 2, (m1 - m2) / 2, (m1 + m2) / 2 + m3; the same for the columns
        for (int column = 0; column < 4; column++) {
            int at = from + column * place;
            FloatVector m0 = FloatVector.fromArray(SPECIES, sums, at);
            FloatVector m1 = FloatVector.fromArray(SPECIES, sums, at + 4 * place);
            FloatVector m2 = FloatVector.fromArray(SPECIES, sums, at + 8 * place);
            FloatVector m3 = FloatVector.fromArray(SPECIES, sums, at + 12 * place);
            FloatVector mean = m1.add(m2).mul(half);
            m0.add(mean).intoArray(work, column * LANES);
            m1.sub(m2).mul(half).intoArray(work, (4 + column) * LANES);
            mean.add(m3).intoArray(work, (8 + column) * LANES);
        }
        for (int row = 0; row < 3; row++) {
            int at = 4 * row * LANES;
            FloatVector m0 = FloatVector.fromArray(SPECIES, work, at);
            FloatVector m1 = FloatVector.fromArray(SPECIES, work, at + LANES);
            FloatVector m2 = FloatVector.fromArray(SPECIES, work, at + 2 * LANES);
            FloatVector m3 = FloatVector.fromArray(SPECIES, work, at + 3 * LANES);
            FloatVector mean = m1.add(m2).mul(half);
            int o = to + 3 * row * COLUMNS;
            m0.add(mean).intoArray(taps, o);
            m1.sub(m2).mul(half).intoArray(taps, o + COLUMNS);
            mean.add(m3).intoArray(taps, o + 2 * COLUMNS);
        }
    }
}
