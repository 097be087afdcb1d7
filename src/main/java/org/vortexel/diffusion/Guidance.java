package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Classifier-free guidance: ask the network with and without the condition and go further the way the condition pulls,
/// `out = out_u + scale · (out_c - out_u)`. What is asked instead of the condition is the null condition, or the
/// negative prompt. Both halves go through the network as one batch.
///
/// Scale 1 is no guidance: only the condition is asked, so the result has its very bits, at half the cost; the same
/// holds outside the interval.
///
/// Source: Ho and Salimans 2022, [arXiv:2207.12598](https://arxiv.org/abs/2207.12598), eq. 6; interval: Kynkäänniemi et
/// al. 2024, [arXiv:2404.07724](https://arxiv.org/abs/2404.07724).
///
/// @param scale 1 for none; above 1 follows the condition more closely
/// @param channels how many of the leading channels of `x` are guided; the others are the condition's own. DiT's
///     published numbers guide 3 of 4
/// @param from the smallest `t` (time as a share of all training steps, 0 data, 1 noise) that is guided
/// @param to the largest `t` that is guided
public record Guidance(double scale, int channels, double from, double to) {
    private static final int ALL = Integer.MAX_VALUE;

    public Guidance {
        if (!Double.isFinite(scale)) {
            throw new IllegalArgumentException("the guidance scale must be a number but is " + scale);
        }
        if (channels < 1) {
            throw new IllegalArgumentException("guidance wants at least one channel but got " + channels);
        }
        if (!(from <= to)) {
            throw new IllegalArgumentException("the guidance interval " + from + " … " + to + " is empty");
        }
    }

    /// Guidance of every channel at every time.
    public static Guidance of(double scale) {
        return new Guidance(scale, ALL, 0, 1);
    }

    /// Only the condition.
    public static Guidance none() {
        return of(1);
    }

    /// This guidance on the leading channels only.
    public Guidance onChannels(int leading) {
        return new Guidance(scale, leading, from, to);
    }

    /// This guidance while `t` lies between two bounds.
    public Guidance between(double smallest, double largest) {
        return new Guidance(scale, channels, smallest, largest);
    }

    /// Settles what a network is asked.
    ///
    /// @param schedule gives the meaning of the times
    /// @param condition what the pictures should show
    /// @param instead the null condition or the negative prompt, for as many pictures; not looked at when nothing
    /// is guided
    public GuidedDenoiser guide(Denoiser denoiser, NoiseSchedule schedule, Condition condition, Condition instead) {
        if (scale == 1) {
            return (x, timesteps) -> denoiser.predict(x, timesteps, condition);
        }
        if (instead.batch() != condition.batch()) {
            throw new IllegalArgumentException("guidance wants as many negative conditions as conditions but got "
                    + instead.batch() + " for " + condition.batch());
        }
        Condition both = condition.and(instead);
        return (x, timesteps) -> covers(timesteps, schedule)
                ? combine(Branches.ask(denoiser, x, timesteps, both), x.shape())
                : denoiser.predict(x, timesteps, condition);
    }

    /// Whether some of the times are guided.
    public boolean covers(Timesteps timesteps, NoiseSchedule schedule) {
        return timesteps.max() >= from * schedule.steps() && timesteps.min() <= to * schedule.steps();
    }

    /// The guided output.
    ///
    /// @param x the shape of `x`, `(N, C, …)`; channels beyond `C` (a learnt variance) are never guided
    public NdArray combine(Branches out, Shape x) {
        return out.guided(_ -> scale, channels, x);
    }
}
