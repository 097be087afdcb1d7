package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `out = factor * x + offset`, element by element, with two fixed numbers.
///
/// @param factor multiplies
/// @param offset is added
public record Scale(float factor, float offset) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "scale");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        return List.of(in.getFirst());
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        to.launch(KERNEL, to.in(0).size(), to.out(0), to.in(0), factor, offset);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).mul(factor));
    }

    /// `out[i] = factor * x[i] + offset`; a row is one element.
    public static void scale(float[] out, float[] x, float factor, float offset, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = factor * x[begin + i] + offset;
        }
    }
}
