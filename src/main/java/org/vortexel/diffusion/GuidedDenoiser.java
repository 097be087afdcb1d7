package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;

/// A [Denoiser] whose condition is settled, and with it how its answers become one.
@FunctionalInterface
public interface GuidedDenoiser {
    /// Predicts for a batch; shapes as in [Denoiser#predict].
    NdArray predict(NdArray x, Timesteps timesteps);
}
