package org.vortexel.train;

import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.op.Tensor;
import org.vortexel.op.Unary;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// DiT's training loss for a network that predicts the noise and, in the second half of its channels, the variance of
/// the step backwards: one number per picture each, and the loss is their plain sum.
///
/// The network's step is normal with the mean of the true one, given its predicted picture and the variance
///
/// `log var = f · log beta + (1 - f) · log beta-tilde`, `f = (o + 1) / 2`,
///
/// where `o` is the second half; `f` is not clamped. The bound compares that with the true step: for `t > 0` it
/// is the divergence of the two normal distributions, at `t = 0` what it costs to name the picture, whose
/// levels are `2/255` apart in `[-1, 1]`. The bound teaches the variance alone: the noise in it is detached.
///
/// Source: Nichol and Dhariwal 2021, [arXiv:2102.09672](https://arxiv.org/abs/2102.09672), section 3.1;
/// facebookresearch/DiT `diffusion/gaussian_diffusion.py`, `training_losses`.
///
/// *Departs from the code:* the difference of the two means is `shift · (predicted - true noise)`, so that the
/// pictures they come from, up to 1/alpha times as large, never appear; and the cost at `t = 0` is written with
/// sigmoids instead of differences of `1 + tanh`, which single precision cannot hold.
///
/// @param error mean squared error of the noise, (N)
/// @param bound the variational bound in bits per number, (N)
public record LearntVariance(Tensor error, Tensor bound) {
    /// How many [#numbers] a picture has.
    public static final int NUMBERS = 5;

    private static final double LEVEL = 1 / 255.0; // half the distance of two levels
    private static final float BORDER = 0.999f; // beyond it a level reaches to infinity
    private static final double LEAST = 1e-12; // probability
    private static final double BITS = 1 / Math.log(2);

    /// What the schedule says of every picture's step: `shift` between noise and mean, `log beta-tilde`, `log beta -
    /// log beta-tilde`, `shift² / beta-tilde`, and 1 at step 0.
    ///
    /// @param steps one whole step per picture, from 0
    /// @return (N, [#NUMBERS])
    public static NdArray numbers(VariancePreserving schedule, int... steps) {
        NdArray numbers = NdArray.zeros(Shape.of(steps.length, NUMBERS));
        for (int i = 0; i < steps.length; i++) {
            int t = steps[i];
            double beta = schedule.beta(t);
            double shift = beta / Math.sqrt((1 - beta) * (1 - schedule.alphaBar(t)));
            // Step 0 leaves no variance; it borrows that of step 1.
            double least = schedule.posterior(Math.max(1, t)).variance();
            double[] row = {
                shift, Math.log(least), Math.log(beta) - Math.log(least), shift * shift / least, t == 0 ? 1 : 0
            };
            for (int k = 0; k < NUMBERS; k++) {
                numbers.data()[i * NUMBERS + k] = (float) row[k];
            }
        }
        return numbers;
    }

    /// Records both terms.
    ///
    /// @param output what the network answers, (N, 2C, H, W)
    /// @param clean the pictures in `[-1, 1]`, (N, C, H, W)
    /// @param noise what they were noised with, (N, C, H, W)
    /// @param numbers what [#numbers] gives for their steps, (N, [#NUMBERS])
    /// @throws IllegalArgumentException when the shapes do not belong together
    public static LearntVariance of(Tensor output, Tensor clean, Tensor noise, Tensor numbers) {
        Shape picture = noise.shape();
        if (!clean.shape().equals(picture)
                || !output.shape().equals(picture.with(1, 2 * picture.dim(1)))
                || !numbers.shape().equals(Shape.of(picture.dim(0), NUMBERS))) {
            throw new IllegalArgumentException("a learnt variance wants (N, 2C, H, W), twice (N, C, H, W) and (N, "
                    + NUMBERS + ") but got " + output.shape() + ", " + clean.shape() + ", " + picture + " and "
                    + numbers.shape());
        }
        Tensor error = output.slice(1, 0, picture.dim(1)).sub(noise); // (N, C, H, W), as everything below
        Tensor known = error.detach();
        Tensor share =
                output.slice(1, picture.dim(1), 2 * picture.dim(1)).add(1).mul(0.5f);
        Tensor rise = share.mul(column(numbers, 2)); // over log beta-tilde

        // (rise - 1 + exp(-rise) (1 + difference of the means² / beta-tilde)) / 2
        Tensor divergence = rise.add(-1)
                .add(rise.neg().exp().mul(known.square().mul(column(numbers, 3)).add(1)))
                .mul(0.5f);
        Tensor inverse = rise.add(column(numbers, 1)).mul(-0.5f).exp(); // 1 / standard deviation
        Tensor cost = cost(clean, known.mul(column(numbers, 0)), inverse);

        Tensor first = column(numbers, 4);
        Tensor bound = divergence.add(first.mul(cost.sub(divergence))).mul((float) BITS);
        return new LearntVariance(mean(error.square()), mean(bound));
    }

    /// The loss of every picture, (N).
    public Tensor total() {
        return error.add(bound);
    }

    /// `-log` of the probability that a normal distribution gives to the level of `clean`.
    ///
    /// @param distance `clean` less the mean
    /// @param inverse 1 / standard deviation
    private static Tensor cost(Tensor clean, Tensor distance, Tensor inverse) {
        Tensor above = logit(distance.add((float) LEVEL).mul(inverse));
        Tensor below = logit(distance.add((float) -LEVEL).mul(inverse));
        Tensor upTo = above.neg().softplus().neg(); // log of the probability of at most the level's upper border
        Tensor from = below.softplus().neg(); // of at least its lower border
        // sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a))
        Tensor between = upTo.add(from).add(below.sub(above).exp().neg().add(1).log());
        Tensor darkest = below(clean, -BORDER);
        Tensor brightest = below(clean.neg(), -BORDER);
        return between.add(darkest.mul(upTo.sub(between)))
                .add(brightest.mul(from.sub(between)))
                .clamp((float) Math.log(LEAST), 0)
                .neg();
    }

    /// The number whose sigmoid is the normal distribution function, nearly: `sqrt(8/π) (x + 0.044715 x³)`.
    private static Tensor logit(Tensor x) {
        return x.square().mul(0.044715f).add(1).mul(x).mul((float) Math.sqrt(8 / Math.PI));
    }

    /// 1 where `x < border`, else 0.
    private static Tensor below(Tensor x, float border) {
        return x.neg().add(border).apply(new Unary(Unary.Kind.SIGN)).relu();
    }

    private static Tensor column(Tensor numbers, int k) {
        return numbers.slice(1, k, k + 1).reshape(-1, 1, 1, 1);
    }

    private static Tensor mean(Tensor x) {
        return x.reshape(x.dim(0), -1).mean(false, 1);
    }
}
