package org.vortexel.diffusion;

import java.util.List;
import java.util.function.Supplier;
import org.vortexel.tensor.NdArray;

/// Euler's method: believe the estimate as far as the next level, `x' = alpha' · x0 + sigma' · eps`.
///
/// That one line is `x + (t' - t) v` for a rectified flow, and `x/alpha + (sigma'/alpha' - sigma/alpha) eps` in the
/// scaled variable of k-diffusion: all three are the same step.
///
/// Source: Karras et al. 2022, [arXiv:2206.00364](https://arxiv.org/abs/2206.00364), algorithm 1 without its second
/// order.
public record Euler() implements Sampler {
    /// A path from the very end of the training times starts at noise of the level's own strength, as k-diffusion
    /// does; one that starts lower still holds some picture there and starts at strength 1.
    @Override
    public double priorScale(NoiseSchedule schedule, TimeGrid grid) {
        return grid.time(0) >= schedule.steps() - 1 ? grid.level(0).sigma() : 1;
    }

    @Override
    public Step step(List<Past> past, NdArray x, Estimate estimate, Interval interval, Supplier<NdArray> noise) {
        return new Step(across(interval, x, estimate), List.of());
    }

    /// The Euler step itself; regions that stay at their level keep their bits.
    static NdArray across(Interval interval, NdArray x, Estimate estimate) {
        return new Mixture(interval, x.shape())
                .add(x, r -> interval.stays(r) ? 1 : 0)
                .add(
                        estimate.x0(),
                        r -> interval.stays(r) ? 0 : interval.to().of(r).alpha())
                .add(
                        estimate.eps(),
                        r -> interval.stays(r) ? 0 : interval.to().of(r).sigma())
                .sum();
    }
}
