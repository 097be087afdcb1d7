package org.vortexel.diffusion.cache;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// How to spare a network some of its work: neighbouring sampling steps have similar features, so at some steps
/// features are forecast from earlier ones. A cache says which steps are computed, which features are kept and with
/// which weights the next one is forecast; [CacheRun] keeps its books during one run, the network does the
/// arithmetic.
///
/// Every forecast is a weighted sum of kept features, with weights of its own for every channel, which sum to 1.
public sealed interface FeatureCache {
    /// The most features that a point keeps; 0 when nothing is ever forecast.
    int slots();

    /// Whether step `index` of `steps` is computed although there is something to forecast from.
    ///
    /// @param drift how far the input has moved since the last computed step; 0 unless [#watchesInput()]
    boolean computes(int index, int steps, double drift);

    /// Whether forecasts are kept like computed features.
    default boolean keepsForecasts() {
        return false;
    }

    /// The first step whose features are kept.
    default int firstKept() {
        return 0;
    }

    /// Which of the features still matter; newest first, in and out.
    default List<Past> kept(List<Past> past) {
        return past.subList(0, Math.min(slots(), past.size()));
    }

    /// Whether the choice of steps depends on how the network's input moves.
    default boolean watchesInput() {
        return false;
    }

    /// What a relative change of the input adds to the drift.
    default double drift(double change) {
        return change;
    }

    /// Weights for a forecast: one row per kept feature, one column per channel.
    ///
    /// @param point the name of the place in the network
    /// @param past at least one, newest first
    /// @param at where the forecast is wanted, beyond the newest
    double[][] weights(String point, int channels, List<Past> past, double at);

    /// Nothing is kept, every step is computed.
    record Off() implements FeatureCache {
        @Override
        public int slots() {
            return 0;
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return true;
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            throw new IllegalStateException("a cache that is off forecasts nothing");
        }
    }

    /// Every step is computed, and the features of the last `slots` steps are kept: for looking at them
    /// afterwards.
    ///
    /// @param slots at least 1
    record Keep(int slots) implements FeatureCache {
        public Keep {
            if (slots < 1) {
                throw new IllegalArgumentException("a feature cache wants at least one slot but got " + slots);
            }
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return true;
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            throw new IllegalStateException("features are kept but nothing is forecast");
        }
    }

    /// The last computed feature, again.
    ///
    /// Source: FORA, [arXiv:2407.01425](https://arxiv.org/abs/2407.01425).
    ///
    /// @param pace with a warm-up of 1 in the paper
    record Fora(Pace pace) implements FeatureCache {
        @Override
        public int slots() {
            return 1;
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return pace.computes(index, steps);
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            return same(new Solver.Hold(), past, at, channels);
        }
    }

    /// Taylor's formula on the computed features.
    ///
    /// Source: TaylorSeer, [arXiv:2503.06923](https://arxiv.org/abs/2503.06923).
    ///
    /// @param order 1 … 4
    /// @param pace which steps are computed
    /// @param firstKept features of earlier steps enter no difference
    record TaylorSeer(int order, Pace pace, int firstKept) implements FeatureCache {
        /// As for FLUX: `enhance` steps of warm-up, of which the first that count is `enhance - 2`.
        public static TaylorSeer flux(int order, int interval, int enhance) {
            return new TaylorSeer(order, new Cadence(interval, enhance), Math.max(0, enhance - 2));
        }

        /// As for DiT: two steps of warm-up, which both count.
        public static TaylorSeer dit(int order, int interval) {
            return new TaylorSeer(order, new Cadence(interval, 2), 0);
        }

        @Override
        public int slots() {
            return order + 1;
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return pace.computes(index, steps);
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            return same(new Solver.Taylor(order), past, at, channels);
        }
    }

    /// Hermite's polynomials on the computed features.
    ///
    /// Source: HiCache, [arXiv:2508.16984](https://arxiv.org/abs/2508.16984).
    ///
    /// @param order 1 … 4
    /// @param scale usually 0.5 to 0.7
    /// @param pace which steps are computed
    /// @param firstKept features of earlier steps enter no difference
    record HiCache(int order, double scale, Pace pace, int firstKept) implements FeatureCache {
        @Override
        public int slots() {
            return order + 1;
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return pace.computes(index, steps);
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            return same(new Solver.Hermite(order, scale), past, at, channels);
        }
    }

    /// A line through the two newest features, be they forecasts, pulled towards the last computed slope: `2 F_0
    /// - F_{-1} + ½ ((A_0 - A_{-1}) - (F_0 - F_{-1}))`, `A` the computed ones. With fewer than two of either it
    ///   holds the newest.
    ///
    /// Source: FoCa, [arXiv:2508.16211](https://arxiv.org/abs/2508.16211), in the form that public code uses.
    ///
    /// @param pace which steps are computed
    record FoCa(Pace pace) implements FeatureCache {
        @Override
        public int slots() {
            return 4;
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return pace.computes(index, steps);
        }

        @Override
        public boolean keepsForecasts() {
            return true;
        }

        @Override
        public List<Past> kept(List<Past> past) {
            List<Past> anchors = past.stream().filter(Past::computed).limit(2).toList();
            return IntStream.range(0, past.size())
                    .filter(i -> i < 2 || anchors.contains(past.get(i)))
                    .mapToObj(past::get)
                    .toList();
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            double[] weights = new double[past.size()];
            List<Past> anchors = past.stream().filter(Past::computed).limit(2).toList();
            if (past.size() < 2 || anchors.size() < 2) {
                weights[0] = 1;
            } else {
                weights[0] = 1.5;
                weights[1] = -0.5;
                weights[past.indexOf(anchors.get(0))] += 0.5;
                weights[past.indexOf(anchors.get(1))] -= 0.5;
            }
            return spread(weights, channels);
        }
    }

    /// The last computed feature, again, for as long as the modulated input of the first block has moved little:
    /// relative changes `mean |x - x'| / mean |x'|` from step to step, rescaled by a polynomial, are added up,
    /// and the step at which they reach the threshold is computed. So are the first and the last step.
    ///
    /// Source: TeaCache, [arXiv:2411.19108](https://arxiv.org/abs/2411.19108), section 3.
    ///
    /// @param threshold usually 0.1 to 1
    /// @param polynomial what the change is rescaled by, highest power first; `(1, 0)` leaves it
    record TeaCache(double threshold, List<Double> polynomial) implements FeatureCache {
        public TeaCache {
            polynomial = List.copyOf(polynomial);
            if (!(threshold > 0) || polynomial.isEmpty()) {
                throw new IllegalArgumentException("TeaCache wants a positive threshold and a polynomial but got "
                        + threshold + " and " + polynomial);
            }
        }

        /// Changes as they are.
        public TeaCache(double threshold) {
            this(threshold, List.of(1.0, 0.0));
        }

        @Override
        public int slots() {
            return 1;
        }

        @Override
        public boolean watchesInput() {
            return true;
        }

        @Override
        public double drift(double change) {
            double value = 0;
            for (double coefficient : polynomial) {
                value = value * change + coefficient;
            }
            return value;
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return index == 0 || index == steps - 1 || drift >= threshold;
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            return same(new Solver.Hold(), past, at, channels);
        }
    }

    /// Which features HyCa forecasts from.
    enum History {
        /// Only computed ones; gaps are the interval, the horizon runs up to it.
        ANCHORED,
        /// All of the last steps, forecasts among them; gaps and horizon are one step.
        RECURSIVE
    }

    /// A solver for every cluster of channels, chosen beforehand.
    ///
    /// Source: HyCa, [arXiv:2510.04188](https://arxiv.org/abs/2510.04188), section 3.
    ///
    /// @param profile the clusters and their solvers, for every point of the network
    /// @param pace which steps are computed
    /// @param history which features are forecast from
    /// @param slots how many features are kept, usually 4
    record Hyca(HycaProfile profile, Pace pace, History history, int slots) implements FeatureCache {
        public Hyca {
            if (slots < 1) {
                throw new IllegalArgumentException("a feature cache wants at least one slot but got " + slots);
            }
        }

        @Override
        public boolean computes(int index, int steps, double drift) {
            return pace.computes(index, steps);
        }

        @Override
        public boolean keepsForecasts() {
            return history == History.RECURSIVE;
        }

        @Override
        public double[][] weights(String point, int channels, List<Past> past, double at) {
            HycaProfile.Point chosen = profile.point(point);
            if (chosen.labels().size() != channels) {
                throw new IllegalArgumentException("the profile of " + profile.model() + " has "
                        + chosen.labels().size() + " channels at " + point + " but the network has " + channels);
            }
            List<double[]> clusters = chosen.solvers().stream()
                    .map(name -> onPast(Solver.named(name), past, at))
                    .toList();
            double[][] weights = new double[past.size()][channels];
            for (int j = 0; j < past.size(); j++) {
                for (int d = 0; d < channels; d++) {
                    weights[j][d] = clusters.get(chosen.labels().get(d))[j];
                }
            }
            return weights;
        }
    }

    /// The weights of one solver on kept features.
    private static double[] onPast(Solver solver, List<Past> past, double at) {
        double[] gaps = new double[past.size() - 1];
        for (int j = 0; j < gaps.length; j++) {
            gaps[j] = past.get(j).at() - past.get(j + 1).at();
        }
        return solver.weights(gaps, at - past.getFirst().at());
    }

    private static double[][] same(Solver solver, List<Past> past, double at, int channels) {
        return spread(onPast(solver, past, at), channels);
    }

    private static double[][] spread(double[] weights, int channels) {
        double[][] rows = new double[weights.length][channels];
        for (int j = 0; j < weights.length; j++) {
            Arrays.fill(rows[j], weights[j]);
        }
        return rows;
    }
}
