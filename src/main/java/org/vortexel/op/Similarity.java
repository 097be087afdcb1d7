package org.vortexel.op;

/// How alike the rows of two tensors are, whatever their lengths.
public final class Similarity {
    private Similarity() {}

    /// Every row of the last axis divided by its length; lengths below `eps` count as `eps`.
    public static Tensor l2Normalize(Tensor x, float eps) {
        return x.mul(x.square().sum(true, -1).clamp(eps * eps, Float.MAX_VALUE).rsqrt());
    }

    /// The cosine of the angle between the rows of `x` and `z`, both (…, D): (…).
    public static Tensor cosine(Tensor x, Tensor z) {
        float eps = 1e-8f;
        return l2Normalize(x, eps).mul(l2Normalize(z, eps)).sum(false, -1);
    }
}
