package org.vortexel.nn;

import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// Every token to zero mean and unit variance, then a learnt scale and shift: (…, D) to (…, D).
///
/// @param weight (D)
/// @param bias (D)
/// @param eps added to the variance
public record LayerNorm(Parameter weight, Parameter bias, float eps) {
    /// Scale 1 and shift 0, named `weight` and `bias`.
    public static LayerNorm of(Params params, int width, float eps) {
        return new LayerNorm(
                params.declare("weight", Shape.of(width), Init.constant(1)),
                params.declare("bias", Shape.of(width), Init.zeros()),
                eps);
    }

    /// (…, D) to (…, D).
    public Tensor forward(Tensor x) {
        return x.layerNorm(weight.on(x), bias.on(x), eps);
    }
}
