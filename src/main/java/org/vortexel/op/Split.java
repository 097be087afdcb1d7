package org.vortexel.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Cuts one axis into equal parts, one output each. Gradient: the parts' gradients put together again.
///
/// @param axis the axis, not negative
/// @param parts how many outputs
public record Split(int axis, int parts) implements Op {
    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (parts < 1 || x.dim(axis) % parts != 0) {
            throw new IllegalArgumentException(
                    "cannot cut axis " + axis + " of " + x + " into " + parts + " equal parts");
        }
        Shape[] shapes = new Shape[parts];
        Arrays.fill(shapes, x.with(axis, x.dim(axis) / parts));
        return List.of(shapes);
    }

    @Override
    public void lower(Lowering to) {
        int[] strides = to.in(0).shape().strides();
        for (int i = 0; i < parts; i++) {
            int[] sizes = to.out(i).shape().toArray();
            StridedCopy.launch(to, to.out(i), to.in(0), sizes, strides, i * sizes[axis] * strides[axis]);
        }
    }

    @Override
    public void gradient(Backward at) {
        List<Tensor> gradients = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            gradients.add(at.grad(i));
        }
        at.give(0, Concat.of(axis, gradients));
    }
}
