package org.vortexel.diffusion.guide;

/// A Gaussian of 3 by 3 pixels and deviation 0.5; beyond its edges a picture is mirrored about its
/// outermost
/// pixels.
final class Smoothing {
    private static final double DEVIATION = 0.5;
    private static final double NEIGHBOUR = Math.exp(-0.5 / (DEVIATION * DEVIATION));

    private Smoothing() {}

    /// The smoothed map; `map` is not modified.
    ///
    /// @param map rows · columns numbers
    static double[] of(double[] map, int rows, int columns) {
        double[] out = new double[map.length];
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                double sum = 0;
                double weights = 0;
                for (int dy = -1; dy <= 1; dy++) {
                    for (int dx = -1; dx <= 1; dx++) {
                        double weight = (dy == 0 ? 1 : NEIGHBOUR) * (dx == 0 ? 1 : NEIGHBOUR);
                        sum += weight * map[mirrored(y + dy, rows) * columns + mirrored(x + dx, columns)];
                        weights += weight;
                    }
                }
                out[y * columns + x] = sum / weights;
            }
        }
        return out;
    }

    private static int mirrored(int at, int count) {
        int inside = at < 0 ? -at : at >= count ? 2 * (count - 1) - at : at;
        return Math.clamp(inside, 0, count - 1); // a single row has no other
    }
}
