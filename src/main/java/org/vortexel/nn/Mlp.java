package org.vortexel.nn;

import org.vortexel.op.Tensor;

/// Two linear layers with a tanh-approximated GELU between them, applied to every token.
///
/// @param fc1 (…, D) to (…, hidden)
/// @param fc2 (…, hidden) to (…, O)
public record Mlp(Linear fc1, Linear fc2) {
    /// Layers named `fc1` and `fc2`.
    public static Mlp of(Params params, int width, int hidden, int out) {
        return new Mlp(Linear.of(params.in("fc1"), width, hidden), Linear.of(params.in("fc2"), hidden, out));
    }

    /// (…, D) to (…, O).
    public Tensor forward(Tensor x) {
        return fc2.forward(fc1.forward(x).geluTanh());
    }
}
