package org.vortexel.op;

/// Means over a run of an array, for the kernels of the norms. Terms are added in blocks of 128, so that the rounding
/// error grows with the number of blocks, not of terms.
final class Moments {
    private static final int BLOCK = 128;

    private Moments() {}

    /// The mean of `x[start … start + length - 1]`.
    static float mean(float[] x, int start, int length) {
        int end = start + length;
        float total = 0;
        for (int block = start; block < end; block += BLOCK) {
            int stop = Math.min(end, block + BLOCK);
            float partial = 0;
            for (int i = block; i < stop; i++) {
                partial += x[i];
            }
            total += partial;
        }
        return total / length;
    }

    /// The mean of `(x[i] - centre)²` over the run.
    static float square(float[] x, int start, int length, float centre) {
        int end = start + length;
        float total = 0;
        for (int block = start; block < end; block += BLOCK) {
            int stop = Math.min(end, block + BLOCK);
            float partial = 0;
            for (int i = block; i < stop; i++) {
                partial += (x[i] - centre) * (x[i] - centre);
            }
            total += partial;
        }
        return total / length;
    }

    /// The mean of `g[i] (x[i] - centre)` over the run.
    static float product(float[] g, float[] x, int start, int length, float centre) {
        int end = start + length;
        float total = 0;
        for (int block = start; block < end; block += BLOCK) {
            int stop = Math.min(end, block + BLOCK);
            float partial = 0;
            for (int i = block; i < stop; i++) {
                partial += g[i] * (x[i] - centre);
            }
            total += partial;
        }
        return total / length;
    }

    /// `1 / sqrt(variance + eps)`.
    static float inverseRoot(float variance, float eps) {
        return 1 / (float) Math.sqrt(variance + eps);
    }
}
