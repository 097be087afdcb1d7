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

    /// Numbers of a filter.
    static final int TAPS = 9;

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
    /// @param to where the first number of the first tile goes; tiles lie `apart`, their numbers
    /// `place` apart
    /// @param x pixels, [Packing#COLUMNS] apart, their rows `line`
    void input(float[] out, int to, int apart, int place, float[] x, int from, int line, int tiles, float[] work) {
        if (this == TWO) {
            inputTwo(out, to, apart, place, x, from, line, tiles);
        } else {
            inputFour(out, to, apart, place, x, from, line, tiles, work);
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
        if (this == TWO) {
            outputTwo(out, to, line, m, from, apart, place, tiles, bias, biasAt);
        } else {
            outputFour(out, to, line, m, from, apart, place, tiles, bias, biasAt, work);
        }
    }

    /// `G w Gᵀ` of a vector of filters.
    ///
    /// @param taps the filters' numbers from `at` on, `step` apart
    void filter(float[] out, int to, int place, float[] taps, int at, int step, float[] work) {
        if (this == TWO) {
            filterTwo(out, to, place, taps, at, step, work);
        } else {
            filterFour(out, to, place, taps, at, step, work);
        }
    }

    /// `A y Aᵀ` of a row of tiles and a vector of filters.
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
        if (this == TWO) {
            upstreamTwo(out, to, apart, place, y, from, step, line, tiles);
        } else {
            upstreamFour(out, to, apart, place, y, from, step, line, tiles, work);
        }
    }

    /// `Gᵀ m G` of a vector of filters.
    ///
    /// @param taps gets the filters' numbers, [Packing#COLUMNS] apart
    void gradient(float[] taps, int to, float[] m, int from, int place, float[] work) {
        if (this == TWO) {
            gradientTwo(taps, to, m, from, place, work);
        } else {
            gradientFour(taps, to, m, from, place, work);
        }
    }

    private static void inputTwo(float[] out, int to, int apart, int place, float[] x, int from, int line, int tiles) {
        for (int j = 0; j < tiles; j++) {
            int at = from + j * 2 * COLUMNS;
            int o = to + j * apart;
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

    private static void inputFour(
            float[] out, int to, int apart, int place, float[] x, int from, int line, int tiles, float[] work) {
        FloatVector outer = FloatVector.broadcast(SPECIES, -(A2 + B2)); // A2 B2 is 1
        FloatVector a = FloatVector.broadcast(SPECIES, A);
        FloatVector minusA = FloatVector.broadcast(SPECIES, -A);
        FloatVector minusA2 = FloatVector.broadcast(SPECIES, -A2);
        FloatVector b = FloatVector.broadcast(SPECIES, B);
        FloatVector minusB = FloatVector.broadcast(SPECIES, -B);
        FloatVector minusB2 = FloatVector.broadcast(SPECIES, -B2);
        for (int j = 0; j < tiles; j++) {
            int at = from + j * 4 * COLUMNS;
            for (int column = 0; column < 6; column++) {
                int i = at + column * COLUMNS;
                FloatVector d0 = FloatVector.fromArray(SPECIES, x, i);
                FloatVector d1 = FloatVector.fromArray(SPECIES, x, i + line);
                FloatVector d2 = FloatVector.fromArray(SPECIES, x, i + 2 * line);
                FloatVector d3 = FloatVector.fromArray(SPECIES, x, i + 3 * line);
                FloatVector d4 = FloatVector.fromArray(SPECIES, x, i + 4 * line);
                FloatVector d5 = FloatVector.fromArray(SPECIES, x, i + 5 * line);
                FloatVector evenA = d2.fma(minusB2, d4);
                FloatVector oddA = d1.fma(minusB2, d3);
                FloatVector evenB = d2.fma(minusA2, d4);
                FloatVector oddB = d1.fma(minusA2, d3);
                int w = column * LANES;
                d2.fma(outer, d4).add(d0).intoArray(work, w);
                oddA.fma(a, evenA).intoArray(work, w + 6 * LANES);
                oddA.fma(minusA, evenA).intoArray(work, w + 12 * LANES);
                oddB.fma(b, evenB).intoArray(work, w + 18 * LANES);
                oddB.fma(minusB, evenB).intoArray(work, w + 24 * LANES);
                d3.fma(outer, d5).add(d1).intoArray(work, w + 30 * LANES);
            }
            int o = to + j * apart;
            for (int row = 0; row < 6; row++) {
                int i = 6 * row * LANES;
                FloatVector d0 = FloatVector.fromArray(SPECIES, work, i);
                FloatVector d1 = FloatVector.fromArray(SPECIES, work, i + LANES);
                FloatVector d2 = FloatVector.fromArray(SPECIES, work, i + 2 * LANES);
                FloatVector d3 = FloatVector.fromArray(SPECIES, work, i + 3 * LANES);
                FloatVector d4 = FloatVector.fromArray(SPECIES, work, i + 4 * LANES);
                FloatVector d5 = FloatVector.fromArray(SPECIES, work, i + 5 * LANES);
                FloatVector evenA = d2.fma(minusB2, d4);
                FloatVector oddA = d1.fma(minusB2, d3);
                FloatVector evenB = d2.fma(minusA2, d4);
                FloatVector oddB = d1.fma(minusA2, d3);
                int w = o + 6 * row * place;
                d2.fma(outer, d4).add(d0).intoArray(out, w);
                oddA.fma(a, evenA).intoArray(out, w + place);
                oddA.fma(minusA, evenA).intoArray(out, w + 2 * place);
                oddB.fma(b, evenB).intoArray(out, w + 3 * place);
                oddB.fma(minusB, evenB).intoArray(out, w + 4 * place);
                d3.fma(outer, d5).add(d1).intoArray(out, w + 5 * place);
            }
        }
    }

    private static void outputTwo(
            float[] out,
            int to,
            int line,
            float[] m,
            int from,
            int apart,
            int place,
            int tiles,
            float[] biases,
            int biasAt) {
        FloatVector bias = FloatVector.fromArray(SPECIES, biases, biasAt);
        for (int j = 0; j < tiles; j++) {
            int at = from + j * apart;
            int o = to + j * 2 * COLUMNS;
            FloatVector m0 = FloatVector.fromArray(SPECIES, m, at);
            FloatVector m1 = FloatVector.fromArray(SPECIES, m, at + 4 * place);
            FloatVector m2 = FloatVector.fromArray(SPECIES, m, at + 8 * place);
            FloatVector m3 = FloatVector.fromArray(SPECIES, m, at + 12 * place);
            FloatVector y0 = m0.add(m1).add(m2);
            FloatVector y1 = m1.sub(m2).sub(m3);
            m0 = FloatVector.fromArray(SPECIES, m, at + place);
            m1 = FloatVector.fromArray(SPECIES, m, at + 5 * place);
            m2 = FloatVector.fromArray(SPECIES, m, at + 9 * place);
            m3 = FloatVector.fromArray(SPECIES, m, at + 13 * place);
            FloatVector z0 = m0.add(m1).add(m2);
            FloatVector z1 = m1.sub(m2).sub(m3);
            FloatVector left0 = y0.add(z0);
            FloatVector left1 = y1.add(z1);
            m0 = FloatVector.fromArray(SPECIES, m, at + 2 * place);
            m1 = FloatVector.fromArray(SPECIES, m, at + 6 * place);
            m2 = FloatVector.fromArray(SPECIES, m, at + 10 * place);
            m3 = FloatVector.fromArray(SPECIES, m, at + 14 * place);
            FloatVector u0 = m0.add(m1).add(m2);
            FloatVector u1 = m1.sub(m2).sub(m3);
            left0.add(u0).add(bias).intoArray(out, o);
            left1.add(u1).add(bias).intoArray(out, o + line);
            m0 = FloatVector.fromArray(SPECIES, m, at + 3 * place);
            m1 = FloatVector.fromArray(SPECIES, m, at + 7 * place);
            m2 = FloatVector.fromArray(SPECIES, m, at + 11 * place);
            m3 = FloatVector.fromArray(SPECIES, m, at + 15 * place);
            FloatVector v0 = m0.add(m1).add(m2);
            FloatVector v1 = m1.sub(m2).sub(m3);
            z0.sub(u0).sub(v0).add(bias).intoArray(out, o + COLUMNS);
            z1.sub(u1).sub(v1).add(bias).intoArray(out, o + line + COLUMNS);
        }
    }

    private static void outputFour(
            float[] out,
            int to,
            int line,
            float[] m,
            int from,
            int apart,
            int place,
            int tiles,
            float[] biases,
            int biasAt,
            float[] work) {
        FloatVector bias = FloatVector.fromArray(SPECIES, biases, biasAt);
        FloatVector a = FloatVector.broadcast(SPECIES, A);
        FloatVector a2 = FloatVector.broadcast(SPECIES, A2);
        FloatVector a3 = FloatVector.broadcast(SPECIES, A3);
        FloatVector b = FloatVector.broadcast(SPECIES, B);
        FloatVector b2 = FloatVector.broadcast(SPECIES, B2);
        FloatVector b3 = FloatVector.broadcast(SPECIES, B3);
        for (int j = 0; j < tiles; j++) {
            int at = from + j * apart;
            for (int column = 0; column < 6; column++) {
                int i = at + column * place;
                FloatVector m0 = FloatVector.fromArray(SPECIES, m, i);
                FloatVector m1 = FloatVector.fromArray(SPECIES, m, i + 6 * place);
                FloatVector m2 = FloatVector.fromArray(SPECIES, m, i + 12 * place);
                FloatVector m3 = FloatVector.fromArray(SPECIES, m, i + 18 * place);
                FloatVector m4 = FloatVector.fromArray(SPECIES, m, i + 24 * place);
                FloatVector m5 = FloatVector.fromArray(SPECIES, m, i + 30 * place);
                FloatVector sumA = m1.add(m2);
                FloatVector differenceA = m1.sub(m2);
                FloatVector sumB = m3.add(m4);
                FloatVector differenceB = m3.sub(m4);
                int w = column * LANES;
                m0.add(sumA).add(sumB).intoArray(work, w);
                differenceB.fma(b, differenceA.mul(a)).intoArray(work, w + 6 * LANES);
                sumB.fma(b2, sumA.mul(a2)).intoArray(work, w + 12 * LANES);
                differenceB.fma(b3, differenceA.fma(a3, m5)).intoArray(work, w + 18 * LANES);
            }
            for (int row = 0; row < 4; row++) {
                int i = 6 * row * LANES;
                FloatVector m0 = FloatVector.fromArray(SPECIES, work, i);
                FloatVector m1 = FloatVector.fromArray(SPECIES, work, i + LANES);
                FloatVector m2 = FloatVector.fromArray(SPECIES, work, i + 2 * LANES);
                FloatVector m3 = FloatVector.fromArray(SPECIES, work, i + 3 * LANES);
                FloatVector m4 = FloatVector.fromArray(SPECIES, work, i + 4 * LANES);
                FloatVector m5 = FloatVector.fromArray(SPECIES, work, i + 5 * LANES);
                FloatVector sumA = m1.add(m2);
                FloatVector differenceA = m1.sub(m2);
                FloatVector sumB = m3.add(m4);
                FloatVector differenceB = m3.sub(m4);
                int o = to + row * line + j * 4 * COLUMNS;
                m0.add(sumA).add(sumB).add(bias).intoArray(out, o);
                differenceB.fma(b, differenceA.fma(a, bias)).intoArray(out, o + COLUMNS);
                sumB.fma(b2, sumA.fma(a2, bias)).intoArray(out, o + 2 * COLUMNS);
                differenceB.fma(b3, differenceA.fma(a3, m5.add(bias))).intoArray(out, o + 3 * COLUMNS);
            }
        }
    }

    private static void filterTwo(float[] out, int to, int place, float[] taps, int at, int step, float[] work) {
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
            w0.intoArray(out, first);
            ends.add(w1).mul(half).intoArray(out, first + place);
            ends.sub(w1).mul(half).intoArray(out, first + 2 * place);
            w2.intoArray(out, first + 3 * place);
        }
    }

    private static void filterFour(float[] out, int to, int place, float[] taps, int at, int step, float[] work) {
        FloatVector a = FloatVector.broadcast(SPECIES, A);
        FloatVector a2 = FloatVector.broadcast(SPECIES, A2);
        FloatVector b = FloatVector.broadcast(SPECIES, B);
        FloatVector b2 = FloatVector.broadcast(SPECIES, B2);
        FloatVector atA = FloatVector.broadcast(SPECIES, AT_A);
        FloatVector atB = FloatVector.broadcast(SPECIES, AT_B);
        for (int column = 0; column < 3; column++) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, taps, at + column * step);
            FloatVector w1 = FloatVector.fromArray(SPECIES, taps, at + (3 + column) * step);
            FloatVector w2 = FloatVector.fromArray(SPECIES, taps, at + (6 + column) * step);
            FloatVector evenA = w2.fma(a2, w0).mul(atA);
            FloatVector oddA = w1.mul(a).mul(atA);
            FloatVector evenB = w2.fma(b2, w0).mul(atB);
            FloatVector oddB = w1.mul(b).mul(atB);
            w0.intoArray(work, column * LANES);
            evenA.add(oddA).intoArray(work, (3 + column) * LANES);
            evenA.sub(oddA).intoArray(work, (6 + column) * LANES);
            evenB.add(oddB).intoArray(work, (9 + column) * LANES);
            evenB.sub(oddB).intoArray(work, (12 + column) * LANES);
            w2.intoArray(work, (15 + column) * LANES);
        }
        for (int row = 0; row < 6; row++) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, work, 3 * row * LANES);
            FloatVector w1 = FloatVector.fromArray(SPECIES, work, (3 * row + 1) * LANES);
            FloatVector w2 = FloatVector.fromArray(SPECIES, work, (3 * row + 2) * LANES);
            FloatVector evenA = w2.fma(a2, w0).mul(atA);
            FloatVector oddA = w1.mul(a).mul(atA);
            FloatVector evenB = w2.fma(b2, w0).mul(atB);
            FloatVector oddB = w1.mul(b).mul(atB);
            int first = to + row * 6 * place;
            w0.intoArray(out, first);
            evenA.add(oddA).intoArray(out, first + place);
            evenA.sub(oddA).intoArray(out, first + 2 * place);
            evenB.add(oddB).intoArray(out, first + 3 * place);
            evenB.sub(oddB).intoArray(out, first + 4 * place);
            w2.intoArray(out, first + 5 * place);
        }
    }

    private static void upstreamTwo(
            float[] out, int to, int apart, int place, float[] y, int from, int step, int line, int tiles) {
        for (int j = 0; j < tiles; j++) {
            int at = from + j * 2 * step;
            int o = to + j * apart;
            FloatVector a0 = FloatVector.fromArray(SPECIES, y, at);
            FloatVector a1 = FloatVector.fromArray(SPECIES, y, at + step);
            FloatVector d0 = FloatVector.fromArray(SPECIES, y, at + line);
            FloatVector d1 = FloatVector.fromArray(SPECIES, y, at + line + step);
            // down a column: y0, y0 + y1, y0 - y1, -y1; the same along the rows
            FloatVector b0 = a0.add(d0);
            FloatVector b1 = a1.add(d1);
            FloatVector c0 = a0.sub(d0);
            FloatVector c1 = a1.sub(d1);
            a0.intoArray(out, o, FILTERS);
            a0.add(a1).intoArray(out, o + place, FILTERS);
            a0.sub(a1).intoArray(out, o + 2 * place, FILTERS);
            a1.neg().intoArray(out, o + 3 * place, FILTERS);
            b0.intoArray(out, o + 4 * place, FILTERS);
            b0.add(b1).intoArray(out, o + 5 * place, FILTERS);
            b0.sub(b1).intoArray(out, o + 6 * place, FILTERS);
            b1.neg().intoArray(out, o + 7 * place, FILTERS);
            c0.intoArray(out, o + 8 * place, FILTERS);
            c0.add(c1).intoArray(out, o + 9 * place, FILTERS);
            c0.sub(c1).intoArray(out, o + 10 * place, FILTERS);
            c1.neg().intoArray(out, o + 11 * place, FILTERS);
            d0.neg().intoArray(out, o + 12 * place, FILTERS);
            d0.add(d1).neg().intoArray(out, o + 13 * place, FILTERS);
            d1.sub(d0).intoArray(out, o + 14 * place, FILTERS);
            d1.intoArray(out, o + 15 * place, FILTERS);
        }
    }

    private static void upstreamFour(
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
        FloatVector a = FloatVector.broadcast(SPECIES, A);
        FloatVector a2 = FloatVector.broadcast(SPECIES, A2);
        FloatVector b = FloatVector.broadcast(SPECIES, B);
        FloatVector b2 = FloatVector.broadcast(SPECIES, B2);
        for (int j = 0; j < tiles; j++) {
            int at = from + j * 4 * step;
            for (int column = 0; column < 4; column++) {
                int i = at + column * step;
                FloatVector y0 = FloatVector.fromArray(SPECIES, y, i);
                FloatVector y1 = FloatVector.fromArray(SPECIES, y, i + line);
                FloatVector y2 = FloatVector.fromArray(SPECIES, y, i + 2 * line);
                FloatVector y3 = FloatVector.fromArray(SPECIES, y, i + 3 * line);
                FloatVector evenA = y2.fma(a2, y0);
                FloatVector oddA = y3.fma(a2, y1).mul(a);
                FloatVector evenB = y2.fma(b2, y0);
                FloatVector oddB = y3.fma(b2, y1).mul(b);
                int w = column * LANES;
                y0.intoArray(work, w);
                evenA.add(oddA).intoArray(work, w + 4 * LANES);
                evenA.sub(oddA).intoArray(work, w + 8 * LANES);
                evenB.add(oddB).intoArray(work, w + 12 * LANES);
                evenB.sub(oddB).intoArray(work, w + 16 * LANES);
                y3.intoArray(work, w + 20 * LANES);
            }
            int o = to + j * apart;
            for (int row = 0; row < 6; row++) {
                int i = 4 * row * LANES;
                FloatVector y0 = FloatVector.fromArray(SPECIES, work, i);
                FloatVector y1 = FloatVector.fromArray(SPECIES, work, i + LANES);
                FloatVector y2 = FloatVector.fromArray(SPECIES, work, i + 2 * LANES);
                FloatVector y3 = FloatVector.fromArray(SPECIES, work, i + 3 * LANES);
                FloatVector evenA = y2.fma(a2, y0);
                FloatVector oddA = y3.fma(a2, y1).mul(a);
                FloatVector evenB = y2.fma(b2, y0);
                FloatVector oddB = y3.fma(b2, y1).mul(b);
                int w = o + 6 * row * place;
                y0.intoArray(out, w, FILTERS);
                evenA.add(oddA).intoArray(out, w + place, FILTERS);
                evenA.sub(oddA).intoArray(out, w + 2 * place, FILTERS);
                evenB.add(oddB).intoArray(out, w + 3 * place, FILTERS);
                evenB.sub(oddB).intoArray(out, w + 4 * place, FILTERS);
                y3.intoArray(out, w + 5 * place, FILTERS);
            }
        }
    }

    private static void gradientTwo(float[] taps, int to, float[] m, int from, int place, float[] work) {
        FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
        for (int column = 0; column < 4; column++) {
            int at = from + column * place;
            FloatVector m0 = FloatVector.fromArray(SPECIES, m, at);
            FloatVector m1 = FloatVector.fromArray(SPECIES, m, at + 4 * place);
            FloatVector m2 = FloatVector.fromArray(SPECIES, m, at + 8 * place);
            FloatVector m3 = FloatVector.fromArray(SPECIES, m, at + 12 * place);
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

    private static void gradientFour(float[] taps, int to, float[] m, int from, int place, float[] work) {
        FloatVector a = FloatVector.broadcast(SPECIES, A);
        FloatVector a2 = FloatVector.broadcast(SPECIES, A2);
        FloatVector b = FloatVector.broadcast(SPECIES, B);
        FloatVector b2 = FloatVector.broadcast(SPECIES, B2);
        FloatVector atA = FloatVector.broadcast(SPECIES, AT_A);
        FloatVector atB = FloatVector.broadcast(SPECIES, AT_B);
        for (int column = 0; column < 6; column++) {
            int at = from + column * place;
            FloatVector m0 = FloatVector.fromArray(SPECIES, m, at);
            FloatVector m1 = FloatVector.fromArray(SPECIES, m, at + 6 * place);
            FloatVector m2 = FloatVector.fromArray(SPECIES, m, at + 12 * place);
            FloatVector m3 = FloatVector.fromArray(SPECIES, m, at + 18 * place);
            FloatVector m4 = FloatVector.fromArray(SPECIES, m, at + 24 * place);
            FloatVector m5 = FloatVector.fromArray(SPECIES, m, at + 30 * place);
            FloatVector sumA = m1.add(m2).mul(atA);
            FloatVector sumB = m3.add(m4).mul(atB);
            FloatVector differenceA = m1.sub(m2).mul(atA);
            FloatVector differenceB = m3.sub(m4).mul(atB);
            m0.add(sumA).add(sumB).intoArray(work, column * LANES);
            differenceB.fma(b, differenceA.mul(a)).intoArray(work, (6 + column) * LANES);
            sumB.fma(b2, sumA.fma(a2, m5)).intoArray(work, (12 + column) * LANES);
        }
        for (int row = 0; row < 3; row++) {
            int at = 6 * row * LANES;
            FloatVector m0 = FloatVector.fromArray(SPECIES, work, at);
            FloatVector m1 = FloatVector.fromArray(SPECIES, work, at + LANES);
            FloatVector m2 = FloatVector.fromArray(SPECIES, work, at + 2 * LANES);
            FloatVector m3 = FloatVector.fromArray(SPECIES, work, at + 3 * LANES);
            FloatVector m4 = FloatVector.fromArray(SPECIES, work, at + 4 * LANES);
            FloatVector m5 = FloatVector.fromArray(SPECIES, work, at + 5 * LANES);
            FloatVector sumA = m1.add(m2).mul(atA);
            FloatVector sumB = m3.add(m4).mul(atB);
            FloatVector differenceA = m1.sub(m2).mul(atA);
            FloatVector differenceB = m3.sub(m4).mul(atB);
            int o = to + 3 * row * COLUMNS;
            m0.add(sumA).add(sumB).intoArray(taps, o);
            differenceB.fma(b, differenceA.mul(a)).intoArray(taps, o + COLUMNS);
            sumB.fma(b2, sumA.fma(a2, m5)).intoArray(taps, o + 2 * COLUMNS);
        }
    }
}
