package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.Packing.ROWS;
import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/// Convolution with 3 × 3 kernels and stride 1 by F(2 × 2, 3 × 3): 16 products instead of 36 for each tile of 2 × 2
/// output pixels.
///
/// `tile of out = Aᵀ [ (G w Gᵀ) ⊙ (Bᵀ d B) ] A`, where `d` is the 4 × 4 pixels that the tile's windows cover and
/// the sum over input channels is taken inside the brackets: for each of the 16 places it is a matrix product.
///
/// ```
///                          tiles of a block
///                        +------------------+
///            channels    | Bᵀ d B of x      |  x 16, in panels as Gemm reads them, in L2
///                        +------------------+
///          +----------+  +------------------+
///  filters | G w Gᵀ   |  | sums, then Aᵀ·A  |  --> out
///          +----------+  +------------------+
/// ```
///
/// A vector holds the same place of neighbouring tiles of one image; tiles are numbered along the rows, and those
/// of an image are filled up to whole vectors. Every output adds its channels in one order, however the blocks are
/// cut and whoever does them.
///
/// Source: Lavin and Gray 2015, [arXiv:1509.09308](https://arxiv.org/abs/1509.09308), section 4.1 and
/// algorithm 1.
final class Winograd {
    /// Places of a transformed tile.
    private static final int PLACES = 16;
    private static final int TAPS = 9;
    /// Numbers of transformed tiles in one block, 256 KiB: they stay in L2 beside the filters that pass
    /// by.
    private static final int BLOCK = 64 * 1024;
    /// Numbers of sums in one chunk of filters, 192 KiB.
    private static final int SUMS = 48 * 1024;
    /// Numbers of padded channels made at a time, 8 KiB: they stay in L1.
    private static final int PADDED = 2 * 1024;
    /// The most channels whose products are added in registers.
    private static final int DEPTH = 512;
    /// Channels and filters from which it pays.
    private static final int LEAST = 16;
    /// Keeps the places of a tile from falling into the same set of the L1 cache.
    private static final int APART = 5 * 16;

    private static final FloatVector EVEN = lanes(2, 0, false);
    private static final FloatVector ODD = lanes(2, 1, false);
    private static final FloatVector LOW = lanes(1, 0, true);
    private static final FloatVector HIGH = lanes(1, LANES / 2, true);
    private static final VectorMask<Float> TILE = SPECIES.indexInRange(0, ROWS);

    private final ConvShape s;
    /// Rows and columns of tiles in an image.
    private final int down;
    private final int across;
    /// Vectors of tiles that an image takes.
    private final int vectors;
    /// Columns of a padded line.
    private final int line;
    private final int panels;
    private final int blocks;
    /// Tiles of filters, [Packing#ROWS] each.
    private final int tiles;

    /// Whether `s` is a convolution of this kind.
    static boolean fits(ConvShape s) {
        return s.kernelHeight() == 3 && s.kernelWidth() == 3 && s.stride() == 1 && s.spread() == 1 && s.groups() == 1;
    }

    /// Whether it is faster than a plain matrix product: the channels outweigh the transforms, and few of a
    /// vector's tiles and few of a tile's pixels are missing.
    static boolean pays(ConvShape s) {
        if (!fits(s) || s.channels() < LEAST || s.filters() < LEAST) {
            return false;
        }
        Winograd w = new Winograd(s);
        return s.pixels() >= 0.6 * (4 * LANES * w.vectors) && s.batch() * w.vectors > 1;
    }

    Winograd(ConvShape s) {
        this.s = s;
        down = Math.ceilDiv(s.outHeight(), 2);
        across = Math.ceilDiv(s.outWidth(), 2);
        vectors = Math.ceilDiv(down * across, LANES);
        line = 2 * across + 2;
        int all = Math.ceilDiv(s.batch() * vectors, 2);
        panels = Math.clamp(BLOCK / (PLACES * s.channels() * COLUMNS), 1, Math.min(8, all));
        blocks = Math.ceilDiv(all, panels);
        tiles = Packing.tiles(s.filters());
    }

    /// A vector whose lane `i` is the index `i step + from`, or, `paired`, of the first vector for even `i` and
    /// the second for odd.
    private static FloatVector lanes(int step, int from, boolean paired) {
        float[] index = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            index[i] = paired ? from + i / 2 + i % 2 * LANES : i * step + from;
        }
        return FloatVector.fromArray(SPECIES, index, 0);
    }

    /// How many numbers the transformed filters take.
    int filterSize() {
        return PLACES * tiles * ROWS * s.channels();
    }

    /// Writes `G w Gᵀ` of all filters in the order in which [#apply] reads them: (place, tile of filters,
    /// channel, filter of the tile).
    ///
    /// Filter `o`, channel `c` is read at `w[o perFilter + c perChannel …]`; `turned`, its numbers are read
    /// backwards.
    void filters(WorkerPool pool, float[] out, float[] w, int perFilter, int perChannel, boolean turned) {
        int place = tiles * ROWS * s.channels();
        pool.run(tiles, tile -> {
            int rows = Math.min(ROWS, s.filters() - tile * ROWS);
            float[] taps = Scratch.ofThread().lines(ROWS * TAPS + LANES);
            float[] work = Scratch.ofThread().tile(12 * LANES);
            for (int c = 0; c < s.channels(); c++) {
                int from = tile * ROWS * perFilter + c * perChannel;
                Packing.left(taps, 0, w, from, perFilter, false, 0, rows, 0, TAPS);
                int to = (tile * s.channels() + c) * ROWS;
                filter(out, to, place, taps, turned ? 8 * ROWS : 0, turned ? -ROWS : ROWS, work);
            }
        });
    }

    /// The filters of one tile; `work` has room for 12 vectors.
    private static void filter(float[] out, int to, int place, float[] taps, int at, int step, float[] work) {
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        for (int column = 0; column < 3; column++) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, taps, at + column * step);
            FloatVector w1 = FloatVector.fromArray(SPECIES, taps, at + (3 + column) * step);
            FloatVector w2 = FloatVector.fromArray(SPECIES, taps, at + (6 + column) * step);
            FloatVector ends = w0.add(w2);
            w0.intoArray(work, column * LANES);
            ends.add(w1).mul(half).intoArray(work, (3 + column) * LANES);
            ends.sub(w1).mul(half).intoArray(work, (6 + column) * LANES);
            w2.intoArray(work, (9 + column) * LANES);
        }
        for (int row = 0; row < 4; row++) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, work, 3 * row * LANES);
            FloatVector w1 = FloatVector.fromArray(SPECIES, work, (3 * row + 1) * LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, work, (3 * row + 2) * LANES);
            FloatVector ends = w0.add(w2);
            int first = to + row * 4 * place;
            w0.intoArray(out, first, TILE);
            ends.add(w1).mul(half).intoArray(out, first + place, TILE);
            ends.sub(w1).mul(half).intoArray(out, first + 2 * place, TILE);
            w2.intoArray(out, first + 3 * place, TILE);
        }
    }

    /// The convolution of `x` with transformed filters, plus `bias`.
    void apply(WorkerPool pool, float[] out, float[] x, float[] filters, float @Nullable [] bias) {
        // as many chunks for each thread, if need be by doing the tiles' transform once more
        int wanted = blocks >= 4 * pool.threads() ? 1 : pool.threads() / gcd(blocks, pool.threads());
        int parts = Math.min(tiles, wanted);
        pool.run(blocks * parts, number -> {
            int block = number / parts;
            int part = number % parts;
            block(out, x, filters, bias, block, tiles * part / parts, tiles * (part + 1) / parts);
        });
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private void block(
            float[] out, float[] x, float[] filters, float @Nullable [] bias, int block, int firstTile, int endTile) {
        Scratch scratch = Scratch.ofThread();
        int channels = s.channels();
        int place = panels * COLUMNS * channels + APART;
        float[] transformed = scratch.right(PLACES * place);
        int first = block * panels * 2;
        int end = Math.min(s.batch() * vectors, first + panels * 2);
        for (int v = first; v < end; ) {
            int image = v / vectors;
            int count = Math.min(end, (image + 1) * vectors) - v;
            input(scratch, transformed, place, x, image, v - image * vectors, count, v - first);
            v += count;
        }
        int used = Math.ceilDiv(end - first, 2);
        int chunk = Math.clamp(SUMS / (PLACES * ROWS * COLUMNS * panels), 1, endTile - firstTile);
        int sumsPlace = panels * chunk * ROWS * COLUMNS + APART;
        float[] sums = scratch.tile(PLACES * sumsPlace);
        for (int tile = firstTile; tile < endTile; tile += chunk) {
            int count = Math.min(chunk, endTile - tile);
            Arrays.fill(sums, 0, PLACES * sumsPlace, 0f);
            for (int p = 0; p < PLACES; p++) {
                for (int panel = 0; panel < used; panel++) {
                    for (int k = 0; k < channels; k += DEPTH) {
                        int depth = Math.min(DEPTH, channels - k);
                        int right = p * place + (panel * channels + k) * COLUMNS;
                        for (int i = 0; i < count; i++) {
                            int left = ((p * tiles + tile + i) * channels + k) * ROWS;
                            int to = p * sumsPlace + (panel * chunk + i) * ROWS * COLUMNS;
                            Gemm.tileOf(depth, filters, left, transformed, right, sums, to, COLUMNS);
                        }
                    }
                }
            }
            int filter = tile * ROWS;
            int filtersHere = Math.min(s.filters() - filter, count * ROWS);
            for (int v = first; v < end; ) {
                int image = v / vectors;
                int vectorsHere = Math.min(end, (image + 1) * vectors) - v;
                for (int o = 0; o < filtersHere; o++) {
                    float start = bias == null ? 0f : bias[filter + o];
                    int plane = (image * s.filters() + filter + o) * s.pixels();
                    int from = o * COLUMNS;
                    output(
                            scratch,
                            out,
                            plane,
                            sums,
                            from,
                            sumsPlace,
                            chunk * ROWS * COLUMNS,
                            start,
                            v - image * vectors,
                            vectorsHere,
                            v - first);
                }
                v += vectorsHere;
            }
        }
    }

    /// Writes `Bᵀ d B` of vectors `vector … vector + count - 1` of an image to those from `at` on of a
    /// block.
    ///
    /// The channels are padded several at a time: a load that follows too soon on the stores it reads
    /// waits for them.
    private void input(Scratch scratch, float[] out, int place, float[] x, int image, int vector, int count, int at) {
        int first = vector * LANES / across;
        int end = Math.min(down - 1, ((vector + count) * LANES - 1) / across) + 1;
        int rows = 2 * (end - first) + 2;
        int plane = rows * line;
        int half = (end - first + 1) * across + 2 * LANES;
        boolean halves = across % (LANES / 2) == 0;
        int group = Math.clamp(PADDED / plane, 1, s.channels());
        float[] padded = scratch.padded(group * plane + 2 * COLUMNS);
        float[] columns = halves ? padded : scratch.lines(8 * half + 2 * LANES);
        for (int c0 = 0; c0 < s.channels(); c0 += group) {
            int channels = Math.min(group, s.channels() - c0);
            for (int c = 0; c < channels; c++) {
                int start = (image * s.channels() + c0 + c) * s.height();
                pad(padded, c * plane, x, start, 2 * first - s.top(), rows);
            }
            for (int c = 0; c < channels; c++) {
                if (!halves) {
                    for (int row = 0; row < rows; row++) {
                        int to = row % 2 * 4 * half + row / 2 * across;
                        columnsOf(columns, to, half, padded, c * plane + row * line, across);
                    }
                }
                for (int i = 0; i < count; i++) {
                    int to = ((at + i) / 2 * s.channels() + c0 + c) * COLUMNS + (at + i) % 2 * LANES;
                    int tile = (vector + i) * LANES - first * across;
                    if (halves) {
                        int low = c * plane + tile / across * 2 * line + tile % across * 2;
                        int next = tile + LANES / 2;
                        int high = next / across < end - first
                                ? c * plane + next / across * 2 * line + next % across * 2
                                : low;
                        transform(out, to, place, padded, low, high, line);
                    } else {
                        rowsOf(out, to, place, columns, tile, half, across);
                    }
                }
            }
        }
    }

    /// `Bᵀ d B` of one vector of tiles whose two halves have their pixels from `low` and from `high`
    /// on, in rows `line` apart.
    private static void transform(float[] out, int to, int place, float[] x, int low, int high, int line) {
        FloatVector a = FloatVector.fromArray(SPECIES, x, low);
        FloatVector b = FloatVector.fromArray(SPECIES, x, high);
        FloatVector c = FloatVector.fromArray(SPECIES, x, low + 2);
        FloatVector d = FloatVector.fromArray(SPECIES, x, high + 2);
        FloatVector d0 = EVEN.selectFrom(a, b);
        FloatVector d1 = ODD.selectFrom(a, b);
        FloatVector d2 = EVEN.selectFrom(c, d);
        FloatVector d3 = ODD.selectFrom(c, d);
        FloatVector h00 = d0.sub(d2);
        FloatVector h01 = d1.add(d2);
        FloatVector h02 = d2.sub(d1);
        FloatVector h03 = d1.sub(d3);
        a = FloatVector.fromArray(SPECIES, x, low + line);
        b = FloatVector.fromArray(SPECIES, x, high + line);
        c = FloatVector.fromArray(SPECIES, x, low + line + 2);
        d = FloatVector.fromArray(SPECIES, x, high + line + 2);
        d0 = EVEN.selectFrom(a, b);
        d1 = ODD.selectFrom(a, b);
        d2 = EVEN.selectFrom(c, d);
        d3 = ODD.selectFrom(c, d);
        FloatVector h10 = d0.sub(d2);
        FloatVector h11 = d1.add(d2);
        FloatVector h12 = d2.sub(d1);
        FloatVector h13 = d1.sub(d3);
        a = FloatVector.fromArray(SPECIES, x, low + 2 * line);
        b = FloatVector.fromArray(SPECIES, x, high + 2 * line);
        c = FloatVector.fromArray(SPECIES, x, low + 2 * line + 2);
        d = FloatVector.fromArray(SPECIES, x, high + 2 * line + 2);
        d0 = EVEN.selectFrom(a, b);
        d1 = ODD.selectFrom(a, b);
        d2 = EVEN.selectFrom(c, d);
        d3 = ODD.selectFrom(c, d);
        FloatVector h20 = d0.sub(d2);
        FloatVector h21 = d1.add(d2);
        FloatVector h22 = d2.sub(d1);
        FloatVector h23 = d1.sub(d3);
        a = FloatVector.fromArray(SPECIES, x, low + 3 * line);
        b = FloatVector.fromArray(SPECIES, x, high + 3 * line);
        c = FloatVector.fromArray(SPECIES, x, low + 3 * line + 2);
        d = FloatVector.fromArray(SPECIES, x, high + 3 * line + 2);
        d0 = EVEN.selectFrom(a, b);
        d1 = ODD.selectFrom(a, b);
        d2 = EVEN.selectFrom(c, d);
        d3 = ODD.selectFrom(c, d);
        FloatVector h30 = d0.sub(d2);
        FloatVector h31 = d1.add(d2);
        FloatVector h32 = d2.sub(d1);
        FloatVector h33 = d1.sub(d3);
        h00.sub(h20).intoArray(out, to);
        h01.sub(h21).intoArray(out, to + place);
        h02.sub(h22).intoArray(out, to + 2 * place);
        h03.sub(h23).intoArray(out, to + 3 * place);
        h10.add(h20).intoArray(out, to + 4 * place);
        h11.add(h21).intoArray(out, to + 5 * place);
        h12.add(h22).intoArray(out, to + 6 * place);
        h13.add(h23).intoArray(out, to + 7 * place);
        h20.sub(h10).intoArray(out, to + 8 * place);
        h21.sub(h11).intoArray(out, to + 9 * place);
        h22.sub(h12).intoArray(out, to + 10 * place);
        h23.sub(h13).intoArray(out, to + 11 * place);
        h10.sub(h30).intoArray(out, to + 12 * place);
        h11.sub(h31).intoArray(out, to + 13 * place);
        h12.sub(h32).intoArray(out, to + 14 * place);
        h13.sub(h33).intoArray(out, to + 15 * place);
    }

    /// Rows `y … y + rows - 1` of an image that begins in row `start` of `x`, with zeros around.
    private void pad(float[] padded, int at, float[] x, int start, int y, int rows) {
        int count = Math.min(s.width(), line - s.left());
        for (int row = 0; row < rows; row++) {
            int to = at + row * line;
            if (y + row < 0 || y + row >= s.height()) {
                Arrays.fill(padded, to, to + line, 0f);
            } else {
                for (int i = 0; i < s.left(); i++) {
                    padded[to + i] = 0f;
                }
                System.arraycopy(x, (start + y + row) * s.width(), padded, to + s.left(), count);
                for (int i = s.left() + count; i < line; i++) {
                    padded[to + i] = 0f;
                }
            }
        }
    }

    /// `d B` of one row of pixels; what the last store writes too much, the next row or nobody reads.
    private static void columnsOf(float[] out, int to, int place, float[] x, int from, int across) {
        for (int j = 0; j < across; j += LANES) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, from + 2 * j);
            FloatVector b = FloatVector.fromArray(SPECIES, x, from + 2 * j + LANES);
            FloatVector c = FloatVector.fromArray(SPECIES, x, from + 2 * j + 2);
            FloatVector d = FloatVector.fromArray(SPECIES, x, from + 2 * j + 2 + LANES);
            FloatVector d0 = EVEN.selectFrom(a, b);
            FloatVector d1 = ODD.selectFrom(a, b);
            FloatVector d2 = EVEN.selectFrom(c, d);
            FloatVector d3 = ODD.selectFrom(c, d);
            d0.sub(d2).intoArray(out, to + j);
            d1.add(d2).intoArray(out, to + place + j);
            d2.sub(d1).intoArray(out, to + 2 * place + j);
            d1.sub(d3).intoArray(out, to + 3 * place + j);
        }
    }

    /// `Bᵀ (d B)` of one vector of tiles.
    private static void rowsOf(float[] out, int to, int place, float[] columns, int from, int half, int across) {
        for (int k = 0; k < 4; k++) {
            int at = from + k * half;
            FloatVector d0 = FloatVector.fromArray(SPECIES, columns, at);
            FloatVector d1 = FloatVector.fromArray(SPECIES, columns, at + 4 * half);
            FloatVector d2 = FloatVector.fromArray(SPECIES, columns, at + across);
            FloatVector d3 = FloatVector.fromArray(SPECIES, columns, at + 4 * half + across);
            d0.sub(d2).intoArray(out, to + k * place);
            d1.add(d2).intoArray(out, to + (4 + k) * place);
            d2.sub(d1).intoArray(out, to + (8 + k) * place);
            d1.sub(d3).intoArray(out, to + (12 + k) * place);
        }
    }

    /// Writes `Aᵀ m A + start` of vectors of tiles to one channel of an image, which begins at `plane`.
    private void output(
            Scratch scratch,
            float[] out,
            int plane,
            float[] sums,
            int from,
            int place,
            int panel,
            float start,
            int vector,
            int count,
            int at) {
        int half = count * 2 * LANES;
        boolean direct = across % (LANES / 2) == 0
                && down * across % LANES == 0
                && s.outWidth() == 2 * across
                && s.outHeight() == 2 * down;
        float[] pixels = direct ? out : scratch.slopes(2 * half);
        for (int i = 0; i < count; i++) {
            int source = from + (at + i) / 2 * panel + (at + i) % 2 * LANES;
            if (direct) {
                // a row of tiles takes as many numbers as two rows of pixels, half of them in its first row
                int low = (vector + i) * LANES;
                int high = low + LANES / 2;
                int lowAt = plane + 2 * low + low / across * s.outWidth();
                int highAt = plane + 2 * high + high / across * s.outWidth();
                inverse(out, lowAt, highAt, s.outWidth(), sums, source, place, start);
            } else {
                inverse(pixels, 2 * i * LANES, (2 * i + 1) * LANES, half, sums, source, place, start);
            }
        }
        if (!direct) {
            unfold(out, plane, pixels, half, vector * LANES, Math.min(down * across, (vector + count) * LANES));
        }
    }

    /// Writes the pixels of one vector of tiles: of their first rows the left half to `low`, the right half to
    /// `high`, and the second rows `next` numbers further on.
    private static void inverse(
            float[] out, int low, int high, int next, float[] sums, int from, int place, float start) {
        // Aᵀ m has the rows m0 + m1 + m2 and m1 - m2 - m3; the same for the columns
        FloatVector m0 = FloatVector.fromArray(SPECIES, sums, from);
        FloatVector m1 = FloatVector.fromArray(SPECIES, sums, from + 4 * place);
        FloatVector m2 = FloatVector.fromArray(SPECIES, sums, from + 8 * place);
        FloatVector m3 = FloatVector.fromArray(SPECIES, sums, from + 12 * place);
        FloatVector u0 = m0.add(m1).add(m2);
        FloatVector v0 = m1.sub(m2).sub(m3);
        m0 = FloatVector.fromArray(SPECIES, sums, from + place);
        m1 = FloatVector.fromArray(SPECIES, sums, from + 5 * place);
        m2 = FloatVector.fromArray(SPECIES, sums, from + 9 * place);
        m3 = FloatVector.fromArray(SPECIES, sums, from + 13 * place);
        FloatVector u1 = m0.add(m1).add(m2);
        FloatVector v1 = m1.sub(m2).sub(m3);
        m0 = FloatVector.fromArray(SPECIES, sums, from + 2 * place);
        m1 = FloatVector.fromArray(SPECIES, sums, from + 6 * place);
        m2 = FloatVector.fromArray(SPECIES, sums, from + 10 * place);
        m3 = FloatVector.fromArray(SPECIES, sums, from + 14 * place);
        FloatVector u2 = m0.add(m1).add(m2);
        FloatVector v2 = m1.sub(m2).sub(m3);
        m0 = FloatVector.fromArray(SPECIES, sums, from + 3 * place);
        m1 = FloatVector.fromArray(SPECIES, sums, from + 7 * place);
        m2 = FloatVector.fromArray(SPECIES, sums, from + 11 * place);
        m3 = FloatVector.fromArray(SPECIES, sums, from + 15 * place);
        FloatVector u3 = m0.add(m1).add(m2);
        FloatVector v3 = m1.sub(m2).sub(m3);
        FloatVector left = u0.add(u1).add(u2).add(start);
        FloatVector right = u1.sub(u2).sub(u3).add(start);
        LOW.selectFrom(left, right).intoArray(out, low);
        HIGH.selectFrom(left, right).intoArray(out, high);
        left = v0.add(v1).add(v2).add(start);
        right = v1.sub(v2).sub(v3).add(start);
        LOW.selectFrom(left, right).intoArray(out, low + next);
        HIGH.selectFrom(left, right).intoArray(out, high + next);
    }

    /// Copies the pixels of tiles `first … end - 1` from (row of the tile, tile, column of the tile) to
    /// their places.
    private void unfold(float[] out, int plane, float[] pixels, int half, int first, int end) {
        for (int tile = first; tile < end; ) {
            int y = tile / across;
            int x = tile - y * across;
            int count = Math.min(across - x, end - tile);
            int columns = Math.min(2 * count, s.outWidth() - 2 * x);
            int to = plane + 2 * y * s.outWidth() + 2 * x;
            int from = 2 * (tile - first);
            System.arraycopy(pixels, from, out, to, columns);
            if (2 * y + 1 < s.outHeight()) {
                System.arraycopy(pixels, half + from, out, to + s.outWidth(), columns);
            }
            tile += count;
        }
    }
}
