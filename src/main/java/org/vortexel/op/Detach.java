package org.vortexel.op;

import java.util.List;
import org.vortexel.tensor.Shape;

/// The same numbers, through which no gradient flows: a target, or the straight-through estimator. Costs nothing.
public record Detach() implements Op {
    @Override
    public List<Shape> shapes(List<Shape> in) {
        return List.of(in.getFirst());
    }

    @Override
    public boolean isView() {
        return true;
    }

    @Override
    public void lower(Lowering to) {
        throw new IllegalStateException("a view has nothing to run");
    }

    /// Gives nothing.
    @Override
    public void gradient(Backward at) {}
}
