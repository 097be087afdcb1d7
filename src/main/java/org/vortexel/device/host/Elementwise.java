package org.vortexel.device.host;

/// Arithmetic on runs of elements. Plain loops: the compiler vectorises these by itself.
public final class Elementwise {
    private Elementwise() {}

    /// `out[i] += x[i]`.
    public static void add(float[] out, int outOffset, float[] x, int xOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] += x[xOffset + i];
        }
    }
}
