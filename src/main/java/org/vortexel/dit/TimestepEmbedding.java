package org.vortexel.dit;

import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.nn.Waves;
import org.vortexel.op.Tensor;

/// Timesteps to vectors: 256 cosines and sines of falling frequency, then two linear layers.
///
/// @param first (…, 256) to (…, D)
/// @param second (…, D) to (…, D)
public record TimestepEmbedding(Linear first, Linear second) {
    private static final int FREQUENCIES = 128;

    static TimestepEmbedding of(Params params, int width) {
        Init init = Init.normal(0.02f);
        return new TimestepEmbedding(
                Linear.of(params.in("mlp.0"), 2 * FREQUENCIES, width, init),
                Linear.of(params.in("mlp.2"), width, width, init));
    }

    /// (N) to (N, D), or (N, T) to (N, T, D).
    ///
    /// @param t timesteps in the range the model was trained with, 0 … 1000
    public Tensor forward(Tensor t) {
        return second.forward(first.forward(Waves.of(t, 2 * FREQUENCIES)).silu());
    }
}
