package org.vortexel.dit;

import org.vortexel.op.Tensor;

/// Sees tensors inside a model while it is recorded, by the name of the layer they come from. What it does not use
/// costs nothing.
@FunctionalInterface
public interface Probe {
    /// Looks at nothing.
    Probe NONE = (name, tensor) -> {};

    /// Called for the outputs of `patches`, `time`, `condition`, every block (`blocks.3`), its branches
    /// (`blocks.3.attn`, `blocks.3.mlp`) and `final`.
    void see(String name, Tensor tensor);
}
