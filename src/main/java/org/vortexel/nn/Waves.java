package org.vortexel.nn;

import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Numbers as cosines and sines of falling frequency: what timesteps are turned into before the first layer.
///
/// `e[k] = cos(t w_k)`, `e[D / 2 + k] = sin(t w_k)`, `w_k = 10000^(-k / (D / 2))`
///
/// Source: Vaswani et al. 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762), section 3.5; cosines
/// first as in Dhariwal and Nichol 2021.
public final class Waves {
    private Waves() {}

    /// (…) to (…, `width`).
    ///
    /// @param width D, even
    public static Tensor of(Tensor t, int width) {
        float[] frequencies = new float[width / 2];
        for (int k = 0; k < frequencies.length; k++) {
            frequencies[k] = (float) Math.exp(-Math.log(10_000) * k / frequencies.length);
        }
        Shape column = t.shape().append(1);
        Tensor angle = t.reshape(column)
                .mul(t.tape().constant(NdArray.of(Shape.of(frequencies.length), frequencies))); // (…, D / 2)
        return Tensor.concat(-1, angle.cos(), angle.sin());
    }
}
