package org.vortexel.diffusion;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/// A variance-preserving diffusion of `T` steps: step `i` multiplies the picture by `sqrt(1 - beta_i)` and adds noise
/// of variance `beta_i`, so that `alpha² = alphaBar_i = prod_{s <= i} (1 - beta_s)`. Tables in double. Immutable.
///
/// Source: Ho et al. 2020, [arXiv:2006.11239](https://arxiv.org/abs/2006.11239), section 2.
public final class VariancePreserving implements NoiseSchedule {
    /// What follows the last sampling step.
    public enum Ending {
        /// The clean picture, `alpha = 1`.
        CLEAN,
        /// The level of training step 0, which still holds a little noise (Stable Diffusion's DDIM).
        FIRST_STEP
    }

    private final double[] betas;
    private final double[] alphaBars;
    private final Spacing spacing;
    private final Ending ending;

    private VariancePreserving(double[] betas, double[] alphaBars, Spacing spacing, Ending ending) {
        this.betas = betas;
        this.alphaBars = alphaBars;
        this.spacing = spacing;
        this.ending = ending;
    }

    /// The process with these betas, each in `(0, 1]`; trailing spacing and a clean ending.
    public static VariancePreserving ofBetas(double... betas) {
        if (betas.length == 0) {
            throw new IllegalArgumentException("a noise schedule wants at least one beta");
        }
        double[] alphaBars = new double[betas.length];
        double product = 1;
        for (int i = 0; i < betas.length; i++) {
            if (!(betas[i] > 0 && betas[i] <= 1)) {
                throw new IllegalArgumentException("beta " + i + " must lie in (0, 1] but is " + betas[i]);
            }
            product *= 1 - betas[i];
            alphaBars[i] = product;
        }
        return new VariancePreserving(betas.clone(), alphaBars, new Spacing.Trailing(), Ending.CLEAN);
    }

    /// Betas in equal steps from 1e-4 to 0.02 (DiT, PixArt); other lengths than 1000 keep the total noise.
    public static VariancePreserving linear(int steps) {
        double scale = 1000.0 / steps;
        return linear(steps, scale * 1e-4, scale * 0.02);
    }

    /// Betas in equal steps between two bounds.
    public static VariancePreserving linear(int steps, double first, double last) {
        return ofBetas(linspace(first, last, steps));
    }

    /// Betas whose square roots go in equal steps from `sqrt(8.5e-4)` to `sqrt(0.012)` (Stable Diffusion).
    public static VariancePreserving scaledLinear(int steps) {
        return scaledLinear(steps, 8.5e-4, 0.012);
    }

    /// Betas whose square roots go in equal steps between the roots of two bounds.
    public static VariancePreserving scaledLinear(int steps, double first, double last) {
        return ofBetas(Arrays.stream(linspace(Math.sqrt(first), Math.sqrt(last), steps))
                .map(root -> root * root)
                .toArray());
    }

    /// `alphaBar(u) = cos²((u + 0.008) / 1.008 · π/2)` over `u = i/T`, betas capped at 0.999.
    ///
    /// Source: Nichol and Dhariwal 2021, [arXiv:2102.09672](https://arxiv.org/abs/2102.09672), eq. 17.
    public static VariancePreserving cosine(int steps) {
        DoubleUnaryOperator root = u -> Math.cos((u + 0.008) / 1.008 * Math.PI / 2);
        double[] betas = new double[steps];
        for (int i = 0; i < steps; i++) {
            double now = root.applyAsDouble((i + 1.0) / steps);
            double before = root.applyAsDouble((double) i / steps);
            betas[i] = Math.min(1 - now * now / (before * before), 0.999);
        }
        return ofBetas(betas);
    }

    /// This process with another default placing of the sampling steps.
    public VariancePreserving spaced(Spacing other) {
        return new VariancePreserving(betas, alphaBars, other, ending);
    }

    /// This process with another level after the last sampling step.
    public VariancePreserving ending(Ending other) {
        return new VariancePreserving(betas, alphaBars, spacing, other);
    }

    /// The process that visits only the given steps of this one, ascending: `beta'_i = 1 - alphaBar_i /
    /// alphaBar_{i-1}` over the steps kept. The network still receives the original step numbers.
    ///
    /// Source: Nichol and Dhariwal 2021, section 4.
    public VariancePreserving respaced(int... kept) {
        double[] shorter = new double[kept.length];
        double before = 1;
        for (int i = 0; i < kept.length; i++) {
            shorter[i] = 1 - alphaBars[kept[i]] / before;
            before = alphaBars[kept[i]];
        }
        return ofBetas(shorter).spaced(spacing).ending(ending);
    }

    /// This process with its square roots of `alphaBar` shifted and stretched so that the last one is
    /// `sqrt(lastAlphaBar)` (0: pure noise, for velocity predictions) and the first stays.
    ///
    /// Source: Lin et al. 2023, [arXiv:2305.08891](https://arxiv.org/abs/2305.08891), algorithm 1. Solvers that
    /// divide by `alpha` want a last value just above 0.
    public VariancePreserving withLastAlphaBar(double lastAlphaBar) {
        double first = Math.sqrt(alphaBars[0]);
        double last = Math.sqrt(alphaBars[alphaBars.length - 1]);
        double[] stretched = new double[alphaBars.length];
        double[] steps = new double[alphaBars.length];
        for (int i = 0; i < stretched.length; i++) {
            double root = (Math.sqrt(alphaBars[i]) - last) * first / (first - last);
            stretched[i] = i == stretched.length - 1 ? lastAlphaBar : root * root;
            steps[i] = 1 - stretched[i] / (i == 0 ? 1 : stretched[i - 1]);
        }
        return new VariancePreserving(steps, stretched, spacing, ending);
    }

    @Override
    public int steps() {
        return betas.length;
    }

    /// The level at a time: a table entry at whole times, between them linear in [NoiseLevel#ratio()]; below 0 the
    /// level of the [Ending].
    @Override
    public NoiseLevel level(double time) {
        if (!(time <= steps() - 1)) {
            throw new IllegalArgumentException("time must be at most " + (steps() - 1) + " but is " + time);
        }
        if (time < 0) {
            return ending();
        }
        int low = (int) time;
        NoiseLevel below = NoiseLevel.ofAlphaBar(alphaBars[low]);
        if (low == time) {
            return below;
        }
        double above = NoiseLevel.ofAlphaBar(alphaBars[low + 1]).ratio();
        return NoiseLevel.ofRatio(below.ratio() + (time - low) * (above - below.ratio()));
    }

    /// The level after the last sampling step.
    public NoiseLevel ending() {
        return ending == Ending.CLEAN ? NoiseLevel.CLEAN : NoiseLevel.ofAlphaBar(alphaBars[0]);
    }

    /// The time at which the noise has the given [NoiseLevel#ratio()]: between whole steps linear in its logarithm,
    /// held at the two ends.
    public double time(double ratio) {
        double wanted = Math.log(Math.max(ratio, 1e-10));
        int low = 0;
        for (int i = 0; i < steps() - 1; i++) {
            low = logRatio(i) <= wanted ? i : low;
        }
        double share = (wanted - logRatio(low)) / (logRatio(low + 1) - logRatio(low));
        return low + Math.clamp(share, 0.0, 1.0);
    }

    @Override
    public TimeGrid grid(int count) {
        if (count < 1 || count > steps()) {
            throw new IllegalArgumentException(
                    "the number of sampling steps must lie in 1 … " + steps() + " but is " + count);
        }
        return spacing.over(this, count);
    }

    /// The variance that step `index` adds.
    public double beta(int index) {
        return betas[index];
    }

    /// `alpha²` after step `index`.
    public double alphaBar(int index) {
        return alphaBars[index];
    }

    /// The true step backwards, `q(x_{index-1} | x_index, x0)`.
    public Posterior posterior(int index) {
        return Posterior.between(
                NoiseLevel.ofAlphaBar(alphaBars[index]),
                index == 0 ? NoiseLevel.CLEAN : NoiseLevel.ofAlphaBar(alphaBars[index - 1]));
    }

    static double[] linspace(double first, double last, int count) {
        double[] values = new double[count];
        double stride = (last - first) / Math.max(1, count - 1);
        for (int i = 0; i < count; i++) {
            values[i] = first + i * stride;
        }
        if (count > 1) {
            values[count - 1] = last;
        }
        return values;
    }

    private double logRatio(int index) {
        return Math.log(NoiseLevel.ofAlphaBar(alphaBars[index]).ratio());
    }
}
