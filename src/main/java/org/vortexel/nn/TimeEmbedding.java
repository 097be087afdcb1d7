package org.vortexel.nn;

import org.vortexel.op.Tensor;

/// Timesteps to vectors as in U-Nets: cosines and sines of falling frequency, then two linear layers.
///
/// @param first (…, F) to (…, E)
/// @param second (…, E) to (…, E)
/// @param waves F, even
public record TimeEmbedding(Linear first, Linear second, int waves) {
    /// Named `linear_1` and `linear_2`.
    public static TimeEmbedding of(Params params, int waves, int width) {
        return new TimeEmbedding(
                Linear.of(params.in("linear_1"), waves, width), Linear.of(params.in("linear_2"), width, width), waves);
    }

    /// (N) to (N, E), or a map of times (N, H, W) to (N, H, W, E).
    public Tensor forward(Tensor time) {
        return second.forward(first.forward(Waves.of(time, waves)).silu());
    }
}
