package org.vortexel.dit;

/// The fixed position table: the first half of a vector encodes the column, the second half the row; each half is the
/// sines, then the cosines, of the coordinate times falling frequencies `10000^(-k / (D / 4))`.
final class SinCosPositions {
    private SinCosPositions() {}

    /// A (grid * grid, width) table, row by row.
    static float[] table(int grid, int width) {
        float[] table = new float[grid * grid * width];
        for (int row = 0; row < grid; row++) {
            for (int column = 0; column < grid; column++) {
                int start = (row * grid + column) * width;
                encode(table, start, column, width / 4);
                encode(table, start + width / 2, row, width / 4);
            }
        }
        return table;
    }

    private static void encode(float[] table, int start, int position, int frequencies) {
        for (int k = 0; k < frequencies; k++) {
            double angle = position * Math.pow(10_000, -(double) k / frequencies);
            table[start + k] = (float) Math.sin(angle);
            table[start + frequencies + k] = (float) Math.cos(angle);
        }
    }
}
