package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Copies parts of matrices into the order in which the innermost loop of [Gemm] reads them.
///
/// The left matrix becomes tiles of [#ROWS] rows, the right one panels of [#COLUMNS] columns; inside either,
/// the elements of one `k` lie side by side. What stands in for missing rows and columns at the edge does not
/// matter: their sums are dropped.
final class Packing {
    /// Whether there are 32 vector registers, as with AVX-512: a tile then has twice as many rows.
    static final boolean WIDE = LANES >= 16;
    /// Rows of a tile.
    static final int ROWS = WIDE ? 12 : 6;
    /// Columns of a panel: two vectors.
    static final int COLUMNS = 2 * LANES;

    /// How many `k` are copied per tile before the next tile's turn, so that neighbours share cache lines.
    private static final int STEP = 4;

    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;
    private static final VectorShuffle<Float> LEFT_1 = VectorShuffle.fromValues(FOUR, 1, 2, 3, 0);
    private static final VectorShuffle<Float> LEFT_2 = VectorShuffle.fromValues(FOUR, 2, 3, 0, 1);
    private static final VectorShuffle<Float> LEFT_3 = VectorShuffle.fromValues(FOUR, 3, 0, 1, 2);
    private static final VectorShuffle<Float> BACK_0 = VectorShuffle.fromValues(FOUR, 0, 3, 2, 1);
    private static final VectorShuffle<Float> BACK_1 = VectorShuffle.fromValues(FOUR, 1, 0, 3, 2);
    private static final VectorShuffle<Float> BACK_2 = VectorShuffle.fromValues(FOUR, 2, 1, 0, 3);
    private static final VectorShuffle<Float> BACK_3 = VectorShuffle.fromValues(FOUR, 3, 2, 1, 0);
    private static final VectorMask<Float> ODD = VectorMask.fromValues(FOUR, false, true, false, true);
    private static final VectorMask<Float> UPPER = VectorMask.fromValues(FOUR, false, false, true, true);

    private Packing() {}

    /// Floats that the packed form of `rows` rows of the left matrix takes, with two more for the last overlapped
    /// store.
    static int leftSize(int rows, int k) {
        return tiles(rows) * ROWS * k + 2;
    }

    static int tiles(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    static int panels(int columns) {
        return (columns + COLUMNS - 1) / COLUMNS;
    }

    /// Packs rows `row … row + rows - 1`, columns `k0 … k0 + k - 1` of op(A), from `out[to]`.
    static void left(
            float[] out,
            int to,
            float[] a,
            int offset,
            int stride,
            boolean transposed,
            int row,
            int rows,
            int k0,
            int k) {
        if (!transposed) {
            for (int tile = 0; tile < rows; tile += ROWS) {
                leftRows(out, to + tile * k, a, offset + (row + tile) * stride + k0, stride, rows - tile, k);
            }
            return;
        }
        int first = offset + k0 * stride + row;
        for (int p = 0; p < k; p += STEP) {
            int end = Math.min(k, p + STEP);
            for (int tile = 0; tile < rows; tile += ROWS) {
                if (rows - tile >= ROWS) {
                    leftSide(out, to + tile * k, a, first + tile, stride, p, end);
                } else {
                    for (int q = p; q < end; q++) {
                        System.arraycopy(a, first + tile + q * stride, out, to + tile * k + q * ROWS, rows - tile);
                    }
                }
            }
        }
    }

    /// One tile of rows, four at a time from the last four: the stores of rows that a tile of 6 does not have
    /// run over into places that the rows before then fill.
    private static void leftRows(float[] out, int to, float[] a, int from, int stride, int rows, int k) {
        int last = rows - 1;
        int fours = k & -4;
        for (int row = (ROWS - 1) & -4; row >= 0; row -= 4) {
            int r0 = from + Math.min(row, last) * stride;
            int r1 = from + Math.min(row + 1, last) * stride;
            int r2 = from + Math.min(row + 2, last) * stride;
            int r3 = from + Math.min(row + 3, last) * stride;
            for (int q = 0; q < fours; q += 4) {
                transpose(a, r0 + q, r1 + q, r2 + q, r3 + q, out, to + q * ROWS + row, ROWS);
            }
        }
        for (int row = 0; row < ROWS; row++) {
            int r = from + Math.min(row, last) * stride;
            for (int q = fours; q < k; q++) {
                out[to + q * ROWS + row] = a[r + q];
            }
        }
    }

    /// The last four of a tile's rows overlap those before.
    private static void leftSide(float[] out, int to, float[] a, int from, int stride, int begin, int end) {
        for (int q = begin; q < end; q++) {
            int at = to + q * ROWS;
            int source = from + q * stride;
            FloatVector head = FloatVector.fromArray(FOUR, a, source);
            FloatVector tail = FloatVector.fromArray(FOUR, a, source + ROWS - 4);
            head.intoArray(out, at);
            if (WIDE) {
                FloatVector middle = FloatVector.fromArray(FOUR, a, source + 4);
                middle.intoArray(out, at + 4);
            }
            tail.intoArray(out, at + ROWS - 4);
        }
    }

    /// Packs columns `column … column + columns - 1`, rows `k0 … k0 + k - 1` of op(B), from `out[to]`.
    static void right(
            float[] out,
            int to,
            float[] b,
            int offset,
            int stride,
            boolean transposed,
            int column,
            int columns,
            int k0,
            int k) {
        if (transposed) {
            int last = columns - 1;
            for (int j = 0; j < panels(columns) * COLUMNS; j += 4) {
                int place = to + j / COLUMNS * COLUMNS * k + j % COLUMNS;
                rightRows(out, place, b, offset + column * stride + k0, stride, j, last, k);
            }
            return;
        }
        int whole = columns / COLUMNS * COLUMNS;
        int first = offset + k0 * stride + column;
        for (int p = 0; p < k; p += STEP) {
            int end = Math.min(k, p + STEP);
            for (int panel = 0; panel < whole; panel += COLUMNS) {
                rightSide(out, to + panel * k, b, first + panel, stride, p, end);
            }
        }
        if (whole < columns) {
            VectorMask<Float> head = SPECIES.indexInRange(0, columns - whole);
            VectorMask<Float> tail = SPECIES.indexInRange(LANES, columns - whole);
            for (int q = 0; q < k; q++) {
                int at = to + whole * k + q * COLUMNS;
                int source = first + whole + q * stride;
                load(b, source, head).intoArray(out, at);
                load(b, source + LANES, tail).intoArray(out, at + LANES);
            }
        }
    }

    private static void rightRows(float[] out, int to, float[] b, int from, int stride, int j, int last, int k) {
        int r0 = from + Math.min(j, last) * stride;
        int r1 = from + Math.min(j + 1, last) * stride;
        int r2 = from + Math.min(j + 2, last) * stride;
        int r3 = from + Math.min(j + 3, last) * stride;
        int fours = k & -4;
        for (int q = 0; q < fours; q += 4) {
            transpose(b, r0 + q, r1 + q, r2 + q, r3 + q, out, to + q * COLUMNS, COLUMNS);
        }
        for (int q = fours; q < k; q++) {
            int at = to + q * COLUMNS;
            out[at] = b[r0 + q];
            out[at + 1] = b[r1 + q];
            out[at + 2] = b[r2 + q];
            out[at + 3] = b[r3 + q];
        }
    }

    private static void rightSide(float[] out, int to, float[] b, int from, int stride, int begin, int end) {
        for (int q = begin; q < end; q++) {
            int at = to + q * COLUMNS;
            int source = from + q * stride;
            load(b, source).intoArray(out, at);
            load(b, source + LANES).intoArray(out, at + LANES);
        }
    }

    /// Writes the four columns of four rows of four, `step` apart: row `i` is rotated left by `i`, two rounds
    /// of blends collect column `j` with its elements in the order 0, 3, 2, 1 rotated by `j`, and a last
    /// shuffle puts them right.
    static void transpose(float[] x, int r0, int r1, int r2, int r3, float[] out, int at, int step) {
        FloatVector s0 = FloatVector.fromArray(FOUR, x, r0);
        FloatVector s1 = FloatVector.fromArray(FOUR, x, r1).rearrange(LEFT_1);
        FloatVector s2 = FloatVector.fromArray(FOUR, x, r2).rearrange(LEFT_2);
        FloatVector s3 = FloatVector.fromArray(FOUR, x, r3).rearrange(LEFT_3);
        FloatVector u0 = s0.blend(s3, ODD);
        FloatVector u1 = s1.blend(s0, ODD);
        FloatVector u2 = s2.blend(s1, ODD);
        FloatVector u3 = s3.blend(s2, ODD);
        u0.blend(u2, UPPER).rearrange(BACK_0).intoArray(out, at);
        u1.blend(u3, UPPER).rearrange(BACK_1).intoArray(out, at + step);
        u2.blend(u0, UPPER).rearrange(BACK_2).intoArray(out, at + 2 * step);
        u3.blend(u1, UPPER).rearrange(BACK_3).intoArray(out, at + 3 * step);
    }
}
