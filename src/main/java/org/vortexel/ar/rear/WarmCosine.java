package org.vortexel.ar.rear;

/// A learning rate that rises in a line and falls along half a cosine.
///
/// Source: [arXiv:2510.04450](https://arxiv.org/abs/2510.04450), training details.
///
/// @param peak the highest rate
/// @param last the rate at `steps`
/// @param warmup steps of rising
/// @param steps of training
public record WarmCosine(double peak, double last, long warmup, long steps) {
    /// The paper's: 62,500 of 250,000 steps up to 4e-4, then down to 1e-5.
    public static WarmCosine published() {
        return new WarmCosine(4e-4, 1e-5, 62_500, 250_000);
    }

    /// The rate at a step counted from 0.
    public double at(long step) {
        if (step < warmup) {
            return peak * step / Math.max(1, warmup);
        }
        double progress = (double) (step - warmup) / Math.max(1, steps - warmup);
        return last + (peak - last) * 0.5 * (1 + Math.cos(Math.PI * progress));
    }
}
