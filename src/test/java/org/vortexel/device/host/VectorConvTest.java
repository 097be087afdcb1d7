package org.vortexel.device.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vortexel.device.Player;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Convolutions and both their gradients: tuned against plain, one thread against several.
class VectorConvTest {
    @ParameterizedTest(
            name = "{0} images, {1} channels to {2}, {3} x {4}, kernel {5}, stride {6}, padding {7}, {8} groups")
    @CsvSource({
        "1, 1, 1, 1, 1, 1, 1, 0, 1",
        "1, 1, 1, 3, 3, 3, 1, 1, 1",
        "2, 3, 31, 31, 33, 3, 1, 1, 1",
        "3, 32, 3, 8, 8, 3, 1, 1, 1",
        "2, 33, 13, 16, 4, 3, 1, 1, 1",
        "1, 64, 64, 16, 16, 3, 1, 1, 1",
        "2, 65, 12, 12, 12, 3, 1, 1, 1",
        "2, 31, 33, 32, 32, 3, 2, 1, 1",
        "1, 7, 5, 33, 17, 5, 3, 2, 1",
        "2, 257, 31, 7, 7, 1, 1, 0, 1",
        "5, 3, 16, 32, 32, 8, 8, 0, 1",
        "1, 9, 6, 10, 10, 3, 1, 0, 3",
        "2, 12, 12, 14, 14, 3, 1, 1, 12",
        "2, 12, 24, 35, 35, 3, 1, 1, 12",
        "1, 12, 12, 15, 15, 3, 2, 1, 12",
        "1, 4, 4, 9, 9, 1, 2, 0, 1",
        "1, 3, 4, 5, 5, 1, 1, 1, 1",
        "9, 130, 36, 20, 20, 3, 1, 1, 2",
        "3, 24, 48, 64, 64, 3, 1, 1, 1",
        "5, 24, 37, 8, 8, 3, 1, 1, 1",
        "3, 17, 25, 31, 15, 3, 1, 1, 1",
        "2, 18, 16, 18, 16, 3, 1, 0, 1",
        "2, 17, 20, 13, 62, 3, 1, 2, 1",
        "1, 530, 16, 16, 16, 3, 1, 1, 1",
        "7, 16, 30, 8, 16, 3, 1, 1, 1",
    })
    void twinMatchesThePlainKernel(
            int images,
            int channels,
            int filters,
            int height,
            int width,
            int kernel,
            int stride,
            int padding,
            int groups) {
        Conv2d how = Conv2d.strided(stride, padding).withGroups(groups);
        NdArray x = Philox.of(1).normal(Shape.of(images, channels, height, width));
        NdArray w = Philox.of(2).normal(Shape.of(filters, channels / groups, kernel, kernel));
        NdArray b = Philox.of(3).normal(Shape.of(filters));
        Map<String, NdArray> plain = play(HostDevice.plain(1), how, x, w, b);
        Map<String, NdArray> tuned = play(HostDevice.of(1), how, x, w, b);
        Map<String, NdArray> shared = play(HostDevice.of(3), how, x, w, b);
        plain.forEach((name, wanted) -> {
            float[] got = tuned.get(name).data();
            assertArrayEquals(got, shared.get(name).data(), name + ": threads change nothing");
            float largest = 0;
            for (float value : wanted.data()) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < got.length; i++) {
                assertEquals(wanted.data()[i], got[i], 1e-5f * (1 + largest), name + " at " + i);
            }
        });
    }

    private static Map<String, NdArray> play(HostDevice device, Conv2d how, NdArray x, NdArray w, NdArray b) {
        Recorder recorder = new Recorder();
        List<Tensor> in =
                List.of(recorder.input("x", x.shape()), recorder.input("w", w.shape()), recorder.input("b", b.shape()));
        Tensor out = in.get(0).conv2d(how, in.get(1), in.get(2));
        NdArray upstream = Philox.of(4).normal(out.shape());
        List<Tensor> gradients = Gradients.of(recorder, List.of(out), List.of(recorder.constant(upstream)), in);
        recorder.output("out", out);
        recorder.output("unbiased", in.get(0).conv2d(how, in.get(1), null));
        recorder.output("dx", gradients.get(0));
        recorder.output("dw", gradients.get(1));
        Program program = recorder.program();
        Map<String, NdArray> results = new TreeMap<>();
        try (device;
                Player player = device.load(program, new Weights())) {
            player.set("x", x).set("w", w).set("b", b);
            player.run();
            player.run(); // what a first run leaves behind must not matter
            program.outputs().keySet().forEach(name -> results.put(name, player.get(name)));
        }
        return results;
    }
}
