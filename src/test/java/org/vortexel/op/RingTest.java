package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class RingTest {
    @Test
    void forecastIsTheWeightedSumOfTheSlots() {
        for (int width : new int[] {1, 3, 31, 32, 33, 257}) {
            Shape ring = Shape.of(3, 2, 5, width);
            Weights weights = new Weights();
            weights.put("ring", Philox.of(1).normal(ring));
            NdArray table = Philox.of(2).normal(Shape.of(3, width));
            for (int d = 0; d < width; d++) {
                table.data()[width + d] = 1 - table.data()[d] - table.data()[2 * width + d];
            }
            Recorder r = new Recorder();
            r.output(
                    "out",
                    RingForecast.of(
                            r.parameter("ring", ring), r.input("table", table.shape()), r.ids("newest", Shape.of(1))));
            try (HostDevice device = HostDevice.of(2);
                    Player player = device.load(r.program(), weights)) {
                float[] kept = weights.get("ring").data();
                for (int newest = 0; newest < 3; newest++) {
                    player.set("table", table).set("newest", newest).run();
                    float[] out = player.get("out").data();
                    for (int i = 0; i < out.length; i++) {
                        double wanted = 0;
                        for (int s = 0; s < 3; s++) {
                            wanted += (double) table.data()[s * width + i % width] * kept[s * out.length + i];
                        }
                        assertEquals(wanted, out[i], 1e-5 * (1 + Math.abs(wanted)), width + " " + newest);
                    }
                }
            }
        }
    }

    @Test
    void aSlotIsWrittenAndTheOthersStay() {
        Weights weights = new Weights();
        weights.put("ring", NdArray.zeros(Shape.of(3, 2, 1)));
        Recorder r = new Recorder();
        RingStore.into(
                r.parameter("ring", Shape.of(3, 2, 1)), r.input("x", Shape.of(2, 1)), r.ids("slot", Shape.of(1)));
        try (HostDevice device = HostDevice.plain(1);
                Player player = device.load(r.program(), weights)) {
            player.set("x", 1f, 2f).set("slot", 1).run();
            assertArrayEquals(
                    new float[] {0, 0, 1, 2, 0, 0}, weights.get("ring").data());
            player.set("x", 7f, 8f).set("slot", -1).run();
            assertArrayEquals(
                    new float[] {0, 0, 1, 2, 0, 0}, weights.get("ring").data());
        }
    }

    @Test
    void aProgramThatKeepsFeaturesLearnsNothing() {
        Recorder r = new Recorder();
        Tensor weight = r.parameter("weight", Shape.of(2, 2));
        Tensor x = r.input("x", Shape.of(3, 2)).linear(weight);
        r.output("out", x);
        RingStore.into(r.parameter("ring", Shape.of(1, 3, 2)), x, r.ids("slot", Shape.of(1)));
        assertEquals(Set.of("weight"), r.program().steadyParameters());
        Ema.update(r.parameter("average", Shape.of(2, 2)), weight, r.input("rate", Shape.of(1)));
        assertEquals(Set.of(), r.program().steadyParameters());
    }

    @Test
    void wrongShapesAreRefused() {
        Recorder r = new Recorder();
        Tensor ring = r.parameter("ring", Shape.of(3, 2, 4));
        Tensor id = r.ids("id", Shape.of(1));
        Tensor table = r.input("table", Shape.of(2, 4));
        assertThrows(IllegalArgumentException.class, () -> RingForecast.of(ring, table, id));
        assertThrows(
                IllegalArgumentException.class,
                () -> RingStore.into(ring, table.reshape(4, 2).reshape(8), id));
    }
}
