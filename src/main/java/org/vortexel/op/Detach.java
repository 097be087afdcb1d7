package org.vortexel.op;

import java.util.List;
import org.vortexel.tensor.Shape;

/// The same numbers, taken for constants by every gradient: nothing flows back. Costs nothing.
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

    @Override
    public void gradient(Backward at) {
        // gives nothing, which is the point
    }
}
