package org.vortexel.diffusion;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.vortexel.tensor.NdArray;

/// DDIM: go to the next level along the estimate, and exchange a part of the noise for fresh noise:
///
/// `x' = alpha' · x0 + sqrt(sigma'² - s²) · eps + s · n`, `s = eta · sqrt(variance of the true step backwards)`.
///
/// `eta = 0` is deterministic, `eta = 1` is ancestral sampling ([Ddpm]).
///
/// Source: Song et al. 2021, [arXiv:2010.02502](https://arxiv.org/abs/2010.02502), eq. 12 and 16.
///
/// @param eta the share of fresh noise, in `[0, 1]`
/// @param fixedStride whether every step goes `T / K` training steps back (a whole division), even where the next step
///     begins elsewhere: what diffusers does, which differs when `K` does not divide `T`
public record Ddim(double eta, boolean fixedStride) implements Sampler {
    public Ddim {
        if (!(eta >= 0 && eta <= 1)) {
            throw new IllegalArgumentException("eta must lie in [0, 1] but is " + eta);
        }
    }

    /// DDIM from each step to the next.
    public Ddim(double eta) {
        this(eta, false);
    }

    @Override
    public TimeGrid timesteps(NoiseSchedule schedule, int count) {
        TimeGrid grid = schedule.grid(count);
        if (!fixedStride) {
            return grid;
        }
        int stride = schedule.steps() / count; // whole training steps
        List<Interval> intervals = new ArrayList<>();
        for (Interval step : grid) {
            NoiseLevel to = schedule.level(grid.time(step.index()) - stride);
            intervals.add(new Interval(step.index(), count, step.timesteps(), step.from(), NoiseLevels.shared(to)));
        }
        return new TimeGrid(intervals);
    }

    @Override
    public Step step(List<Past> past, NdArray x, Estimate estimate, Interval interval, Supplier<NdArray> noise) {
        if (eta == 0) {
            return new Step(Euler.across(interval, x, estimate), List.of());
        }
        NdArray next = new Mixture(interval, x.shape())
                .add(x, r -> interval.stays(r) ? 1 : 0)
                .add(
                        estimate.x0(),
                        r -> interval.stays(r) ? 0 : interval.to().of(r).alpha())
                .add(estimate.eps(), r -> interval.stays(r) ? 0 : kept(interval, r))
                .add(noise.get(), r -> interval.stays(r) ? 0 : fresh(interval, r))
                .sum();
        return new Step(next, List.of());
    }

    private double kept(Interval interval, int region) {
        double sigma = interval.to().of(region).sigma();
        double fresh = fresh(interval, region);
        return Math.sqrt(Math.max(0, sigma * sigma - fresh * fresh));
    }

    private double fresh(Interval interval, int region) {
        double variance = Posterior.between(
                        interval.from().of(region), interval.to().of(region))
                .variance();
        return eta * Math.sqrt(Math.max(0, variance));
    }
}
