package org.vortexel.ar;

import org.vortexel.op.Tensor;

/// What it costs to expect the tokens of a picture.
public final class TokenLoss {
    private TokenLoss() {}

    /// The mean of `-ln p(token)` over all positions: one number.
    ///
    /// @param logits (N, T, V)
    /// @param targets (N, T) ids
    public static Tensor mean(Tensor logits, Tensor targets) {
        return logits.crossEntropy(targets).mean(false);
    }

    /// The mean with a weight for every picture:
    /// `sum of valid[n] cost[n, t] / max(sum of valid[n] over n and t, 1)`.
    ///
    /// @param logits (N, T, V)
    /// @param targets (N, T) ids
    /// @param valid (N), 0 for pictures that do not count
    public static Tensor weighted(Tensor logits, Tensor targets, Tensor valid) {
        Tensor cost = logits.crossEntropy(targets); // (N, T)
        Tensor total = cost.mul(valid.reshape(valid.dim(0), 1)).sum(false);
        return total.div(valid.sum(false).mul(targets.dim(1)).clamp(1, Float.MAX_VALUE));
    }
}
