package org.vortexel.device.host;

/// A right-hand matrix, such as a layer's weights, copied once into the order in which [Gemm] reads it.
///
/// Products with it give the same bits as products with the matrix itself.
public final class PackedB {
    final float[] data;
    final int k;
    final int n;

    private PackedB(float[] data, int k, int n) {
        this.data = data;
        this.k = k;
        this.n = n;
    }

    /// Packs op(B) of shape (`k`, `n`): element (p, j) is `b[offset + p * stride + j]`, or `b[offset + j * stride +
    /// p]` if `transposed`.
    ///
    /// @throws IllegalArgumentException if the matrix does not lie within the array
    public static PackedB of(float[] b, int offset, int stride, boolean transposed, int k, int n) {
        Gemm.check("B", b, offset, stride, transposed ? n : k, transposed ? k : n);
        int padded = Packing.panels(n) * Packing.COLUMNS;
        float[] data = new float[Math.multiplyExact(padded, k)];
        int depth = Gemm.depth(k);
        for (int p = 0; p < k; p += depth) {
            Packing.right(data, padded * p, b, offset, stride, transposed, 0, n, p, Math.min(depth, k - p));
        }
        return new PackedB(data, k, n);
    }
}
