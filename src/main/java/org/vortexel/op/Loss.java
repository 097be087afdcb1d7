package org.vortexel.op;

/// Losses between two tensors of one shape: one number, the mean over all elements.
public final class Loss {
    private Loss() {}

    /// The mean squared difference.
    public static Tensor mse(Tensor x, Tensor target) {
        return difference(x, target).square().mean(false);
    }

    /// The mean absolute difference.
    public static Tensor l1(Tensor x, Tensor target) {
        return difference(x, target).abs().mean(false);
    }

    /// Squared where the difference `d` is below `beta`, absolute above: the mean of `d² / (2 beta)` or `|d| - beta
    /// / 2`.
    ///
    /// With `c = clamp(d, -beta, beta)` both are `c (d - c / 2) / beta`.
    public static Tensor smoothL1(Tensor x, Tensor target, float beta) {
        Tensor d = difference(x, target);
        Tensor c = d.clamp(-beta, beta);
        return c.mul(d.sub(c.mul(0.5f))).mean(false).mul(1 / beta);
    }

    /// Binary cross-entropy of probabilities `sigmoid(logits)` against `target` in `[0, 1]`:
    /// `softplus(logits) - logits * target`.
    public static Tensor bceWithLogits(Tensor logits, Tensor target) {
        same(logits, target);
        return logits.softplus().sub(logits.mul(target)).mean(false);
    }

    private static Tensor difference(Tensor x, Tensor target) {
        same(x, target);
        return x.sub(target);
    }

    private static void same(Tensor x, Tensor target) {
        if (!x.shape().equals(target.shape())) {
            throw new IllegalArgumentException(
                    "a loss compares tensors of one shape but got " + x.shape() + " and " + target.shape());
        }
    }
}
