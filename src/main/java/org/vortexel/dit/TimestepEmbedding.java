package org.vortexel.dit;

import java.util.Arrays;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Timesteps to vectors: 256 cosines and sines of falling frequency, then two linear layers.
///
/// `e[k] = cos(t w_k)`, `e[128 + k] = sin(t w_k)`, `w_k = 10000^(-k / 128)`
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

    /// The 256 cosines and sines: (…) to (…, 256).
    static Tensor waves(Tensor t) {
        float[] frequencies = new float[FREQUENCIES];
        for (int k = 0; k < FREQUENCIES; k++) {
            frequencies[k] = (float) Math.exp(-Math.log(10_000) * k / FREQUENCIES);
        }
        int[] last = Arrays.copyOf(t.shape().toArray(), t.shape().rank() + 1);
        last[last.length - 1] = 1;
        Tensor angle = t.reshape(Shape.of(last))
                .mul(t.tape().constant(NdArray.of(Shape.of(FREQUENCIES), frequencies))); // (…, 128)
        return Tensor.concat(-1, angle.cos(), angle.sin());
    }

    /// (N) to (N, D), or (N, T) to (N, T, D).
    ///
    /// @param t timesteps in the range the model was trained with, 0 … 1000
    public Tensor forward(Tensor t) {
        return second.forward(first.forward(waves(t)).silu());
    }
}
