package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class NearestRowTest {
    @Test
    void theLowestOfTheNearestRowsIsTakenAndGradientsGoToTheTable() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(3, 1));
        Tensor table = r.input("table", Shape.of(4, 1));
        NearestRow.Nearest nearest = NearestRow.of(x, table);
        r.output("rows", nearest.rows());
        r.output("ids", nearest.ids());
        Tensor upstream = r.input("upstream", Shape.of(3, 1));
        List<Tensor> slopes = Gradients.of(r, List.of(nearest.rows()), List.of(upstream), List.of(table, x));
        r.output("dtable", slopes.get(0));
        r.output("dx", slopes.get(1));
        try (Device device = HostDevice.plain(2);
                Player player = device.load(r.program(), new Weights())) {
            player.set("x", 1f, 5.2f, 5.4f).set("table", 9f, 0f, 2f, 5f);
            player.set("upstream", 1f, 10f, 100f).run();
            assertEquals(NdArray.of(Shape.of(3), 1, 3, 3), player.get("ids"));
            assertEquals(NdArray.of(Shape.of(3, 1), 0, 5, 5), player.get("rows"));
            assertEquals(NdArray.of(Shape.of(4, 1), 0, 1, 0, 110), player.get("dtable"));
            assertEquals(NdArray.of(Shape.of(3, 1), 0, 0, 0), player.get("dx"));
        }
    }

    @Test
    void widthsMustAgree() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(3, 2));
        Tensor table = r.input("table", Shape.of(4, 1));
        assertThrows(IllegalArgumentException.class, () -> NearestRow.of(x, table));
    }

    @Test
    void noGradientFlowsThroughDetach() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2));
        Tensor y = x.mul(x.detach()).sum(false);
        r.output("dx", Gradients.of(r, y, List.of(x)).getFirst());
        try (Device device = HostDevice.plain(1);
                Player player = device.load(r.program(), new Weights())) {
            player.set("x", 3f, 4f).run();
            assertEquals(NdArray.of(Shape.of(2), 3, 4), player.get("dx"));
        }
    }
}
