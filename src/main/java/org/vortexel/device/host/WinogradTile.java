package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The transforms of Winograd's convolution with 3 × 3 kernels, for tiles of 2 × 2 or 4 × 4 output
/// pixels.
///
/// `tile of out = Aᵀ [ (G w Gᵀ) ⊙ (Bᵀ d B) ] A`, where `d` is the pixels that the tile's windows cover,
/// [#span] rows
/// and
/// columns. A vector holds neighbouring channels of one pixel. The transforms go down the columns first
/// and then along
/// the rows; between them the numbers lie in `work`, which has room for [#places] vectors.
///
/// Source: Lavin and Gray 2015, [arXiv:1509.09308](https://arxiv.org/abs/1509.09308), sections 4.1 and
/// 4.2.
enum WinogradTile {
    /// F(2 × 2, 3 × 3): 16 products instead of 36.
    TWO(2),
    /// F(4 × 4, 3 × 3): 36 products instead of 144.
    FOUR(4);

    /// Rows and columns of a filter.
    private static final int KERNEL = 3;
    /// Numbers of a filter.
    static final int TAPS = KERNEL * KERNEL;

    private static final float[] NONE = new float[LANES];

    // The points of F(4 x 4, 3 x 3): 0, ±A, ±B and infinity. The paper's 1 and 2 lose five times as much to rounding.
    private static final float A2 = 1 / 2f;
    private static final float B2 = 2f;
    private static final float A = (float) Math.sqrt(0.5);
    private static final float B = (float) Math.sqrt(2);
    private static final float A3 = A2 * A;
    private static final float B3 = B2 * B;
    /// What `G` multiplies the rows of the points `±A` and `±B` by.
    private static final float AT_A = 1 / (2 * A2 * (A2 - B2));
    private static final float AT_B = 1 / (2 * B2 * (B2 - A2));

    private static final VectorMask<Float> FILTERS = SPECIES.indexInRange(0, Packing.ROWS);

    private final int side;

    WinogradTile(int side) {
        this.side = side;
    }

    /// Rows and columns of output pixels.
    int side() {
        return side;
    }

    /// Rows and columns of input pixels, and of what is multiplied.
    int span() {
        return side + 2;
    }

    /// Numbers of a transformed tile.
    int places() {
        return span() * span();
    }

    /// `Bᵀ d B` of a row of tiles.
    ///
    /// @param to where the first number of the first tile goes; tiles lie `apart`, their numbers `place` apart
    /// @param x pixels, [Packing#COLUMNS] apart, their rows `line`
    void input(float[] out, int to, int apart, int place, float[] x, int from, int line, int tiles, float[] work) {
        int span = span();
        for (int j = 0; j < tiles; j++) {
            for (int i = 0; i < span; i++) {
                input(work, i * LANES, span * LANES, x, from + (j * side + i) * COLUMNS, line);
            }
            for (int i = 0; i < span; i++) {
                input(out, to + j * apart + i * span * place, place, work, i * span * LANES, LANES);
            }
        }
    }

    /// `Aᵀ m A` plus a vector of `bias` of a row of tiles.
    ///
    /// @param out gets pixels, [Packing#COLUMNS] apart, their rows `line`
    /// @param m sums of products; tiles lie `apart`, their numbers `place` apart
    void output(
            float[] out,
            int to,
            int line,
            float[] m,
            int from,
            int apart,
            int place,
            int tiles,
            float[] bias,
            int biasAt,
            float[] work) {
        int span = span();
        for (int j = 0; j < tiles; j++) {
            for (int i = 0; i < span; i++) {
                output(work, i * LANES, span * LANES, m, from + j * apart + i * place, span * place, NONE, 0);
            }
            for (int i = 0; i < side; i++) {
                int pixel = to + i * line + j * side * COLUMNS;
                output(out, pixel, COLUMNS, work, i * span * LANES, LANES, bias, biasAt);
            }
        }
    }

    /// `G w Gᵀ` of a vector of filters.
    ///
    /// @param taps the filters' numbers from `at` on, `step` apart
    void filter(float[] out, int to, int place, float[] taps, int at, int step, float[] work) {
        for (int i = 0; i < KERNEL; i++) {
            filter(work, i * LANES, KERNEL * LANES, taps, at + i * step, KERNEL * step);
        }
        for (int i = 0; i < span(); i++) {
            filter(out, to + i * span() * place, place, work, i * KERNEL * LANES, LANES);
        }
    }

    /// `A y Aᵀ` of a row of tiles and a tile of filters.
    ///
    /// @param y gradients of pixels, `step` apart, their rows `line`
    void upstream(
            float[] out,
            int to,
            int apart,
            int place,
            float[] y,
            int from,
            int step,
            int line,
            int tiles,
            float[] work) {
        int span = span();
        for (int j = 0; j < tiles; j++) {
            for (int i = 0; i < side; i++) {
                upstream(work, i * LANES, side * LANES, y, from + (j * side + i) * step, line);
            }
            for (int i = 0; i < span; i++) {
                upstream(out, to + j * apart + i * span * place, place, work, i * side * LANES, LANES);
            }
        }
    }

    /// `Gᵀ m G` of a vector of filters.
    ///
    /// @param taps gets the filters' numbers, [Packing#COLUMNS] apart
    void gradient(float[] taps, int to, float[] m, int from, int place, float[] work) {
        int span = span();
        for (int i = 0; i < span; i++) {
            gradient(work, i * LANES, span * LANES, m, from + i * place, span * place);
        }
        for (int i = 0; i < KERNEL; i++) {
            gradient(taps, to + i * KERNEL * COLUMNS, COLUMNS, work, i * span * LANES, LANES);
        }
    }

    // The lines: `x` is read from `from` on at every `step`, `out` is written from `to` on at every `apart`.

    private void input(float[] out, int to, int apart, float[] x, int from, int step) {
        if (this == TWO) {
            inputTwo(out, to, apart, x, from, step);
        } else {
            inputFour(out, to, apart, x, from, step);
        }
    }

    private static void inputTwo(float[] out, int to, int apart, float[] x, int from, int step) {
        FloatVector d0 = FloatVector.fromArray(SPECIES, x, from);
        FloatVector d1 = FloatVector.fromArray(SPECIES, x, from + step);
        FloatVector d2 = FloatVector.fromArray(SPECIES, x, from + 2 * step);
        FloatVector d3 = FloatVector.fromArray(SPECIES, x, from + 3 * step);
        d0.sub(d2).intoArray(out, to);
        d1.add(d2).intoArray(out, to + apart);
        d2.sub(d1).intoArray(out, to + 2 * apart);
        d1.sub(d3).intoArray(out, to + 3 * apart);
    }

    private static void inputFour(float[] out, int to, int apart, float[] x, int from, int step) {
        FloatVector d0 = FloatVector.fromArray(SPECIES, x, from);
        FloatVector d1 = FloatVector.fromArray(SPECIES, x, from + step);
        FloatVector d2 = FloatVector.fromArray(SPECIES, x, from + 2 * step);
        FloatVector d3 = FloatVector.fromArray(SPECIES, x, from + 3 * step);
        FloatVector d4 = FloatVector.fromArray(SPECIES, x, from + 4 * step);
        FloatVector d5 = FloatVector.fromArray(SPECIES, x, from + 5 * step);
        FloatVector outer = FloatVector.broadcast(SPECIES, -(A2 + B2)); // A2 B2 is 1
        FloatVector evenA = d2.fma(FloatVector.broadcast(SPECIES, -B2), d4);
        FloatVector oddA = d1.fma(FloatVector.broadcast(SPECIES, -B2), d3);
        FloatVector evenB = d2.fma(FloatVector.broadcast(SPECIES, -A2), d4);
        FloatVector oddB = d1.fma(FloatVector.broadcast(SPECIES, -A2), d3);
        d2.fma(outer, d4).add(d0).intoArray(out, to);
        oddA.fma(FloatVector.broadcast(SPECIES, A), evenA).intoArray(out, to + apart);
        oddA.fma(FloatVector.broadcast(SPECIES, -A), evenA).intoArray(out, to + 2 * apart);
        oddB.fma(FloatVector.broadcast(SPECIES, B), evenB).intoArray(out, to + 3 * apart);
        oddB.fma(FloatVector.broadcast(SPECIES, -B), evenB).intoArray(out, to + 4 * apart);
        d3.fma(outer, d5).add(d1).intoArray(out, to + 5 * apart);
    }

    private void output(float[] out, int to, int apart, float[] m, int from, int step, float[] biases, int biasAt) {
        if (this == TWO) {
            outputTwo(out, to, apart, m, from, step, biases, biasAt);
        } else {
            outputFour(out, to, apart, m, from, step, biases, biasAt);
        }
    }

    private static void outputTwo(
            float[] out, int to, int apart, float[] m, int from, int step, float[] biases, int biasAt) {
        FloatVector bias = FloatVector.fromArray(SPECIES, biases, biasAt);
        FloatVector m0 = FloatVector.fromArray(SPECIES, m, from);
        FloatVector m1 = FloatVector.fromArray(SPECIES, m, from + step);
        FloatVector m2 = FloatVector.fromArray(SPECIES, m, from + 2 * step);
        FloatVector m3 = FloatVector.fromArray(SPECIES, m, from + 3 * step);
        m0.add(m1).add(m2).add(bias).intoArray(out, to);
        m1.sub(m2).sub(m3).add(bias).intoArray(out, to + apart);
    }

    private static void outputFour(
            float[] out, int to, int apart, float[] m, int from, int step, float[] biases, int biasAt) {
        FloatVector bias = FloatVector.fromArray(SPECIES, biases, biasAt);
        FloatVector m0 = FloatVector.fromArray(SPECIES, m, from);
        FloatVector m1 = FloatVector.fromArray(SPECIES, m, from + step);
        FloatVector m2 = FloatVector.fromArray(SPECIES, m, from + 2 * step);
        FloatVector m3 = FloatVector.fromArray(SPECIES, m, from + 3 * step);
        FloatVector m4 = FloatVector.fromArray(SPECIES, m, from + 4 * step);
        FloatVector m5 = FloatVector.fromArray(SPECIES, m, from + 5 * step);
        FloatVector sumA = m1.add(m2);
        FloatVector differenceA = m1.sub(m2);
        FloatVector sumB = m3.add(m4);
        FloatVector differenceB = m3.sub(m4);
        FloatVector first = differenceA.fma(FloatVector.broadcast(SPECIES, A), bias);
        FloatVector second = sumA.fma(FloatVector.broadcast(SPECIES, A2), bias);
        FloatVector third = differenceA.fma(FloatVector.broadcast(SPECIES, A3), m5.add(bias));
        m0.add(sumA).add(sumB).add(bias).intoArray(out, to);
        differenceB.fma(FloatVector.broadcast(SPECIES, B), first).intoArray(out, to + apart);
        sumB.fma(FloatVector.broadcast(SPECIES, B2), second).intoArray(out, to + 2 * apart);
        differenceB.fma(FloatVector.broadcast(SPECIES, B3), third).intoArray(out, to + 3 * apart);
    }

    private void filter(float[] out, int to, int apart, float[] w, int from, int step) {
        FloatVector w0 = FloatVector.fromArray(SPECIES, w, from);
        FloatVector w1 = FloatVector.fromArray(SPECIES, w, from + step);
        FloatVector w2 = FloatVector.fromArray(SPECIES, w, from + 2 * step);
        w0.intoArray(out, to);
        w2.intoArray(out, to + (span() - 1) * apart);
        if (this == TWO) {
            FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
            FloatVector ends = w0.add(w2);
            ends.add(w1).mul(half).intoArray(out, to + apart);
            ends.sub(w1).mul(half).intoArray(out, to + 2 * apart);
        } else {
            FloatVector atA = FloatVector.broadcast(SPECIES, AT_A);
            FloatVector atB = FloatVector.broadcast(SPECIES, AT_B);
            FloatVector evenA = w2.fma(FloatVector.broadcast(SPECIES, A2), w0).mul(atA);
            FloatVector oddA = w1.mul(FloatVector.broadcast(SPECIES, A)).mul(atA);
            FloatVector evenB = w2.fma(FloatVector.broadcast(SPECIES, B2), w0).mul(atB);
            FloatVector oddB = w1.mul(FloatVector.broadcast(SPECIES, B)).mul(atB);
            evenA.add(oddA).intoArray(out, to + apart);
            evenA.sub(oddA).intoArray(out, to + 2 * apart);
            evenB.add(oddB).intoArray(out, to + 3 * apart);
            evenB.sub(oddB).intoArray(out, to + 4 * apart);
        }
    }

    private void upstream(float[] out, int to, int apart, float[] y, int from, int step) {
        if (this == TWO) {
            upstreamTwo(out, to, apart, y, from, step);
        } else {
            upstreamFour(out, to, apart, y, from, step);
        }
    }

    private static void upstreamTwo(float[] out, int to, int apart, float[] y, int from, int step) {
        FloatVector y0 = FloatVector.fromArray(SPECIES, y, from);
        FloatVector y1 = FloatVector.fromArray(SPECIES, y, from + step);
        y0.intoArray(out, to, FILTERS);
        y0.add(y1).intoArray(out, to + apart, FILTERS);
        y0.sub(y1).intoArray(out, to + 2 * apart, FILTERS);
        y1.neg().intoArray(out, to + 3 * apart, FILTERS);
    }

    private static void upstreamFour(float[] out, int to, int apart, float[] y, int from, int step) {
        FloatVector y0 = FloatVector.fromArray(SPECIES, y, from);
        FloatVector y1 = FloatVector.fromArray(SPECIES, y, from + step);
        FloatVector y2 = FloatVector.fromArray(SPECIES, y, from + 2 * step);
        FloatVector y3 = FloatVector.fromArray(SPECIES, y, from + 3 * step);
        FloatVector a2 = FloatVector.broadcast(SPECIES, A2);
        FloatVector b2 = FloatVector.broadcast(SPECIES, B2);
        FloatVector evenA = y2.fma(a2, y0);
        FloatVector oddA = y3.fma(a2, y1).mul(FloatVector.broadcast(SPECIES, A));
        FloatVector evenB = y2.fma(b2, y0);
        FloatVector oddB = y3.fma(b2, y1).mul(FloatVector.broadcast(SPECIES, B));
        y0.intoArray(out, to, FILTERS);
        evenA.add(oddA).intoArray(out, to + apart, FILTERS);
        evenA.sub(oddA).intoArray(out, to + 2 * apart, FILTERS);
        evenB.add(oddB).intoArray(out, to + 3 * apart, FILTERS);
        evenB.sub(oddB).intoArray(out, to + 4 * apart, FILTERS);
        y3.intoArray(out, to + 5 * apart, FILTERS);
    }

    private void gradient(float[] out, int to, int apart, float[] m, int from, int step) {
        FloatVector m0 = FloatVector.fromArray(SPECIES, m, from);
        FloatVector m1 = FloatVector.fromArray(SPECIES, m, from + step);
        FloatVector m2 = FloatVector.fromArray(SPECIES, m, from + 2 * step);
        FloatVector m3 = FloatVector.fromArray(SPECIES, m, from + 3 * step);
        if (this == TWO) {
            FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
            FloatVector mean = m1.add(m2).mul(half);
            m0.add(mean).intoArray(out, to);
            m1.sub(m2).mul(half).intoArray(out, to + apart);
            mean.add(m3).intoArray(out, to + 2 * apart);
        } else {
            FloatVector m4 = FloatVector.fromArray(SPECIES, m, from + 4 * step);
            FloatVector m5 = FloatVector.fromArray(SPECIES, m, from + 5 * step);
            FloatVector atA = FloatVector.broadcast(SPECIES, AT_A);
            FloatVector atB = FloatVector.broadcast(SPECIES, AT_B);
            FloatVector sumA = m1.add(m2).mul(atA);
            FloatVector sumB = m3.add(m4).mul(atB);
            FloatVector differenceA = m1.sub(m2).mul(atA).mul(FloatVector.broadcast(SPECIES, A));
            FloatVector differenceB = m3.sub(m4).mul(atB);
            FloatVector last = sumA.fma(FloatVector.broadcast(SPECIES, A2), m5);
            m0.add(sumA).add(sumB).intoArray(out, to);
            differenceB.fma(FloatVector.broadcast(SPECIES, B), differenceA).intoArray(out, to + apart);
            sumB.fma(FloatVector.broadcast(SPECIES, B2), last).intoArray(out, to + 2 * apart);
        }
    }
}
