package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class EmbeddingTest {
    @Test
    void rowsAreLookedUpAndTheirGradientsSummed() {
        Recorder recorder = new Recorder();
        Tensor table = recorder.input("table", Shape.of(4, 2));
        Tensor ids = recorder.ids("ids", Shape.of(1, 3));
        Tensor out = Embedding.of(table, ids);
        Tensor upstream = recorder.input("upstream", Shape.of(1, 3, 2));
        recorder.output("out", out);
        recorder.output(
                "gradient",
                Gradients.of(recorder, List.of(out), List.of(upstream), List.of(table))
                        .getFirst());
        try (Device device = TestDevice.plain(2);
                Player player = device.load(recorder.program(), new Weights())) {
            player.set("table", 0f, 1f, 10f, 11f, 20f, 21f, 30f, 31f).set("ids", 3, 1, 3);
            player.set("upstream", 1f, 2f, 3f, 4f, 5f, 6f).run();
            assertEquals(NdArray.of(Shape.of(1, 3, 2), 30, 31, 10, 11, 30, 31), player.get("out"));
            assertEquals(NdArray.of(Shape.of(4, 2), 0, 0, 3, 4, 0, 0, 6, 8), player.get("gradient"));
        }
    }

    @Test
    void floatsAreNoIds() {
        Recorder recorder = new Recorder();
        Tensor table = recorder.input("table", Shape.of(4, 2));
        assertThrows(IllegalArgumentException.class, () -> Embedding.of(table, table));
    }
}
