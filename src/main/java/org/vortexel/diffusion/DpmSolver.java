package org.vortexel.diffusion;

import java.util.List;
import java.util.function.Supplier;
import org.vortexel.tensor.NdArray;

/// DPM-Solver++ (2M): solves the diffusion ODE exactly in its linear part and takes the predicted clean picture as a
/// line in `lambda = log(alpha / sigma)`, drawn through this estimate and the one before. With `h` the step in
/// `lambda`, `h0` the step before and `D1 = (h / h0) (x0 - x0_before)`:
///
/// `x' = (sigma'/sigma) x - alpha' (e^-h - 1) (x0 + D1 / 2)`
///
/// The first step is of first order; so is the last when it ends clean or there are fewer than 15.
///
/// Source: Lu et al. 2022, [arXiv:2211.01095](https://arxiv.org/abs/2211.01095), algorithm 2; the stochastic form
/// appendix C.
///
/// @param stochastic whether to solve the stochastic equation (SDE-DPM-Solver++), which takes fresh noise every step
/// @param order2 how the second-order term is weighted
public record DpmSolver(boolean stochastic, Order2 order2) implements Sampler {
    /// How the second-order term is weighted.
    public enum Order2 {
        /// By the value of the line in the middle of the step, as above.
        MIDPOINT,
        /// By the exact integral of the line.
        HEUN
    }

    private static final int FEW_STEPS = 15;

    @Override
    public Step step(List<Past> past, NdArray x, Estimate estimate, Interval interval, Supplier<NdArray> noise) {
        boolean first = past.isEmpty() || (interval.last() && interval.count() < FEW_STEPS);
        Past before = first ? new Past(interval.from(), x, estimate) : past.getFirst();
        Mixture next = new Mixture(interval, x.shape())
                .add(x, r -> interval.stays(r) ? 1 : keep(interval, r))
                .add(estimate.x0(), r -> take(interval, r) + slope(interval, before, r))
                .add(before.estimate().x0(), r -> -slope(interval, before, r));
        if (stochastic) {
            next.add(noise.get(), r -> fresh(interval, r));
        }
        return new Step(next.sum(), List.of(new Past(interval.from(), x, estimate)));
    }

    /// The weight of `x`.
    private double keep(Interval interval, int r) {
        double ratio = interval.to().of(r).sigma() / interval.from().of(r).sigma();
        return stochastic ? ratio * Math.exp(-interval.h(r)) : ratio;
    }

    /// The weight of `x0`.
    private double take(Interval interval, int r) {
        return interval.stays(r) ? 0 : -interval.to().of(r).alpha() * Math.expm1(-speed() * interval.h(r));
    }

    /// The weight of `x0 - x0_before`.
    private double slope(Interval interval, Past before, int r) {
        double h0 = interval.from().of(r).lambda() - before.levels().of(r).lambda();
        if (interval.stays(r) || interval.to().of(r).sigma() == 0 || !(h0 > 0)) {
            return 0;
        }
        double h = interval.h(r);
        double weight = switch (order2) {
            case MIDPOINT -> take(interval, r) / 2;
            case HEUN -> interval.to().of(r).alpha() * (Math.expm1(-speed() * h) / (speed() * h) + 1);
        };
        return weight * h / h0;
    }

    private double fresh(Interval interval, int r) {
        return interval.stays(r) ? 0 : interval.to().of(r).sigma() * Math.sqrt(-Math.expm1(-2 * interval.h(r)));
    }

    /// The stochastic equation runs through `lambda` twice as fast.
    private int speed() {
        return stochastic ? 2 : 1;
    }
}
