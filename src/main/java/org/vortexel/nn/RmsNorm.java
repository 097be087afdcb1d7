package org.vortexel.nn;

import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// Every token divided by its root mean square, then a learnt scale: (…, D) to (…, D).
///
/// @param weight (D)
/// @param eps added to the mean square
public record RmsNorm(Parameter weight, float eps) {
    /// Scale 1, named `weight`.
    public static RmsNorm of(Params params, int width, float eps) {
        return new RmsNorm(params.declare("weight", Shape.of(width), Init.constant(1)), eps);
    }

    /// (…, D) to (…, D).
    public Tensor forward(Tensor x) {
        return x.rmsNorm(weight.on(x), eps);
    }
}
