package org.vortexel.diffusion;

/// How much an example counts in the loss of a rectified flow, by its `t` (`sigma` in Stable Diffusion 3).
///
/// Source: Esser et al. 2024, [arXiv:2403.03206](https://arxiv.org/abs/2403.03206), section 3.
public enum LossWeight {
    /// All alike.
    UNIFORM,
    /// `1 / t²`.
    INVERSE_SQUARE,
    /// `2 / (π (1 - 2t + 2t²))`, the density of the cosine map.
    COSINE_MAP;

    /// The weight at `t`, above 0 for `INVERSE_SQUARE`.
    public double at(double t) {
        return switch (this) {
            case UNIFORM -> 1;
            case INVERSE_SQUARE -> 1 / (t * t);
            case COSINE_MAP -> 2 / (Math.PI * (1 - 2 * t + 2 * t * t));
        };
    }
}
