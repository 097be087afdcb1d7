package org.vortexel.ar;

import org.vortexel.op.Tensor;

/// Where a network forgets numbers at random while it is trained. The caller decides how: a recorded factor that is
/// 0 or `1 / (1 - p)`, drawn on the host before every step.
@FunctionalInterface
public interface Dropout {
    /// Forgets nothing: evaluation, sampling, and training without it.
    Dropout NONE = (place, x) -> x;

    /// The tensor with some of its numbers forgotten.
    ///
    /// @param place a name that is unique in the network, such as `layers.3.attention`
    Tensor of(String place, Tensor x);
}
