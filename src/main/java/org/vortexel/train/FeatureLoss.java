package org.vortexel.train;

import org.vortexel.eval.Bilinear;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.MobileNetV2;
import org.vortexel.eval.PerceptualDistance;
import org.vortexel.op.Tensor;

/// Losses that look through the eyes of a frozen MobileNetV2, with pictures enlarged so that its map of block 9
/// has one place for every 8 by 8 pixels, as many as a decoder has tokens.
///
/// @param pretrained the network
record FeatureLoss(MobileNetPackage.Pretrained pretrained) {
    private static final int ENLARGED = 2;

    /// The maps of pictures (N, 3, S, S) in [-1, 1].
    MobileNetV2.Maps maps(Tensor pictures) {
        int side = ENLARGED * pictures.dim(2);
        return pretrained
                .network()
                .forward(Bilinear.BORDERS.resize(pictures.mul(0.5f).add(0.5f), side, side));
    }

    /// The mean "MobileNetV2 perceptual distance" of pictures with these maps.
    Tensor perceptual(MobileNetV2.Maps a, MobileNetV2.Maps b) {
        return PerceptualDistance.of(a, b).mean(false);
    }

    /// One minus the mean cosine between tokens (N, T, 64) and what the network sees of the pictures.
    ///
    /// Source: Yu et al. 2024, [arXiv:2410.06940](https://arxiv.org/abs/2410.06940), as used in Vallaeys et
    /// al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961), with another network than DINOv2.
    Tensor alignment(Tensor tokens, MobileNetV2.Maps seen) {
        Tensor map = seen.block9(); // (N, 64, S/8, S/8)
        Tensor wanted = map.reshape(map.dim(0), map.dim(1), -1).transpose(1, 2); // (N, T, 64)
        Tensor cosine = unit(tokens).mul(unit(wanted)).sum(false, 2); // (N, T)
        return cosine.mean(false).neg().add(1f);
    }

    private static Tensor unit(Tensor vectors) {
        return vectors.mul(vectors.square().sum(true, 2).add(1e-10f).rsqrt());
    }
}
