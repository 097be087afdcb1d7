package org.vortexel.diffusion;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vortexel.tensor.NdArray;

/// Ancestral sampling: draw from the true step backwards, [Posterior], with the estimated picture in place of the real
/// one. No noise in a step that ends clean.
///
/// Source: Ho et al. 2020, [arXiv:2006.11239](https://arxiv.org/abs/2006.11239), algorithm 2; learnt variance: Nichol
/// and Dhariwal 2021, [arXiv:2102.09672](https://arxiv.org/abs/2102.09672), eq. 15.
///
/// @param variance how much noise a step adds
public record Ddpm(Variance variance) implements Sampler {
    /// How much noise a step adds.
    public enum Variance {
        /// The variance of the true step backwards, `beta-tilde`.
        SMALL,
        /// The variance of the forward step, `beta`.
        LARGE,
        /// Between the two, in logarithms, as the network says in the second half of its channels: -1 small, 1
        /// large (DiT).
        LEARNT
    }

    @Override
    public Step step(List<Past> past, NdArray x, Estimate estimate, Interval interval, Supplier<NdArray> noise) {
        NdArray fresh = noise.get();
        if (variance == Variance.LEARNT) {
            fresh = scaled(fresh, interval, estimate.variance());
        }
        NdArray next = new Mixture(interval, x.shape())
                .add(x, r -> interval.stays(r) ? 1 : posterior(interval, r).meanX())
                .add(
                        estimate.x0(),
                        r -> interval.stays(r) ? 0 : posterior(interval, r).meanX0())
                .add(fresh, r -> noiseless(interval, r) ? 0 : strength(interval, r))
                .sum();
        return new Step(next, List.of());
    }

    private double strength(Interval interval, int region) {
        return switch (variance) {
            case SMALL -> Math.sqrt(posterior(interval, region).variance());
            case LARGE -> Math.sqrt(posterior(interval, region).added());
            case LEARNT -> 1;
        };
    }

    private static NdArray scaled(NdArray noise, Interval interval, @Nullable NdArray learnt) {
        if (learnt == null) {
            throw new IllegalArgumentException(
                    "sampling with a learnt variance wants a network whose output has twice the channels of x");
        }
        int[] region = interval.regionOf(noise.shape());
        NdArray scaled = NdArray.zeros(noise.shape());
        for (int i = 0; i < region.length; i++) {
            if (!noiseless(interval, region[i])) {
                Posterior step = posterior(interval, region[i]);
                double share = (learnt.data()[i] + 1.0) / 2;
                double logVariance = share * Math.log(step.added()) + (1 - share) * Math.log(step.variance());
                scaled.data()[i] = (float) (Math.exp(logVariance / 2) * noise.data()[i]);
            }
        }
        return scaled;
    }

    private static boolean noiseless(Interval interval, int region) {
        return interval.stays(region) || interval.to().of(region).sigma() == 0;
    }

    private static Posterior posterior(Interval interval, int region) {
        return Posterior.between(interval.from().of(region), interval.to().of(region));
    }
}
