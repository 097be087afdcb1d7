package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Normal noise of which every picture has a seed of its own: picture `k` of a batch under seed `s` gets what a single
/// picture under seed `s + k` gets, so batches can be cut anywhere.
///
/// @param seed the seed of the first picture
public record SeededNoise(long seed) {
    /// One array of noise.
    ///
    /// @param stream 0 for the first `x`, `1 + index` for step `index`
    /// @param shape `(N, …)`
    public NdArray draw(long stream, Shape shape) {
        NdArray noise = NdArray.zeros(shape);
        int batch = shape.dim(0);
        int size = shape.size(1, shape.rank());
        float[] picture = new float[size];
        for (int k = 0; k < batch; k++) {
            new Philox(seed + k, stream).fillNormal(picture);
            System.arraycopy(picture, 0, noise.data(), k * size, size);
        }
        return noise;
    }
}
