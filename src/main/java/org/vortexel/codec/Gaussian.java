package org.vortexel.codec;

import java.util.List;
import org.vortexel.op.Tensor;

/// What an encoder says of a picture: independent normal distributions of the latent's numbers.
///
/// @param mean (N, C, H, W)
/// @param logVariance (N, C, H, W), kept within -30 … 20
public record Gaussian(Tensor mean, Tensor logVariance) {
    /// From the 2 C channels of an encoder: means, then logarithms of variances.
    public static Gaussian of(Tensor moments) {
        List<Tensor> halves = moments.chunk(2, 1);
        return new Gaussian(halves.get(0), halves.get(1).clamp(-30, 20));
    }

    /// The standard deviations, (N, C, H, W).
    public Tensor deviation() {
        return logVariance.mul(0.5f).exp();
    }

    /// A draw: `mean + deviation * noise`.
    ///
    /// @param noise (N, C, H, W), standard normal
    public Tensor sample(Tensor noise) {
        return mean.add(deviation().mul(noise));
    }

    /// The divergence from the standard normal distribution of each picture, summed over the latent: (N).
    ///
    /// `KL = sum of (mean² + variance - 1 - log variance) / 2`
    ///
    /// Source: Kingma and Welling 2014, [arXiv:1312.6114](https://arxiv.org/abs/1312.6114), appendix B.
    public Tensor divergence() {
        return mean.square()
                .add(logVariance.exp())
                .sub(logVariance)
                .add(-1f)
                .mul(0.5f)
                .sum(false, 1, 2, 3);
    }
}
