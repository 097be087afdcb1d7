package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// A running average of a parameter, in place: `average = average + rate (p - average)`. No output.
///
/// Inputs: the average, the parameter (of one shape), and one number `rate`, which is 1 minus the decay.
public record Ema() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "ema");

    /// Records an update of `average`.
    public static void update(Tensor average, Tensor parameter, Tensor rate) {
        average.tape().record(new Ema(), List.of(average, parameter, rate));
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        if (!in.get(0).equals(in.get(1)) || in.get(2).size() != 1) {
            throw new IllegalArgumentException(
                    "Ema expected an average and a parameter of one shape and one rate but got " + in.get(0) + ", "
                            + in.get(1) + " and " + in.get(2));
        }
        return List.of();
    }

    @Override
    public boolean mutates(int input) {
        return input == 0;
    }

    @Override
    public void lower(Lowering to) {
        to.launch(KERNEL, to.in(0).size(), to.in(0), to.in(1), to.in(2));
    }

    /// `average[i] += rate[0] (p[i] - average[i])`; a row is one element.
    public static void ema(float[] average, float[] p, float[] rate, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int k = begin + i;
            average[k] = average[k] + rate[0] * (p[k] - average[k]);
        }
    }
}
