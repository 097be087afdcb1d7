package org.vortexel.op;

import java.util.List;
import org.vortexel.tensor.Shape;

/// The same numbers in the same order, seen in another shape. Costs nothing.
///
/// @param to the new shape, of equal size
public record Reshape(Shape to) implements Op {
    @Override
    public List<Shape> shapes(List<Shape> in) {
        if (in.getFirst().size() != to.size()) {
            throw new IllegalArgumentException("cannot reshape " + in.getFirst() + " to " + to);
        }
        return List.of(to);
    }

    @Override
    public boolean isView() {
        return true;
    }

    @Override
    public void lower(Lowering to) {
        throw new IllegalStateException("a view has nothing to run");
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).reshape(at.in(0).shape()));
    }
}
