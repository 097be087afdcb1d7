package org.vortexel.diffusion;

/// A straight path between data and noise: `x_t = (1 - t) · x0 + t · eps`, `t` from 0 (data) to 1 (noise).
///
/// The shift `s` spends more of the sampling steps near the noise, which large pictures need:
/// `t -> s t / (1 + (s - 1) t)`. It moves where the steps fall, never what a time means.
///
/// Source: Liu et al. 2022, [arXiv:2209.03003](https://arxiv.org/abs/2209.03003); shift: Esser et al. 2024,
/// [arXiv:2403.03206](https://arxiv.org/abs/2403.03206), section 5.3.2.
///
/// @param steps what the network's time embedding sees at `t = 1`, usually 1000
/// @param shift `s`, above 0; 1 leaves the steps even
public record RectifiedFlow(int steps, double shift) implements NoiseSchedule {
    public RectifiedFlow {
        if (steps < 1) {
            throw new IllegalArgumentException("a rectified flow wants at least one step but got " + steps);
        }
        if (!(shift > 0) || Double.isInfinite(shift)) {
            throw new IllegalArgumentException("the shift must be above 0 but is " + shift);
        }
    }

    /// An unshifted flow whose network is told `1000 t`.
    public static RectifiedFlow standard() {
        return new RectifiedFlow(1000, 1);
    }

    /// This flow with a fixed shift (Stable Diffusion 3: 3).
    public RectifiedFlow shifted(double s) {
        return new RectifiedFlow(steps, s);
    }

    /// This flow with the shift that suits a number of image tokens: `s = e^mu`, `mu` linear in the tokens with 0.5
    /// at 256 and 1.15 at 4096 (FLUX).
    public RectifiedFlow shiftedFor(int tokens) {
        double mu = 0.5 + (1.15 - 0.5) * (tokens - 256) / (4096 - 256);
        return shifted(Math.exp(mu));
    }

    /// Where the shift moves `t`; 0 and 1 stay.
    public double shift(double t) {
        return shift * t / (1 + (shift - 1) * t);
    }

    @Override
    public NoiseLevel level(double time) {
        if (!(time >= 0 && time <= steps)) {
            throw new IllegalArgumentException("time must lie in 0 … " + steps + " but is " + time);
        }
        return NoiseLevel.ofFlow(time / steps);
    }

    /// Even steps from 1 to 0, shifted.
    @Override
    public TimeGrid grid(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the number of sampling steps must be at least 1 but is " + count);
        }
        return grid(VariancePreserving.linspace(1, 1.0 / count, count));
    }

    /// Steps from the given descending `t`, shifted here, and from the last of them to 0.
    public TimeGrid grid(double... t) {
        double[] shifted = new double[t.length];
        for (int i = 0; i < t.length; i++) {
            shifted[i] = shift(t[i]);
        }
        return straight(shifted);
    }

    /// As [#grid(double...)], then stretched about 1 so that the last step starts at `terminal`.
    ///
    /// Source: LTX-Video's scheduler.
    public TimeGrid gridEndingAt(double terminal, double... t) {
        double[] stretched = new double[t.length];
        double scale = (1 - shift(t[t.length - 1])) / (1 - terminal);
        for (int i = 0; i < t.length; i++) {
            stretched[i] = 1 - (1 - shift(t[i])) / scale;
        }
        return straight(stretched);
    }

    /// The even `t` that Stable Diffusion 3 starts from, before [#grid(double...)]: from 1 to the shifted `1 /
    /// steps`, so that the lower end is shifted twice.
    public double[] evenAboveFirstStep(int count) {
        return VariancePreserving.linspace(1, shift(1.0 / steps), count);
    }

    private TimeGrid straight(double... t) {
        double[] times = new double[t.length];
        NoiseLevel[] levels = new NoiseLevel[t.length + 1];
        for (int i = 0; i < t.length; i++) {
            times[i] = t[i] * steps;
            levels[i] = NoiseLevel.ofFlow(t[i]);
        }
        levels[t.length] = NoiseLevel.CLEAN;
        return TimeGrid.chain(times, levels);
    }
}
