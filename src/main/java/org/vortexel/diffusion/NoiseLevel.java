package org.vortexel.diffusion;

/// How much picture and how much noise an `x` holds: `x = alpha · x0 + sigma · eps`, where `x0` is the clean picture
/// and `eps` is normal noise. Variance-preserving diffusion has `alpha² + sigma² = 1`, rectified flow `alpha + sigma =
/// 1`; every formula of this package is written for both.
///
/// @param alpha the share of the picture, in `[0, 1]`
/// @param sigma the share of the noise, in `[0, 1]`
public record NoiseLevel(double alpha, double sigma) {
    /// No noise at all: where every sampling ends.
    public static final NoiseLevel CLEAN = new NoiseLevel(1, 0);

    public NoiseLevel {
        if (!(alpha >= 0 && sigma >= 0 && alpha + sigma > 0)) {
            throw new IllegalArgumentException("a noise level wants alpha and sigma of at least 0, not both 0, but got "
                    + alpha + " and " + sigma);
        }
    }

    /// The variance-preserving level with the given `alpha²` (the `alpha-bar` of the DDPM paper).
    public static NoiseLevel ofAlphaBar(double alphaBar) {
        return new NoiseLevel(Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar));
    }

    /// The variance-preserving level with the given [#ratio()].
    public static NoiseLevel ofRatio(double ratio) {
        if (Double.isInfinite(ratio)) {
            return new NoiseLevel(0, 1);
        }
        double alpha = 1 / Math.sqrt(ratio * ratio + 1);
        return new NoiseLevel(alpha, ratio * alpha);
    }

    /// The rectified-flow level at time `t`, 0 for data and 1 for noise.
    public static NoiseLevel ofFlow(double t) {
        return new NoiseLevel(1 - t, t);
    }

    /// `sigma / alpha`, from 0 to infinity: the noise of the picture scaled to full strength. k-diffusion calls
    /// this sigma.
    public double ratio() {
        return sigma / alpha;
    }

    /// Half the logarithm of the signal-to-noise ratio, `log(alpha / sigma)`; minus to plus infinity.
    public double lambda() {
        return Math.log(alpha) - Math.log(sigma);
    }
}
