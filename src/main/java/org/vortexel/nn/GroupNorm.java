package org.vortexel.nn;

import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// Every group of channels of every image to zero mean and unit variance, then a learnt scale and shift per channel:
/// (N, C, H, W) to the same.
///
/// @param weight (C)
/// @param bias (C)
/// @param groups a divisor of C
/// @param eps added to the variance
public record GroupNorm(Parameter weight, Parameter bias, int groups, float eps) {
    /// Scale 1 and shift 0, named `weight` and `bias`.
    public static GroupNorm of(Params params, int channels, int groups, float eps) {
        return new GroupNorm(
                params.declare("weight", Shape.of(channels), Init.constant(1)),
                params.declare("bias", Shape.of(channels), Init.zeros()),
                groups,
                eps);
    }

    /// (N, C, H, W) to (N, C, H, W).
    public Tensor forward(Tensor x) {
        return x.groupNorm(groups, weight.on(x), bias.on(x), eps);
    }
}
