package org.vortexel.nn;

import org.vortexel.op.Tensor;

/// `w2 (silu(w1 x) * (w3 x))` for every token, without biases.
///
/// Source: Shazeer 2020, [arXiv:2002.05202](https://arxiv.org/abs/2002.05202), eq. 6.
///
/// @param w1 (…, D) to (…, hidden), the gate
/// @param w3 (…, D) to (…, hidden)
/// @param w2 (…, hidden) to (…, D)
public record SwiGlu(Linear w1, Linear w3, Linear w2) {
    /// Layers named `w1`, `w3` and `w2`.
    public static SwiGlu of(Params params, int width, int hidden, Init init) {
        return new SwiGlu(
                Linear.unbiased(params.in("w1"), width, hidden, init),
                Linear.unbiased(params.in("w3"), width, hidden, init),
                Linear.unbiased(params.in("w2"), hidden, width, init));
    }

    /// (…, D) to (…, D).
    public Tensor forward(Tensor x) {
        return w2.forward(w1.forward(x).silu().mul(w3.forward(x)));
    }
}
