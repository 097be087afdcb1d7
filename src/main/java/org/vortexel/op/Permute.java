package org.vortexel.op;

import java.util.List;
import org.vortexel.tensor.Shape;

/// The axes in another order: axis `i` of the output is axis `order.get(i)` of the input.
///
/// @param order every axis once
public record Permute(List<Integer> order) implements Op {
    public Permute {
        order = List.copyOf(order);
        for (int axis = 0; axis < order.size(); axis++) {
            if (!order.contains(axis)) {
                throw new IllegalArgumentException("Permute expected every axis once but got " + order);
            }
        }
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (x.rank() != order.size()) {
            throw new IllegalArgumentException(
                    "Permute by " + order + " expected " + order.size() + " axes but got " + x);
        }
        return List.of(Shape.of(order.stream().mapToInt(x::dim).toArray()));
    }

    @Override
    public void lower(Lowering to) {
        int[] strides = to.in(0).shape().strides();
        StridedCopy.launch(
                to,
                to.out(0),
                to.in(0),
                to.out(0).shape().toArray(),
                order.stream().mapToInt(axis -> strides[axis]).toArray(),
                0);
    }

    @Override
    public void gradient(Backward at) {
        int[] back = new int[order.size()];
        for (int i = 0; i < back.length; i++) {
            back[order.get(i)] = i;
        }
        at.give(0, at.grad(0).permute(back));
    }
}
