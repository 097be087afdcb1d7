package org.vortexel.train;

import org.vortexel.codec.vq.VqConfig;

/// A vector-quantised tokenizer on pictures, without an adversary: what an autoregressive model
/// draws its tokens for.
///
/// Source: Sun et al. 2024, [arXiv:2406.06525](https://arxiv.org/abs/2406.06525), section 2.1.
/// *Departs from the paper:* no adversary, the mean absolute difference stands for the squared one,
/// and MobileNetV2 for VGG behind the perceptual distance.
///
/// @param data which pictures
/// @param size their side in pixels, a multiple of 16 and of the tokenizer's compression
/// @param network the sizes, and the weights of the quantiser's own losses
/// @param weights of the loss's other terms
public record VqSubject(TrainConfig.Data data, int size, VqConfig network, Terms weights) implements Subject {

    /// How much the terms of the loss count.
    ///
    /// @param distance mean absolute difference of the pixels
    /// @param perceptual MobileNetV2 perceptual distance
    public record Terms(double distance, double perceptual) {
        public Terms {
            if (!(distance >= 0 && perceptual >= 0)) {
                throw new IllegalArgumentException("the weights of a loss must be at least 0");
            }
        }
    }

    public VqSubject {
        if (size < 16 || size % 16 != 0 || size % network.compression() != 0) {
            throw new IllegalArgumentException("the size of pictures must be a multiple of 16 and of the compression "
                    + network.compression() + " but is " + size);
        }
    }
}
