package org.vortexel.diffusion;

/// What a network predicts from `x = alpha · x0 + sigma · eps`, and how `x0` and `eps` follow from it. All conversions
/// are exact for any [NoiseLevel], variance-preserving or straight.
///
/// | case       | the output `m`         | x0                                | eps                               |
/// |------------|------------------------|-----------------------------------|-----------------------------------|
/// | `EPSILON`  | `eps`                  | `(x - sigma m) / alpha`           | `m`                               |
/// | `V`        | `alpha eps - sigma x0` | `(alpha x - sigma m) / r`         | `(alpha m + sigma x) / r`         |
/// | `X0`       | `x0`                   | `m`                               | `(x - alpha m) / sigma`           |
/// | `VELOCITY` | `eps - x0`             | `(x - sigma m) / (alpha + sigma)` | `(x + alpha m) / (alpha + sigma)` |
///
/// with `r = alpha² + sigma²`.
///
/// Source: Ho et al. 2020; Salimans and Ho 2022, [arXiv:2202.00512](https://arxiv.org/abs/2202.00512), appendix D; Liu
/// et al. 2022. SSDD and SiT have the velocity's sign turned round.
public enum Prediction {
    /// The noise.
    EPSILON,
    /// The velocity along the circle `alpha² + sigma² = 1`.
    V,
    /// The clean picture.
    X0,
    /// The velocity along the straight path from data to noise.
    VELOCITY;

    /// The clean picture that the output `m` at `x` speaks of. `EPSILON` needs `alpha > 0`.
    public double x0(double x, double m, NoiseLevel level) {
        double alpha = level.alpha();
        double sigma = level.sigma();
        return switch (this) {
            case EPSILON -> (x - sigma * m) / alpha;
            case V -> (alpha * x - sigma * m) / (alpha * alpha + sigma * sigma);
            case X0 -> m;
            case VELOCITY -> (x - sigma * m) / (alpha + sigma);
        };
    }

    /// The noise that the output `m` at `x` speaks of. `X0` needs `sigma > 0`.
    public double eps(double x, double m, NoiseLevel level) {
        double alpha = level.alpha();
        double sigma = level.sigma();
        return switch (this) {
            case EPSILON -> m;
            case V -> (alpha * m + sigma * x) / (alpha * alpha + sigma * sigma);
            case X0 -> (x - alpha * m) / sigma;
            case VELOCITY -> (x + alpha * m) / (alpha + sigma);
        };
    }

    /// What the network should output: the target of its training.
    public double target(double x0, double eps, NoiseLevel level) {
        return switch (this) {
            case EPSILON -> eps;
            case V -> level.alpha() * eps - level.sigma() * x0;
            case X0 -> x0;
            case VELOCITY -> eps - x0;
        };
    }
}
