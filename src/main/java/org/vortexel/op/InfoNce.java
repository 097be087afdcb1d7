package org.vortexel.op;

import java.util.function.UnaryOperator;

/// The contrastive loss of matching rows: row `i` of `a` should be told from all rows of `b` by its likeness to row
/// `i`.
///
/// `loss = mean over i of -log softmax(cos(a[i], b[·]) / tau)[i]`
///
/// Source: van den Oord et al. 2018, [arXiv:1807.03748](https://arxiv.org/abs/1807.03748), eq. 4; both directions:
/// Radford et al. 2021, [arXiv:2103.00020](https://arxiv.org/abs/2103.00020), figure 3.
public final class InfoNce {
    private static final float EPS = 1e-12f;

    private InfoNce() {}

    /// Records the loss, one number.
    ///
    /// @param a (N, D), rows of any length
    /// @param b (N, D), rows of any length
    /// @param tau the temperature, positive
    /// @param symmetric whether to take the mean with the loss of `b` against `a`
    public static Tensor of(Tensor a, Tensor b, float tau, boolean symmetric) {
        if (!(tau > 0)) {
            throw new IllegalArgumentException("InfoNce expected a positive temperature but got " + tau);
        }
        return of(a, b, x -> x.mul(1 / tau), symmetric);
    }

    /// The same with a temperature that is learnt.
    ///
    /// @param a (N, D), rows of any length
    /// @param b (N, D), rows of any length
    /// @param scale (1), one over the temperature
    /// @param symmetric whether to take the mean with the loss of `b` against `a`
    public static Tensor of(Tensor a, Tensor b, Tensor scale, boolean symmetric) {
        return of(a, b, x -> x.mul(scale), symmetric);
    }

    private static Tensor of(Tensor a, Tensor b, UnaryOperator<Tensor> scaled, boolean symmetric) {
        if (a.shape().rank() != 2 || !a.shape().equals(b.shape())) {
            throw new IllegalArgumentException(
                    "InfoNce expected two tensors (N, D) but got " + a.shape() + " and " + b.shape());
        }
        Tensor left = Similarity.l2Normalize(a, EPS);
        Tensor right = Similarity.l2Normalize(b, EPS);
        Tensor logits = scaled.apply(left.matmulTransposed(right));
        Tensor matching = scaled.apply(left.mul(right).sum(false, -1));
        Tensor total = logits.logSumExp(1);
        Tensor all = symmetric ? total.add(logits.logSumExp(0)).mul(0.5f) : total;
        return all.sub(matching).mean(false);
    }
}
