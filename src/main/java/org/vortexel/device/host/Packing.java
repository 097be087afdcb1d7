package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.load;

import java.util.Arrays;

/// Copies parts of matrices into the order in which the innermost loop of [Gemm] reads them.
///
/// The left matrix becomes tiles of [#ROWS] rows, the right one panels of [#COLUMNS] columns; inside either, the elements of one
/// `k` lie side by side. Missing rows and columns at the edge are zeros.
final class Packing {
    /// Rows of a tile.
    static final int ROWS = 6;
    /// Columns of a panel: two vectors.
    static final int COLUMNS = 2 * LANES;

    /// How many `k` are copied per tile before the next tile's turn, so that neighbours share cache lines.
    private static final int STEP = 4;

    private Packing() {}

    static int tiles(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    static int panels(int columns) {
        return (columns + COLUMNS - 1) / COLUMNS;
    }

    /// Packs rows `row … row + rows - 1`, columns `k0 … k0 + k - 1` of op(A).
    static void left(
            float[] out, float[] a, int offset, int stride, boolean transposed, int row, int rows, int k0, int k) {
        if (transposed) {
            int first = offset + k0 * stride + row;
            for (int p = 0; p < k; p += STEP) {
                int end = Math.min(k, p + STEP);
                for (int tile = 0; tile < rows; tile += ROWS) {
                    int filled = Math.min(ROWS, rows - tile);
                    if (filled == ROWS) {
                        leftSide(out, tile * k, a, first + tile, stride, p, end);
                    } else {
                        for (int q = p; q < end; q++) {
                            edge(out, tile * k + q * ROWS, ROWS, a, first + tile + q * stride, 1, filled);
                        }
                    }
                }
            }
        } else {
            for (int tile = 0; tile < rows; tile += ROWS) {
                int from = offset + (row + tile) * stride + k0;
                int filled = Math.min(ROWS, rows - tile);
                if (filled == ROWS) {
                    leftRows(out, tile * k, a, from, stride, k);
                } else {
                    for (int q = 0; q < k; q++) {
                        edge(out, tile * k + q * ROWS, ROWS, a, from + q, stride, filled);
                    }
                }
            }
        }
    }

    private static void leftRows(float[] out, int to, float[] a, int from, int stride, int k) {
        int r1 = from + stride;
        int r2 = r1 + stride;
        int r3 = r2 + stride;
        int r4 = r3 + stride;
        int r5 = r4 + stride;
        for (int q = 0; q < k; q++) {
            int at = to + q * ROWS;
            out[at] = a[from + q];
            out[at + 1] = a[r1 + q];
            out[at + 2] = a[r2 + q];
            out[at + 3] = a[r3 + q];
            out[at + 4] = a[r4 + q];
            out[at + 5] = a[r5 + q];
        }
    }

    private static void leftSide(float[] out, int to, float[] a, int from, int stride, int begin, int end) {
        for (int q = begin; q < end; q++) {
            int at = to + q * ROWS;
            int source = from + q * stride;
            out[at] = a[source];
            out[at + 1] = a[source + 1];
            out[at + 2] = a[source + 2];
            out[at + 3] = a[source + 3];
            out[at + 4] = a[source + 4];
            out[at + 5] = a[source + 5];
        }
    }

    private static void edge(float[] out, int to, int width, float[] source, int from, int stride, int filled) {
        for (int i = 0; i < filled; i++) {
            out[to + i] = source[from + i * stride];
        }
        Arrays.fill(out, to + filled, to + width, 0f);
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
        int whole = columns / COLUMNS * COLUMNS;
        if (transposed) {
            for (int panel = 0; panel < whole; panel += COLUMNS) {
                int from = offset + (column + panel) * stride + k0;
                for (int j = 0; j < COLUMNS; j += 4) {
                    rightRows(out, to + panel * k + j, b, from + j * stride, stride, k);
                }
            }
        } else {
            int first = offset + k0 * stride + column;
            for (int p = 0; p < k; p += STEP) {
                int end = Math.min(k, p + STEP);
                for (int panel = 0; panel < whole; panel += COLUMNS) {
                    rightSide(out, to + panel * k, b, first + panel, stride, p, end);
                }
            }
        }
        if (whole < columns) {
            int corner = transposed ? offset + (column + whole) * stride + k0 : offset + k0 * stride + column + whole;
            for (int q = 0; q < k; q++) {
                int from = corner + (transposed ? q : q * stride);
                edge(out, to + whole * k + q * COLUMNS, COLUMNS, b, from, transposed ? stride : 1, columns - whole);
            }
        }
    }

    private static void rightRows(float[] out, int to, float[] b, int from, int stride, int k) {
        int r1 = from + stride;
        int r2 = r1 + stride;
        int r3 = r2 + stride;
        for (int q = 0; q < k; q++) {
            int at = to + q * COLUMNS;
            out[at] = b[from + q];
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
}
