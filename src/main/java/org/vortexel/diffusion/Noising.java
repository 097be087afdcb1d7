package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;

/// A training example: what the network is shown and what it should answer.
///
/// @param x `alpha · x0 + sigma · eps`; for a rectified flow `(1 - t) x0 + t eps`
/// @param target the wanted output; for velocities `eps - x0`
public record Noising(NdArray x, NdArray target) {
    /// Mixes pictures with noise.
    ///
    /// @param x0 clean pictures `(N, …)`
    /// @param eps normal noise of the same shape
    /// @param timesteps one time per picture, or per token
    public static Noising of(
            NoiseSchedule schedule, Prediction prediction, NdArray x0, NdArray eps, Timesteps timesteps) {
        if (!x0.shape().equals(eps.shape())) {
            throw new IllegalArgumentException(
                    "noise must have the shape of the pictures " + x0.shape() + " but has " + eps.shape());
        }
        NoiseLevels levels = NoiseLevels.at(timesteps, schedule);
        int[] region = levels.regionOf(x0.shape());
        NdArray x = NdArray.zeros(x0.shape());
        NdArray target = NdArray.zeros(x0.shape());
        for (int i = 0; i < region.length; i++) {
            NoiseLevel level = levels.of(region[i]);
            double clean = x0.data()[i];
            double noise = eps.data()[i];
            x.data()[i] = (float) (level.alpha() * clean + level.sigma() * noise);
            target.data()[i] = (float) prediction.target(clean, noise, level);
        }
        return new Noising(x, target);
    }
}
