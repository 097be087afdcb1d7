package org.vortexel.nn;

import org.vortexel.op.Tensor;

/// Sees tensors inside a model while it is recorded, by the name of the layer they come from. What it does not use
/// costs nothing.
@FunctionalInterface
public interface Probe {
    /// Looks at nothing.
    Probe NONE = (name, tensor) -> {};

    /// Called for the outputs of a model's layers; each model says which, and how they are called.
    void see(String name, Tensor tensor);
}
