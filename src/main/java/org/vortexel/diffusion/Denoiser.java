package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;

/// A network that predicts what noise, picture or velocity is in `x`; see [Prediction].
@FunctionalInterface
public interface Denoiser {
    /// Predicts for a batch.
    ///
    /// @param x noisy pictures `(N, C, H, W)`; not modified
    /// @param timesteps their times
    /// @param condition what they should show, one entry per picture
    /// @return `(N, C, H, W)`, or `(N, 2C, H, W)` with a learnt variance in the second half
    NdArray predict(NdArray x, Timesteps timesteps, Condition condition);
}
