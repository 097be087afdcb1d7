package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `x` to a fixed power. NaN where `x` is negative and the power is not whole.
///
/// @param power the exponent
public record Pow(float power) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "power");

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
        to.launch(KERNEL, to.in(0).size(), to.out(0), to.in(0), power);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).mul(at.in(0).pow(power - 1)).mul(power));
    }

    /// `out[i]` is `x[i]` to the power `power`; a row is one element.
    public static void power(float[] out, float[] x, float power, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = (float) Math.pow(x[begin + i], power);
        }
    }
}
