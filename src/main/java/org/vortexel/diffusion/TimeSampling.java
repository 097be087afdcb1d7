package org.vortexel.diffusion;

import org.vortexel.tensor.Philox;

/// Which times a training step looks at. `t` is 0 for data and 1 for noise.
public sealed interface TimeSampling {
    /// Draw `index` of a random stream, in `[0, 1]`.
    double t(Philox random, long index);

    /// The training times of a batch, draws `first … first + batch - 1`: whole steps of a variance-preserving
    /// process; for a flow, times moved by its shift.
    default Timesteps.Shared times(NoiseSchedule schedule, Philox random, long first, int batch) {
        double[] times = new double[batch];
        for (int i = 0; i < batch; i++) {
            double t = t(random, first + i);
            times[i] = switch (schedule) {
                case VariancePreserving vp -> Math.min(Math.floor(t * vp.steps()), vp.steps() - 1);
                case RectifiedFlow flow -> flow.shift(t) * flow.steps();
            };
        }
        return new Timesteps.Shared(times);
    }

    /// Every time alike.
    record Uniform() implements TimeSampling {
        @Override
        public double t(Philox random, long index) {
            return random.uniform(index);
        }
    }

    /// `t = 1 / (1 + e^-n)` with normal `n`: most looks at the middle, where the prediction is hardest.
    ///
    /// Source: Esser et al. 2024, [arXiv:2403.03206](https://arxiv.org/abs/2403.03206), eq. 19.
    ///
    /// @param mean of `n`; above 0 looks more at noise
    /// @param deviation of `n`, above 0
    record LogitNormal(double mean, double deviation) implements TimeSampling {
        public LogitNormal {
            if (!(deviation > 0) || !Double.isFinite(mean) || !Double.isFinite(deviation)) {
                throw new IllegalArgumentException(
                        "deviation must be positive and mean a number but they are " + deviation + " and " + mean);
            }
        }

        @Override
        public double t(Philox random, long index) {
            return at(random.normal(index));
        }

        /// The time that a standard normal number stands for.
        public double at(double standard) {
            return 1 / (1 + Math.exp(-(mean + deviation * standard)));
        }
    }

    /// A density with its mode in the middle and weight left at both ends.
    ///
    /// Source: Esser et al. 2024, eq. 20.
    ///
    /// @param scale 0 is uniform; above 0 favours the middle; at most `2 / (π - 2)`
    record Mode(double scale) implements TimeSampling {
        @Override
        public double t(Philox random, long index) {
            return at(random.uniform(index));
        }

        /// The time that a uniform number stands for.
        public double at(double uniform) {
            double cosine = Math.cos(Math.PI * uniform / 2);
            return 1 - uniform - scale * (cosine * cosine - 1 + uniform);
        }
    }
}
