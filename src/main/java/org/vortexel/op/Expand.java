package org.vortexel.op;

import java.util.List;
import org.vortexel.tensor.Shape;

/// Repeats axes of size 1, and puts new axes in front, to fill a larger shape. Gradient: the sum over the repeats.
///
/// @param to the shape that is filled
public record Expand(Shape to) implements Op {
    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        boolean fits = x.rank() <= to.rank();
        for (int i = 1; fits && i <= x.rank(); i++) {
            fits = x.dim(-i) == 1 || x.dim(-i) == to.dim(-i);
        }
        if (!fits) {
            throw new IllegalArgumentException("cannot repeat " + x + " to fill " + to);
        }
        return List.of(to);
    }

    @Override
    public void lower(Lowering to) {
        Shape x = to.in(0).shape();
        Shape out = this.to;
        int[] from = x.strides();
        int[] strides = new int[out.rank()];
        for (int i = 1; i <= x.rank(); i++) {
            strides[out.rank() - i] = x.dim(-i) == 1 ? 0 : from[x.rank() - i];
        }
        StridedCopy.launch(to, to.out(0), to.in(0), out.toArray(), strides, 0);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).sumTo(at.in(0).shape()));
    }
}
