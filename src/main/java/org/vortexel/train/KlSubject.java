package org.vortexel.train;

import org.vortexel.codec.kl.KlConfig;

/// An autoencoder of latent diffusion on pictures, without an adversary: what SSDD is compared with.
///
/// Source: Rombach et al. 2022, [arXiv:2112.10752](https://arxiv.org/abs/2112.10752).
///
/// @param data which pictures
/// @param size their side in pixels, a multiple of 16 and of the latent's compression
/// @param network the sizes
/// @param weights of the loss's terms
public record KlSubject(TrainConfig.Data data, int size, KlConfig network, Terms weights) implements Subject {

    /// How much the terms of the loss count.
    ///
    /// @param distance mean absolute difference of the pixels
    /// @param perceptual MobileNetV2 perceptual distance
    /// @param divergence of the latents from the standard normal distribution
    public record Terms(double distance, double perceptual, double divergence) {
        public Terms {
            if (!(distance >= 0 && perceptual >= 0 && divergence >= 0)) {
                throw new IllegalArgumentException("the weights of a loss must be at least 0");
            }
        }
    }

    public KlSubject {
        if (size < 16 || size % 16 != 0 || size % network.compression() != 0) {
            throw new IllegalArgumentException("the size of pictures must be a multiple of 16 and of the compression "
                    + network.compression() + " but is " + size);
        }
    }
}
