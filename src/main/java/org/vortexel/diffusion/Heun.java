package org.vortexel.diffusion;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.vortexel.tensor.NdArray;

/// Heun's method: an Euler step to the next level, a second look at the velocity there, and the same step again with
/// the mean of both velocities. The last step, to the clean picture, is Euler's. `K` steps look `2K - 1` times.
///
/// The line is straight in `y = x / (alpha + sigma)` over `u = sigma / (alpha + sigma)`, with velocity `eps - x0`; for
/// a rectified flow these are `x` and `t`.
///
/// Source: Karras et al. 2022, [arXiv:2206.00364](https://arxiv.org/abs/2206.00364), algorithm 1.
public record Heun() implements Sampler {
    /// Every inner level twice: once as the end of a trial step, once as the place of the second look, where the
    /// interval begins and ends at the same level.
    @Override
    public TimeGrid timesteps(NoiseSchedule schedule, int count) {
        return twice(schedule.grid(count));
    }

    /// A way of one's own, prepared like [#timesteps(NoiseSchedule, int)].
    public static TimeGrid twice(TimeGrid plain) {
        int looks = 2 * plain.count() - 1;
        List<Interval> intervals = new ArrayList<>();
        for (Interval step : plain) {
            intervals.add(new Interval(intervals.size(), looks, step.timesteps(), step.from(), step.to()));
            if (!step.last()) {
                Timesteps next = plain.get(step.index() + 1).timesteps();
                intervals.add(new Interval(intervals.size(), looks, next, step.to(), step.to()));
            }
        }
        return new TimeGrid(intervals);
    }

    @Override
    public Step step(List<Past> past, NdArray x, Estimate estimate, Interval interval, Supplier<NdArray> noise) {
        if (past.isEmpty()) {
            Past here = new Past(interval.from(), x, estimate);
            return new Step(Euler.across(interval, x, estimate), interval.last() ? List.of() : List.of(here));
        }
        Past start = past.getFirst();
        NdArray corrected = new Mixture(interval, x.shape())
                .add(
                        start.x(),
                        r -> scale(interval.to().of(r)) / scale(start.levels().of(r)))
                .add(start.estimate().eps(), r -> half(start, interval, r))
                .add(start.estimate().x0(), r -> -half(start, interval, r))
                .add(estimate.eps(), r -> half(start, interval, r))
                .add(estimate.x0(), r -> -half(start, interval, r))
                .sum();
        return new Step(corrected, List.of());
    }

    private static double half(Past start, Interval interval, int region) {
        NoiseLevel from = start.levels().of(region);
        NoiseLevel to = interval.to().of(region);
        return scale(to) * (to.sigma() / scale(to) - from.sigma() / scale(from)) / 2;
    }

    private static double scale(NoiseLevel level) {
        return level.alpha() + level.sigma();
    }
}
