package org.vortexel.diffusion;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.ejml.simple.SimpleMatrix;
import org.jspecify.annotations.Nullable;
import org.vortexel.tensor.NdArray;

/// UniPC: a multistep predictor (UniP) like [DpmSolver], and a corrector (UniC) of one order more, which does the step
/// before once again with the estimate that was made at its end. No extra look at the network.
///
/// With `m_k` the clean pictures estimated `k` steps back, `r_k` the distance in `lambda` to there in units of the
/// step, `B = B(h)` the basis and `rho` the solution of a small linear system:
///
/// `x' = (sigma'/sigma) x - alpha' (e^-h - 1) m_0 - alpha' B Σ_k rho_k (m_k - m_0) / r_k`
///
/// The order grows with what is known and falls towards the end.
///
/// Source: Zhao et al. 2023, [arXiv:2302.04867](https://arxiv.org/abs/2302.04867), algorithms 5 to 8 (data prediction).
///
/// @param order the order of the predictor, 1 … 3
/// @param basis `B(h)`
public record UniPc(int order, Basis basis) implements Sampler {
    /// `B(h)`.
    public enum Basis {
        /// `-h`; the paper's choice for unconditional sampling in few steps.
        BH1,
        /// `e^-h - 1`.
        BH2
    }

    private static final double NEARLY_NOISE = 1 - 1e-6;

    public UniPc {
        if (order < 1 || order > 3) {
            throw new IllegalArgumentException("the order of UniPC must be 1, 2 or 3 but is " + order);
        }
    }

    /// The schedule's own way; a start at pure noise, where `lambda` is minus infinity, moves to `sigma = 1 -
    /// 1e-6`.
    @Override
    public TimeGrid timesteps(NoiseSchedule schedule, int count) {
        TimeGrid grid = schedule.grid(count);
        return switch (schedule) {
            case VariancePreserving vp -> grid;
            case RectifiedFlow flow -> awayFromNoise(flow, grid);
        };
    }

    /// A way of one's own through a flow, prepared like [#timesteps(NoiseSchedule, int)].
    public static TimeGrid awayFromNoise(RectifiedFlow flow, TimeGrid grid) {
        if (grid.level(0).alpha() > 0) {
            return grid;
        }
        List<Interval> intervals = new ArrayList<>(grid.intervals());
        intervals.set(
                0,
                new Interval(
                        0,
                        grid.count(),
                        new Timesteps.Shared(NEARLY_NOISE * flow.steps()),
                        NoiseLevels.shared(NoiseLevel.ofFlow(NEARLY_NOISE)),
                        grid.get(0).to()));
        return new TimeGrid(intervals);
    }

    @Override
    public Step step(List<Past> past, NdArray x, Estimate estimate, Interval interval, Supplier<NdArray> noise) {
        NdArray here = past.isEmpty() ? x : corrected(past, estimate, interval);
        List<Past> known = new ArrayList<>();
        known.add(new Past(interval.from(), here, estimate));
        known.addAll(past.subList(0, Math.min(past.size(), order - 1)));
        NdArray next = solve(known, orderAt(interval), interval, null);
        return new Step(next, known);
    }

    /// The interval before, done again knowing the estimate at its end.
    private NdArray corrected(List<Past> past, Estimate end, Interval interval) {
        Interval again = new Interval(
                interval.index() - 1,
                interval.count(),
                interval.timesteps(),
                past.getFirst().levels(),
                interval.from());
        return solve(past, orderAt(again), again, end);
    }

    private int orderAt(Interval interval) {
        return Math.min(order, Math.min(interval.index() + 1, interval.count() - interval.index()));
    }

    /// `x'` from the newest `points` of what is known, and from the estimate at the end of the interval if there is
    /// one.
    private NdArray solve(List<Past> known, int points, Interval interval, @Nullable Estimate end) {
        double[][] weights = new double[interval.regions()][];
        for (int r = 0; r < weights.length; r++) {
            weights[r] = weights(known, points, interval, r, end != null);
        }
        NdArray x = known.getFirst().x();
        Mixture next = new Mixture(interval, x.shape()).add(x, r -> keep(interval, r));
        for (int k = 0; k < points; k++) {
            int point = k;
            next.add(known.get(k).estimate().x0(), r -> weights[r][point]);
        }
        return (end == null ? next : next.add(end.x0(), r -> weights[r][points])).sum();
    }

    private static double keep(Interval interval, int r) {
        return interval.stays(r)
                ? 1
                : interval.to().of(r).sigma() / interval.from().of(r).sigma();
    }

    /// The weights of `m_0, m_1, …` and, when it is known, of the estimate at the end.
    private double[] weights(List<Past> known, int points, Interval interval, int r, boolean endKnown) {
        double[] weights = new double[endKnown ? points + 1 : points];
        if (interval.stays(r)) {
            return weights;
        }
        double h = interval.h(r);
        double alpha = interval.to().of(r).alpha();
        double lambda = interval.from().of(r).lambda();
        weights[0] = -alpha * Math.expm1(-h);
        double[] nodes = new double[weights.length - 1];
        for (int k = 1; k <= nodes.length; k++) {
            nodes[k - 1] = k < points ? (known.get(k).levels().of(r).lambda() - lambda) / h : 1;
        }
        double[] rho = rho(h, nodes);
        for (int k = 1; k <= nodes.length; k++) {
            double weight = -alpha * basis(h) * rho[k - 1] / nodes[k - 1];
            weights[k] += weight;
            weights[0] -= weight;
        }
        return weights;
    }

    private double basis(double h) {
        return switch (basis) {
            case BH1 -> -h;
            case BH2 -> Math.expm1(-h);
        };
    }

    /// Solves `Σ_j rho_j r_j^i = b_i`; one node takes 1/2, which is of second order for any step.
    private double[] rho(double h, double... nodes) {
        int n = nodes.length;
        if (n < 2) {
            return n == 0 ? new double[0] : new double[] {0.5};
        }
        SimpleMatrix powers = new SimpleMatrix(n, n);
        SimpleMatrix b = new SimpleMatrix(n, 1);
        double phi = Math.expm1(-h) / -h - 1; // h phi_{i+1}(-h)
        double factorial = 1;
        for (int i = 0; i < n; i++) {
            b.set(i, 0, phi * factorial / basis(h));
            factorial *= i + 2;
            phi = phi / -h - 1 / factorial;
            for (int j = 0; j < n; j++) {
                powers.set(i, j, Math.pow(nodes[j], i));
            }
        }
        SimpleMatrix solution = powers.solve(b);
        double[] rho = new double[n];
        for (int j = 0; j < n; j++) {
            rho[j] = solution.get(j, 0);
        }
        return rho;
    }
}
