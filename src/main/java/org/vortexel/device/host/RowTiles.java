package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Products of rows that lie as they are with a panel that [Packing] made: for left matrices that are
/// used only once,
/// so that packing them would not pay.
final class RowTiles {
    private RowTiles() {}

    /// Writes `rows` rows of a product.
    ///
    /// @param rows a multiple of 4
    /// @param a rows, `apart` numbers apart
    /// @param c gets the rows, `stride` apart, of [Packing#COLUMNS] numbers each
    static void product(
            int rows, int k, float[] a, int aAt, int apart, float[] b, int bAt, float[] c, int cAt, int stride) {
        int row = 0;
        if (Packing.WIDE) {
            for (; row + 8 <= rows; row += 8) {
                eight(k, a, aAt + row * apart, apart, b, bAt, c, cAt + row * stride, stride);
            }
        }
        for (; row < rows; row += 4) {
            four(k, a, aAt + row * apart, apart, b, bAt, c, cAt + row * stride, stride);
        }
    }

    private static void eight(
            int k, float[] a, int aAt, int apart, float[] b, int bAt, float[] c, int cAt, int stride) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        FloatVector c40 = c00;
        FloatVector c41 = c00;
        FloatVector c50 = c00;
        FloatVector c51 = c00;
        FloatVector c60 = c00;
        FloatVector c61 = c00;
        FloatVector c70 = c00;
        FloatVector c71 = c00;
        int r4 = aAt + 4 * apart;
        for (int p = 0; p < k; p++) {
            int i = aAt + p;
            int q = r4 + p;
            int j = bAt + p * COLUMNS;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, j);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, j + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + apart]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2 * apart]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3 * apart]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[q]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[q + apart]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[q + 2 * apart]);
            c60 = a6.fma(b0, c60);
            c61 = a6.fma(b1, c61);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[q + 3 * apart]);
            c70 = a7.fma(b0, c70);
            c71 = a7.fma(b1, c71);
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + LANES);
        c10.intoArray(c, cAt + stride);
        c11.intoArray(c, cAt + stride + LANES);
        c20.intoArray(c, cAt + 2 * stride);
        c21.intoArray(c, cAt + 2 * stride + LANES);
        c30.intoArray(c, cAt + 3 * stride);
        c31.intoArray(c, cAt + 3 * stride + LANES);
        c40.intoArray(c, cAt + 4 * stride);
        c41.intoArray(c, cAt + 4 * stride + LANES);
        c50.intoArray(c, cAt + 5 * stride);
        c51.intoArray(c, cAt + 5 * stride + LANES);
        c60.intoArray(c, cAt + 6 * stride);
        c61.intoArray(c, cAt + 6 * stride + LANES);
        c70.intoArray(c, cAt + 7 * stride);
        c71.intoArray(c, cAt + 7 * stride + LANES);
    }

    private static void four(int k, float[] a, int aAt, int apart, float[] b, int bAt, float[] c, int cAt, int stride) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        for (int p = 0; p < k; p++) {
            int i = aAt + p;
            int j = bAt + p * COLUMNS;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, j);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, j + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + apart]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2 * apart]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3 * apart]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + LANES);
        c10.intoArray(c, cAt + stride);
        c11.intoArray(c, cAt + stride + LANES);
        c20.intoArray(c, cAt + 2 * stride);
        c21.intoArray(c, cAt + 2 * stride + LANES);
        c30.intoArray(c, cAt + 3 * stride);
        c31.intoArray(c, cAt + 3 * stride + LANES);
    }
}
