package org.vortexel.diffusion;

/// The true step backwards when the clean picture is known: `q(x_to | x_from, x0)` is normal with mean
/// `meanX0 · x0 + meanX · x_from` and variance `variance`.
///
/// Source: Ho et al. 2020, [arXiv:2006.11239](https://arxiv.org/abs/2006.11239), eq. 7, written for any two levels.
///
/// @param meanX0 the weight of the clean picture
/// @param meanX the weight of the noisy picture
/// @param variance the variance left, `beta-tilde`; 0 when the step ends clean
/// @param added the variance that the forward step adds, `beta`
public record Posterior(double meanX0, double meanX, double variance, double added) {
    /// The step from the noisier level to the cleaner one.
    public static Posterior between(NoiseLevel from, NoiseLevel to) {
        double keep = from.alpha() / to.alpha();
        double noiseFrom = from.sigma() * from.sigma();
        double noiseTo = to.sigma() * to.sigma();
        double added = noiseFrom - keep * keep * noiseTo;
        return new Posterior(
                to.alpha() * added / noiseFrom, keep * noiseTo / noiseFrom, added * noiseTo / noiseFrom, added);
    }
}
