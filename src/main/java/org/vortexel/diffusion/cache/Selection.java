package org.vortexel.diffusion.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.vortexel.tensor.NdArray;

/// Which features of a probe are forecast from which, to find out how good a solver is.
///
/// @param forecasts at least one
/// @param summed whether the errors of neighbouring forecasts from the same features are added up before they are
///     squared. A sampler adds up what it is told, so errors that change their sign from step to step do no harm, and
///     errors that lean one way do
public record Selection(List<Forecast> forecasts, boolean summed) {
    public Selection {
        forecasts = List.copyOf(forecasts);
        if (forecasts.isEmpty()) {
            throw new IllegalArgumentException("a probe of so few steps has nothing to forecast");
        }
    }

    /// Forecasts that are judged one by one.
    public Selection(List<Forecast> forecasts) {
        this(forecasts, false);
    }

    /// One forecast.
    ///
    /// @param from steps of the probe, newest first
    /// @param at the step that is forecast, beyond them
    public record Forecast(List<Integer> from, int at) {
        public Forecast {
            from = List.copyOf(from);
        }
    }

    /// The last `count` steps, each from all before it: what HyCa's paper does, with a count of 1.
    public static Selection nextStep(int steps, int count) {
        return new Selection(IntStream.range(Math.max(1, steps - count), steps)
                .mapToObj(at -> new Forecast(
                        IntStream.range(0, at).map(i -> at - 1 - i).boxed().toList(), at))
                .toList());
    }

    /// As a run with this interval forecasts: from steps `interval` apart, for each of the steps up to the next
    /// one. From three intervals on, every forecast sees three features.
    public static Selection matched(int steps, int interval) {
        int newest = (steps - interval) / interval * interval;
        if (interval < 2 || newest < 0) {
            throw new IllegalArgumentException("a probe of " + steps + " steps has no interval of " + interval);
        }
        List<Integer> from = IntStream.rangeClosed(0, newest / interval)
                .mapToObj(i -> newest - i * interval)
                .toList();
        return new Selection(IntStream.range(1, interval)
                .mapToObj(k -> new Forecast(from, newest + k))
                .toList());
    }

    /// As a run of this pace forecasts, from its first step to its last; errors are summed between computed
    /// steps.
    ///
    /// @param slots how many features the run keeps
    public static Selection along(Pace pace, int steps, int slots) {
        List<Forecast> forecasts = new ArrayList<>();
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            if (kept.isEmpty() || pace.computes(i, steps)) {
                kept.addFirst(i);
                kept = new ArrayList<>(kept.subList(0, Math.min(slots, kept.size())));
            } else {
                forecasts.add(new Forecast(kept, i));
            }
        }
        return new Selection(forecasts, true);
    }

    /// The error of every solver on every cluster, `[cluster][solver]`: squared differences summed over tokens,
    /// averaged over the cluster's channels and the forecasts.
    ///
    /// Source: HyCa, [arXiv:2510.04188](https://arxiv.org/abs/2510.04188), eq. 5.
    ///
    /// @param features (P, L, D), the probe
    /// @param clusters of the D channels
    public double[][] errors(NdArray features, Partition clusters, List<Solver> pool) {
        double[][] errors = new double[clusters.clusters()][pool.size()];
        for (int s = 0; s < pool.size(); s++) {
            double[] channels = channelErrors(features, pool.get(s));
            for (int c = 0; c < errors.length; c++) {
                int[] members = clusters.members(c);
                for (int d : members) {
                    errors[c][s] += channels[d] / members.length;
                }
            }
        }
        return errors;
    }

    /// The solver of least error of every cluster, as an index into the pool; of equal ones that of lower order,
    /// and the first. Solvers that forecast exactly what an earlier one does are passed over.
    public int[] best(double[][] errors, List<Solver> pool) {
        List<Integer> distinct = distinct(pool);
        int[] best = new int[errors.length];
        for (int c = 0; c < errors.length; c++) {
            best[c] = distinct.getFirst();
            for (int s : distinct) {
                double difference = errors[c][s] - errors[c][best[c]];
                boolean simpler = pool.get(s).order() < pool.get(best[c]).order();
                best[c] = difference < 0 || (difference == 0 && simpler) ? s : best[c];
            }
        }
        return best;
    }

    private List<Integer> distinct(List<Solver> pool) {
        List<Integer> kept = new ArrayList<>();
        for (int s = 0; s < pool.size(); s++) {
            Solver candidate = pool.get(s);
            if (kept.stream().noneMatch(k -> sameForecasts(pool.get(k), candidate))) {
                kept.add(s);
            }
        }
        return kept;
    }

    private boolean sameForecasts(Solver a, Solver b) {
        for (Forecast forecast : forecasts) {
            double[] difference = Stencil.minus(weights(forecast, a), weights(forecast, b));
            for (double d : difference) {
                if (Math.abs(d) > 1e-12) {
                    return false;
                }
            }
        }
        return true;
    }

    private double[] channelErrors(NdArray features, Solver solver) {
        int tokens = features.shape().dim(1);
        int channels = features.shape().dim(2);
        double[] errors = new double[channels];
        double[] sum = new double[tokens * channels];
        for (int f = 0; f < forecasts.size(); f++) {
            Forecast forecast = forecasts.get(f);
            double[] weights = weights(forecast, solver);
            boolean goesOn = summed
                    && f + 1 < forecasts.size()
                    && forecasts.get(f + 1).from.equals(forecast.from);
            for (int i = 0; i < sum.length; i++) {
                double error = -(double) features.data()[forecast.at * tokens * channels + i];
                for (int j = 0; j < weights.length; j++) {
                    error += weights[j] * features.data()[forecast.from.get(j) * tokens * channels + i];
                }
                sum[i] += error;
                if (!goesOn) {
                    errors[i % channels] += sum[i] * sum[i] / forecasts.size();
                    sum[i] = 0;
                }
            }
        }
        return errors;
    }

    /// The weights that a solver gives the features that a forecast is made from.
    public static double[] weights(Forecast forecast, Solver solver) {
        double[] gaps = new double[forecast.from.size() - 1];
        for (int j = 0; j < gaps.length; j++) {
            gaps[j] = forecast.from.get(j) - forecast.from.get(j + 1);
        }
        return solver.weights(gaps, forecast.at - forecast.from.getFirst());
    }
}
