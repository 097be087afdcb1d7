package org.vortexel.nn;

import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// A convolution with bias: (N, C, H, W) to (N, O, H', W').
///
/// @param weight (O, C, kernel, kernel)
/// @param bias (O)
/// @param how stride and padding
public record Conv(Parameter weight, Parameter bias, Conv2d how) {
    /// A kernel of `size` by `size`, an odd number, that keeps the size of the image.
    public static Conv of(Params params, int in, int out, int size, Init init) {
        return of(params, in, out, size, Conv2d.padded(size / 2), init);
    }

    /// Weights that begin as `init` and a zero bias, named `weight` and `bias`.
    public static Conv of(Params params, int in, int out, int size, Conv2d how, Init init) {
        return new Conv(
                params.declare("weight", Shape.of(out, in, size, size), init),
                params.declare("bias", Shape.of(out), Init.zeros()),
                how);
    }

    /// (N, C, H, W) to (N, O, H', W').
    public Tensor forward(Tensor x) {
        return x.conv2d(how, weight.on(x), bias.on(x));
    }
}
