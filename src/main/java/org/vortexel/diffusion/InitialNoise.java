package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Where the first `x` comes from.
public sealed interface InitialNoise permits InitialNoise.Gaussian {
    /// Noise of unit variance, a pure function of the seed; the sampler scales it.
    ///
    /// @param seed the seed of the first picture; picture `k` has `seed + k`
    /// @param shape `(N, C, H, W)`
    NdArray draw(long seed, Shape shape);

    /// Independent normal numbers.
    record Gaussian() implements InitialNoise {
        @Override
        public NdArray draw(long seed, Shape shape) {
            return new SeededNoise(seed).draw(0, shape);
        }
    }
}
