package org.vortexel.nn;

import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// One learnt array, by name.
///
/// @param name the full name, such as `blocks.3.attn.qkv.weight`
/// @param shape its sizes
/// @param init how it begins
/// @param trained whether an optimiser changes it; a fixed table is not trained
public record Parameter(String name, Shape shape, Init init, boolean trained) {
    /// This parameter on the tape that `x` is recorded on.
    public Tensor on(Tensor x) {
        return x.tape().parameter(name, shape);
    }
}
