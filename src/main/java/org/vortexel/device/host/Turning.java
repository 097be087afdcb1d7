package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Turns rows of pixels over: images lie channel by channel, [WinogradTile] wants the channels of a
/// pixel side by side.
final class Turning {
    private static final int FOUR = 4;

    private static final int SIXTEEN = 16;
    private static final VectorSpecies<Float> WHOLE = FloatVector.SPECIES_512;
    private static final FloatVector LOW_8 = half(8, false);
    private static final FloatVector HIGH_8 = half(8, true);
    private static final FloatVector LOW_4 = half(4, false);
    private static final FloatVector HIGH_4 = half(4, true);
    private static final FloatVector LOW_2 = half(2, false);
    private static final FloatVector HIGH_2 = half(2, true);
    private static final FloatVector LOW_1 = half(1, false);
    private static final FloatVector HIGH_1 = half(1, true);

    private Turning() {}

    /// Of two vectors of blocks of `size` numbers, every second block of the first and then of the
    /// second, taken in
    /// turn: the even blocks, or the odd ones.
    private static FloatVector half(int size, boolean odd) {
        float[] index = new float[SIXTEEN];
        for (int i = 0; i < SIXTEEN; i++) {
            boolean second = (i & size) != 0;
            index[i] = odd ? (second ? SIXTEEN + i : i + size) : (second ? SIXTEEN + i - size : i);
        }
        return FloatVector.fromArray(WHOLE, index, 0);
    }

    /// Turns 16 rows of 16 numbers over, in four rounds that exchange ever smaller blocks of two rows.
    private static void sixteen(float[] out, int to, int step, float[] x, int from, int apart) {
        FloatVector a0 = FloatVector.fromArray(WHOLE, x, from + 0 * apart);
        FloatVector a1 = FloatVector.fromArray(WHOLE, x, from + 1 * apart);
        FloatVector a2 = FloatVector.fromArray(WHOLE, x, from + 2 * apart);
        FloatVector a3 = FloatVector.fromArray(WHOLE, x, from + 3 * apart);
        FloatVector a4 = FloatVector.fromArray(WHOLE, x, from + 4 * apart);
        FloatVector a5 = FloatVector.fromArray(WHOLE, x, from + 5 * apart);
        FloatVector a6 = FloatVector.fromArray(WHOLE, x, from + 6 * apart);
        FloatVector a7 = FloatVector.fromArray(WHOLE, x, from + 7 * apart);
        FloatVector a8 = FloatVector.fromArray(WHOLE, x, from + 8 * apart);
        FloatVector a9 = FloatVector.fromArray(WHOLE, x, from + 9 * apart);
        FloatVector a10 = FloatVector.fromArray(WHOLE, x, from + 10 * apart);
        FloatVector a11 = FloatVector.fromArray(WHOLE, x, from + 11 * apart);
        FloatVector a12 = FloatVector.fromArray(WHOLE, x, from + 12 * apart);
        FloatVector a13 = FloatVector.fromArray(WHOLE, x, from + 13 * apart);
        FloatVector a14 = FloatVector.fromArray(WHOLE, x, from + 14 * apart);
        FloatVector a15 = FloatVector.fromArray(WHOLE, x, from + 15 * apart);
        FloatVector b0 = LOW_8.selectFrom(a0, a8);
        FloatVector b8 = HIGH_8.selectFrom(a0, a8);
        FloatVector b1 = LOW_8.selectFrom(a1, a9);
        FloatVector b9 = HIGH_8.selectFrom(a1, a9);
        FloatVector b2 = LOW_8.selectFrom(a2, a10);
        FloatVector b10 = HIGH_8.selectFrom(a2, a10);
        FloatVector b3 = LOW_8.selectFrom(a3, a11);
        FloatVector b11 = HIGH_8.selectFrom(a3, a11);
        FloatVector b4 = LOW_8.selectFrom(a4, a12);
        FloatVector b12 = HIGH_8.selectFrom(a4, a12);
        FloatVector b5 = LOW_8.selectFrom(a5, a13);
        FloatVector b13 = HIGH_8.selectFrom(a5, a13);
        FloatVector b6 = LOW_8.selectFrom(a6, a14);
        FloatVector b14 = HIGH_8.selectFrom(a6, a14);
        FloatVector b7 = LOW_8.selectFrom(a7, a15);
        FloatVector b15 = HIGH_8.selectFrom(a7, a15);
        FloatVector c0 = LOW_4.selectFrom(b0, b4);
        FloatVector c4 = HIGH_4.selectFrom(b0, b4);
        FloatVector c1 = LOW_4.selectFrom(b1, b5);
        FloatVector c5 = HIGH_4.selectFrom(b1, b5);
        FloatVector c2 = LOW_4.selectFrom(b2, b6);
        FloatVector c6 = HIGH_4.selectFrom(b2, b6);
        FloatVector c3 = LOW_4.selectFrom(b3, b7);
        FloatVector c7 = HIGH_4.selectFrom(b3, b7);
        FloatVector c8 = LOW_4.selectFrom(b8, b12);
        FloatVector c12 = HIGH_4.selectFrom(b8, b12);
        FloatVector c9 = LOW_4.selectFrom(b9, b13);
        FloatVector c13 = HIGH_4.selectFrom(b9, b13);
        FloatVector c10 = LOW_4.selectFrom(b10, b14);
        FloatVector c14 = HIGH_4.selectFrom(b10, b14);
        FloatVector c11 = LOW_4.selectFrom(b11, b15);
        FloatVector c15 = HIGH_4.selectFrom(b11, b15);
        FloatVector d0 = LOW_2.selectFrom(c0, c2);
        FloatVector d2 = HIGH_2.selectFrom(c0, c2);
        FloatVector d1 = LOW_2.selectFrom(c1, c3);
        FloatVector d3 = HIGH_2.selectFrom(c1, c3);
        FloatVector d4 = LOW_2.selectFrom(c4, c6);
        FloatVector d6 = HIGH_2.selectFrom(c4, c6);
        FloatVector d5 = LOW_2.selectFrom(c5, c7);
        FloatVector d7 = HIGH_2.selectFrom(c5, c7);
        FloatVector d8 = LOW_2.selectFrom(c8, c10);
        FloatVector d10 = HIGH_2.selectFrom(c8, c10);
        FloatVector d9 = LOW_2.selectFrom(c9, c11);
        FloatVector d11 = HIGH_2.selectFrom(c9, c11);
        FloatVector d12 = LOW_2.selectFrom(c12, c14);
        FloatVector d14 = HIGH_2.selectFrom(c12, c14);
        FloatVector d13 = LOW_2.selectFrom(c13, c15);
        FloatVector d15 = HIGH_2.selectFrom(c13, c15);
        FloatVector e0 = LOW_1.selectFrom(d0, d1);
        FloatVector e1 = HIGH_1.selectFrom(d0, d1);
        FloatVector e2 = LOW_1.selectFrom(d2, d3);
        FloatVector e3 = HIGH_1.selectFrom(d2, d3);
        FloatVector e4 = LOW_1.selectFrom(d4, d5);
        FloatVector e5 = HIGH_1.selectFrom(d4, d5);
        FloatVector e6 = LOW_1.selectFrom(d6, d7);
        FloatVector e7 = HIGH_1.selectFrom(d6, d7);
        FloatVector e8 = LOW_1.selectFrom(d8, d9);
        FloatVector e9 = HIGH_1.selectFrom(d8, d9);
        FloatVector e10 = LOW_1.selectFrom(d10, d11);
        FloatVector e11 = HIGH_1.selectFrom(d10, d11);
        FloatVector e12 = LOW_1.selectFrom(d12, d13);
        FloatVector e13 = HIGH_1.selectFrom(d12, d13);
        FloatVector e14 = LOW_1.selectFrom(d14, d15);
        FloatVector e15 = HIGH_1.selectFrom(d14, d15);
        e0.intoArray(out, to + 0 * step);
        e1.intoArray(out, to + 1 * step);
        e2.intoArray(out, to + 2 * step);
        e3.intoArray(out, to + 3 * step);
        e4.intoArray(out, to + 4 * step);
        e5.intoArray(out, to + 5 * step);
        e6.intoArray(out, to + 6 * step);
        e7.intoArray(out, to + 7 * step);
        e8.intoArray(out, to + 8 * step);
        e9.intoArray(out, to + 9 * step);
        e10.intoArray(out, to + 10 * step);
        e11.intoArray(out, to + 11 * step);
        e12.intoArray(out, to + 12 * step);
        e13.intoArray(out, to + 13 * step);
        e14.intoArray(out, to + 14 * step);
        e15.intoArray(out, to + 15 * step);
    }

    /// Rows of an image with the zeros around them, of up to [Packing#COLUMNS] channels: the pixels of
    /// a row lie
    /// [Packing#COLUMNS] apart, the rows `line`.
    ///
    /// @param plane the first channel, counted over all images
    /// @param top the first row, negative where it lies above the image
    static void in(float[] out, int line, float[] x, ConvShape s, int plane, int channels, int top, int rows) {
        int count = Math.min(s.width(), line / COLUMNS - s.left());
        int apart = s.height() * s.width();
        for (int row = 0; row < rows; row++) {
            int y = top + row;
            int to = row * line;
            if (y < 0 || y >= s.height()) {
                Arrays.fill(out, to, to + line, 0f);
                continue;
            }
            int start = to + s.left() * COLUMNS;
            Arrays.fill(out, to, start, 0f);
            int from = (plane * s.height() + y) * s.width();
            int c = 0;
            if (Packing.WIDE) {
                for (; c + SIXTEEN <= channels; c += SIXTEEN) {
                    int j = 0;
                    for (; j + SIXTEEN <= count; j += SIXTEEN) {
                        sixteen(out, start + c + j * COLUMNS, COLUMNS, x, from + c * apart + j, apart);
                    }
                    if (j < count) {
                        for (int i = c; i < c + SIXTEEN; i += FOUR) {
                            int at = start + i + j * COLUMNS;
                            turn(out, at, COLUMNS, x, from + i * apart + j, apart, FOUR, count - j);
                        }
                    }
                }
            }
            for (; c < channels; c += FOUR) {
                turn(out, start + c, COLUMNS, x, from + c * apart, apart, channels - c, count);
            }
            Arrays.fill(out, start + count * COLUMNS, to + line, 0f);
        }
    }

    /// A row of pixels of some filters back to their planes, `apart` apart.
    static void out(float[] out, int to, int apart, float[] pixels, int from, int filters, int count) {
        int o = 0;
        if (Packing.WIDE) {
            for (; o + SIXTEEN <= filters; o += SIXTEEN) {
                int j = 0;
                for (; j + SIXTEEN <= count; j += SIXTEEN) {
                    sixteen(out, to + o * apart + j, apart, pixels, from + j * COLUMNS + o, COLUMNS);
                }
                if (j < count) {
                    fours(out, to + o * apart + j, apart, pixels, from + j * COLUMNS + o, SIXTEEN, count - j);
                }
            }
        }
        fours(out, to + o * apart, apart, pixels, from + o, filters - o, count);
    }

    private static void fours(float[] out, int to, int apart, float[] pixels, int from, int filters, int count) {
        int whole = count & -FOUR;
        for (int o = 0; o < filters; o++) {
            boolean four = o % FOUR == 0 && o + FOUR <= filters;
            int row = to + o * apart;
            if (four) {
                for (int j = 0; j < whole; j += FOUR) {
                    int at = from + j * COLUMNS + o;
                    int next = at + 2 * COLUMNS;
                    Packing.transpose(pixels, at, at + COLUMNS, next, next + COLUMNS, out, row + j, apart);
                }
            }
            for (int j = o < (filters & -FOUR) ? whole : 0; j < count; j++) {
                out[row + j] = pixels[from + j * COLUMNS + o];
            }
        }
    }

    /// Turns four rows of `x`, `apart` apart, of which the last `rows` exist, into columns of `out`.
    static void turn(float[] out, int to, int step, float[] x, int from, int apart, int rows, int count) {
        int last = Math.min(3, rows - 1);
        int r1 = from + Math.min(1, last) * apart;
        int r2 = from + Math.min(2, last) * apart;
        int r3 = from + last * apart;
        int fours = count & -FOUR;
        for (int j = 0; j < fours; j += FOUR) {
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
}
