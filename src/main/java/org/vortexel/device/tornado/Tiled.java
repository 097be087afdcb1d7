package org.vortexel.device.tornado;

import java.lang.invoke.MethodHandles;
import org.vortexel.op.Kernel;
import uk.ac.manchester.tornado.api.KernelContext;

/// Twins for GPUs: work groups that share tiles in local memory. They are no plain Java: without TornadoVM they
/// compute nothing.
final class Tiled {
    /// Results of a group along either side.
    static final int TILE = 64;
    /// Work items of a group along either side, each of which keeps a block of 4 by 4.
    static final int ITEMS = 16;

    static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "matMulTiles");

    private Tiled() {}

    /// What [Blocked#matMulBlocks] does: a group fills 64 by 64 numbers of one matrix of the result.
    static void matMulTiles(
            KernelContext context,
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
        float[] aTile = context.allocateFloatLocalArray(16 * 64); // element (k, row) at k * 64 + row
        float[] bTile = context.allocateFloatLocalArray(16 * 64);
        int x = context.localIdx;
        int y = context.localIdy;
        int item = y * 16 + x;
        int n = context.groupIdz;
        int i = context.groupIdy * 64;
        int j = context.groupIdx * 64;
        int aStart = n * rows * inner;
        int bStart = n * bBatch;
        float s00 = 0, s01 = 0, s02 = 0, s03 = 0;
        float s10 = 0, s11 = 0, s12 = 0, s13 = 0;
        float s20 = 0, s21 = 0, s22 = 0, s23 = 0;
        float s30 = 0, s31 = 0, s32 = 0, s33 = 0;
        for (int from = 0; from < inner; from += 16) {
            for (int l = 0; l < 4; l++) {
                int number = item + l * 256;
                // Neighbouring items read neighbouring numbers, whichever way the matrix lies.
                int ak = aColumn == 1 ? number % 16 : number / 64;
                int ai = aColumn == 1 ? number / 16 : number % 64;
                int bk = bColumn == 1 ? number / 64 : number % 16;
                int bj = bColumn == 1 ? number % 64 : number / 16;
                float left = 0;
                if (i + ai < rows && from + ak < inner) {
                    left = a[aStart + (i + ai) * aRow + (from + ak) * aColumn];
                }
                float right = 0;
                if (j + bj < columns && from + bk < inner) {
                    right = b[bStart + (from + bk) * bRow + (j + bj) * bColumn];
                }
                aTile[ak * 64 + ai] = left;
                bTile[bk * 64 + bj] = right;
            }
            context.localBarrier();
            for (int k = 0; k < 16; k++) {
                float x0 = aTile[k * 64 + y * 4];
                float x1 = aTile[k * 64 + y * 4 + 1];
                float x2 = aTile[k * 64 + y * 4 + 2];
                float x3 = aTile[k * 64 + y * 4 + 3];
                // 16 apart, so that neighbouring items read and write neighbouring numbers
                float y0 = bTile[k * 64 + x];
                float y1 = bTile[k * 64 + x + 16];
                float y2 = bTile[k * 64 + x + 32];
                float y3 = bTile[k * 64 + x + 48];
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
            context.localBarrier();
        }
        line(out, n, i + y * 4, j + x, rows, columns, bias, biased, s00, s01, s02, s03);
        line(out, n, i + y * 4 + 1, j + x, rows, columns, bias, biased, s10, s11, s12, s13);
        line(out, n, i + y * 4 + 2, j + x, rows, columns, bias, biased, s20, s21, s22, s23);
        line(out, n, i + y * 4 + 3, j + x, rows, columns, bias, biased, s30, s31, s32, s33);
    }

    private static void line(
            float[] out,
            int n,
            int row,
            int j,
            int rows,
            int columns,
            float[] bias,
            int biased,
            float s0,
            float s1,
            float s2,
            float s3) {
        int o = (n * rows + row) * columns;
        put(out, o, row, j, rows, columns, bias, biased, s0);
        put(out, o, row, j + 16, rows, columns, bias, biased, s1);
        put(out, o, row, j + 32, rows, columns, bias, biased, s2);
        put(out, o, row, j + 48, rows, columns, bias, biased, s3);
    }

    private static void put(
            float[] out, int o, int row, int j, int rows, int columns, float[] bias, int biased, float sum) {
        if (row < rows && j < columns) {
            out[o + j] = biased != 0 ? sum + bias[j] : sum;
        }
    }
}
