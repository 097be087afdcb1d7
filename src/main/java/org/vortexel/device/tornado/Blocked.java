package org.vortexel.device.tornado;

import java.lang.invoke.MethodHandles;
import org.vortexel.op.Parallel;

/// Twins of the costly kernels that keep a block of results in registers, so that every number read is used several
/// times, and that have many more rows to do at once. Written for TornadoVM; see [Twins] for when they are used.
final class Blocked {
    static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
    /// Results of a block along either side.
    static final int SIDE = 4;

    private Blocked() {}

    /// Products of matrices, [org.vortexel.op.MatMul#matMul] and both of [org.vortexel.op.Linear]: blocks of 4
    /// rows and 4 columns; a row is 4 rows of one matrix.
    ///
    /// @param bias (columns), added if `biased` is 1
    static void matMulBlocks(
            float[] out,
            float[] a,
            float[] b,
            float[] bias,
            int biased,
            int rows,
            int columns,
            int inner,
            int aRow,
            int aColumn,
            int bRow,
            int bColumn,
            int bBatch,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            for (@Parallel int c = 0; c < (columns + 3) / 4; c++) {
                int rowBlocks = (rows + 3) / 4;
                int n = (begin + r) / rowBlocks;
                int i = (begin + r - n * rowBlocks) * 4;
                int j = c * 4;
                // Beyond the edge the last row or column is done again and not written.
                int a0 = n * rows * inner + i * aRow;
                int a1 = n * rows * inner + Math.min(i + 1, rows - 1) * aRow;
                int a2 = n * rows * inner + Math.min(i + 2, rows - 1) * aRow;
                int a3 = n * rows * inner + Math.min(i + 3, rows - 1) * aRow;
                int b0 = n * bBatch + j * bColumn;
                int b1 = n * bBatch + Math.min(j + 1, columns - 1) * bColumn;
                int b2 = n * bBatch + Math.min(j + 2, columns - 1) * bColumn;
                int b3 = n * bBatch + Math.min(j + 3, columns - 1) * bColumn;
                float s00 = 0, s01 = 0, s02 = 0, s03 = 0;
                float s10 = 0, s11 = 0, s12 = 0, s13 = 0;
                float s20 = 0, s21 = 0, s22 = 0, s23 = 0;
                float s30 = 0, s31 = 0, s32 = 0, s33 = 0;
                for (int k = 0; k < inner; k++) {
                    float x0 = a[a0 + k * aColumn];
                    float x1 = a[a1 + k * aColumn];
                    float x2 = a[a2 + k * aColumn];
                    float x3 = a[a3 + k * aColumn];
                    float y0 = b[b0 + k * bRow];
                    float y1 = b[b1 + k * bRow];
                    float y2 = b[b2 + k * bRow];
                    float y3 = b[b3 + k * bRow];
                    s00 += x0 * y0;
                    s01 += x0 * y1;
                    s02 += x0 * y2;
                    s03 += x0 * y3;
                    s10 += x1 * y0;
                    s11 += x1 * y1;
                    s12 += x1 * y2;
                    s13 += x1 * y3;
                    s20 += x2 * y0;
                    s21 += x2 * y1;
                    s22 += x2 * y2;
                    s23 += x2 * y3;
                    s30 += x3 * y0;
                    s31 += x3 * y1;
                    s32 += x3 * y2;
                    s33 += x3 * y3;
                }
                int o = (n * rows + i) * columns + j;
                line(out, o, j, columns, bias, biased, s00, s01, s02, s03);
                if (i + 1 < rows) {
                    line(out, o + columns, j, columns, bias, biased, s10, s11, s12, s13);
                }
                if (i + 2 < rows) {
                    line(out, o + 2 * columns, j, columns, bias, biased, s20, s21, s22, s23);
                }
                if (i + 3 < rows) {
                    line(out, o + 3 * columns, j, columns, bias, biased, s30, s31, s32, s33);
                }
            }
        }
    }

    /// The same for few rows: blocks of 1 row and 4 columns; a row is one row of one matrix.
    static void matMulLines(
            float[] out,
            float[] a,
            float[] b,
            float[] bias,
            int biased,
            int rows,
            int columns,
            int inner,
            int aRow,
            int aColumn,
            int bRow,
            int bColumn,
            int bBatch,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            for (@Parallel int c = 0; c < (columns + 3) / 4; c++) {
                int n = (begin + r) / rows;
                int i = begin + r - n * rows;
                int j = c * 4;
                int a0 = n * rows * inner + i * aRow;
                int b0 = n * bBatch + j * bColumn;
                int b1 = n * bBatch + Math.min(j + 1, columns - 1) * bColumn;
                int b2 = n * bBatch + Math.min(j + 2, columns - 1) * bColumn;
                int b3 = n * bBatch + Math.min(j + 3, columns - 1) * bColumn;
                float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
                for (int k = 0; k < inner; k++) {
                    float x = a[a0 + k * aColumn];
                    s0 += x * b[b0 + k * bRow];
                    s1 += x * b[b1 + k * bRow];
                    s2 += x * b[b2 + k * bRow];
                    s3 += x * b[b3 + k * bRow];
                }
                line(out, (begin + r) * columns + j, j, columns, bias, biased, s0, s1, s2, s3);
            }
        }
    }

    private static void line(
            float[] out, int o, int j, int columns, float[] bias, int biased, float s0, float s1, float s2, float s3) {
        put(out, o, j, columns, bias, biased, s0);
        put(out, o + 1, j + 1, columns, bias, biased, s1);
        put(out, o + 2, j + 2, columns, bias, biased, s2);
        put(out, o + 3, j + 3, columns, bias, biased, s3);
    }

    private static void put(float[] out, int o, int j, int columns, float[] bias, int biased, float sum) {
        if (j < columns) {
            out[o] = biased != 0 ? sum + bias[j] : sum;
        }
    }

    /// [org.vortexel.op.Conv2d#conv2d] in blocks of 4 channels and 4 columns of the result; a row is 4 channels
    /// of one line of one image.
    ///
    /// @param outPerGroup channels of the result in a group
    static void convBlocks(
            float[] out,
            float[] x,
            float[] w,
            float[] b,
            int biased,
            int channels,
            int height,
            int width,
            int outPerGroup,
            int outHeight,
            int outWidth,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int left,
            int top,
            int groups,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            for (@Parallel int column = 0; column < (outWidth + 3) / 4; column++) {
                int blocks = (outPerGroup + 3) / 4;
                int plane = (begin + r) / outHeight;
                int i = begin + r - plane * outHeight;
                int ng = plane / blocks;
                int o = (plane - ng * blocks) * 4;
                int n = ng / groups;
                int group = ng - n * groups;
                int j = column * 4;
                int size = channels * kernelHeight * kernelWidth;
                int o0 = group * outPerGroup + o;
                int o1 = group * outPerGroup + Math.min(o + 1, outPerGroup - 1);
                int o2 = group * outPerGroup + Math.min(o + 2, outPerGroup - 1);
                int o3 = group * outPerGroup + Math.min(o + 3, outPerGroup - 1);
                float s00 = 0, s01 = 0, s02 = 0, s03 = 0;
                float s10 = 0, s11 = 0, s12 = 0, s13 = 0;
                float s20 = 0, s21 = 0, s22 = 0, s23 = 0;
                float s30 = 0, s31 = 0, s32 = 0, s33 = 0;
                for (int c = 0; c < channels; c++) {
                    for (int ky = 0; ky < kernelHeight; ky++) {
                        int y = i * stride - top + ky;
                        if (y >= 0 && y < height) {
                            int xStart = ((ng * channels + c) * height + y) * width;
                            int wStart = (c * kernelHeight + ky) * kernelWidth;
                            for (int kx = 0; kx < kernelWidth; kx++) {
                                int first = j * stride - left + kx;
                                float x0 = pixel(x, xStart, first, width);
                                float x1 = pixel(x, xStart, first + stride, width);
                                float x2 = pixel(x, xStart, first + 2 * stride, width);
                                float x3 = pixel(x, xStart, first + 3 * stride, width);
                                float w0 = w[o0 * size + wStart + kx];
                                float w1 = w[o1 * size + wStart + kx];
                                float w2 = w[o2 * size + wStart + kx];
                                float w3 = w[o3 * size + wStart + kx];
                                s00 += w0 * x0;
                                s01 += w0 * x1;
                                s02 += w0 * x2;
                                s03 += w0 * x3;
                                s10 += w1 * x0;
                                s11 += w1 * x1;
                                s12 += w1 * x2;
                                s13 += w1 * x3;
                                s20 += w2 * x0;
                                s21 += w2 * x1;
                                s22 += w2 * x2;
                                s23 += w2 * x3;
                                s30 += w3 * x0;
                                s31 += w3 * x1;
                                s32 += w3 * x2;
                                s33 += w3 * x3;
                            }
                        }
                    }
                }
                int image = n * groups * outPerGroup;
                pixels(out, image + o0, i, j, outHeight, outWidth, b, biased, o0, s00, s01, s02, s03);
                if (o + 1 < outPerGroup) {
                    pixels(out, image + o1, i, j, outHeight, outWidth, b, biased, o1, s10, s11, s12, s13);
                }
                if (o + 2 < outPerGroup) {
                    pixels(out, image + o2, i, j, outHeight, outWidth, b, biased, o2, s20, s21, s22, s23);
                }
                if (o + 3 < outPerGroup) {
                    pixels(out, image + o3, i, j, outHeight, outWidth, b, biased, o3, s30, s31, s32, s33);
                }
            }
        }
    }

    private static float pixel(float[] x, int start, int column, int width) {
        float value = x[start + Math.min(Math.max(column, 0), width - 1)];
        return column >= 0 && column < width ? value : 0;
    }

    private static void pixels(
            float[] out,
            int plane,
            int i,
            int j,
            int height,
            int width,
            float[] b,
            int biased,
            int o,
            float s0,
            float s1,
            float s2,
            float s3) {
        float bias = biased != 0 ? b[o] : 0;
        int at = (plane * height + i) * width + j;
        out[at] = s0 + bias;
        if (j + 1 < width) {
            out[at + 1] = s1 + bias;
        }
        if (j + 2 < width) {
            out[at + 2] = s2 + bias;
        }
        if (j + 3 < width) {
            out[at + 3] = s3 + bias;
        }
    }

    /// The first step of a long [org.vortexel.op.Sum#sum]: `parts[row, p]` is the sum of part `p` of the terms;
    /// a row is one part of one result.
    static void partialSums(
            float[] parts, float[] x, int terms, int inner, int each, int perRow, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = (begin + i) / perRow;
            int part = begin + i - row * perRow;
            int outer = row / inner;
            int offset = outer * terms * inner + (row - outer * inner);
            int end = Math.min(terms, (part + 1) * each);
            float total = 0;
            for (int r = part * each; r < end; r++) {
                total += x[offset + r * inner];
            }
            parts[begin + i] = total;
        }
    }

    /// The second step: `out = factor * sum of a row of parts`; a row is one result.
    static void sumOfParts(float[] out, float[] parts, int perRow, float factor, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            float total = 0;
            for (int p = 0; p < perRow; p++) {
                total += parts[(begin + i) * perRow + p];
            }
            out[begin + i] = factor * total;
        }
    }
}
