package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Compares recorded gradients with central finite differences of a random linear functional of the output.
public final class GradientCheck {
    private GradientCheck() {}

    /// Checks every element's derivative of `op` at the given inputs.
    ///
    /// @param tolerance allowed difference, relative to `1 + |derivative|`
    public static void check(Function<List<Tensor>, Tensor> op, double tolerance, NdArray... inputs) {
        Recorder recorder = new Recorder();
        List<Tensor> in = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            in.add(recorder.input("x" + i, inputs[i].shape()));
        }
        Tensor out = op.apply(in);
        NdArray upstream = Philox.of(99).normal(out.shape());
        List<Tensor> gradients = Gradients.of(recorder, List.of(out), List.of(recorder.constant(upstream)), in);
        recorder.output("y", out);
        for (int i = 0; i < inputs.length; i++) {
            recorder.output("g" + i, gradients.get(i));
        }
        try (Device device = TestDevice.plain(1);
                Player player = device.load(recorder.program(), new Weights())) {
            for (int i = 0; i < inputs.length; i++) {
                player.set("x" + i, inputs[i]);
            }
            for (int i = 0; i < inputs.length; i++) {
                player.run();
                NdArray gradient = player.get("g" + i);
                for (int j = 0; j < inputs[i].data().length; j++) {
                    assertEquals(
                            difference(player, "x" + i, inputs[i], j, upstream),
                            gradient.data()[j],
                            tolerance * (1 + Math.abs(gradient.data()[j])),
                            "input " + i + " " + inputs[i].shape() + ", element " + j);
                }
            }
        }
    }

    private static double difference(Player player, String name, NdArray input, int j, NdArray upstream) {
        float step = 1e-2f;
        double above = functional(player, name, input, j, step, upstream);
        double below = functional(player, name, input, j, -step, upstream);
        player.set(name, input);
        return (above - below) / (2 * step);
    }

    private static double functional(Player player, String name, NdArray input, int j, float step, NdArray upstream) {
        NdArray moved = input.copy();
        moved.data()[j] += step;
        player.set(name, moved).run();
        float[] y = player.get("y").data();
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += (double) y[i] * upstream.data()[i];
        }
        return sum;
    }

    /// Normal numbers of the given shape, the same for the same seed.
    public static NdArray random(long seed, int... sizes) {
        return Philox.of(seed).normal(Shape.of(sizes));
    }
}
