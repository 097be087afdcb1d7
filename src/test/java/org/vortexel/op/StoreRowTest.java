package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class StoreRowTest {
    @Test
    void rowsGatherOverRunsAndLaterOpsSeeThem() {
        Recorder r = new Recorder();
        Tensor store = r.input("store", Shape.of(2, 3, 1));
        Tensor row = r.input("row", Shape.of(2, 1, 1));
        StoreRow.into(store, row, r.ids("at", Shape.of(1)));
        r.output("sum", store.sum(false, 1, 2));
        r.output("store", store);
        try (Device device = HostDevice.plain(2);
                Player player = device.load(r.program(), new Weights())) {
            player.set("row", 1f, 2f).set("at", new int[] {2}).run();
            player.set("row", 10f, 20f).set("at", new int[] {0}).run();
            assertEquals(NdArray.of(Shape.of(2), 11, 22), player.get("sum"));
            player.set("row", 5f, 5f).set("at", new int[] {-1}).run();
            assertEquals(NdArray.of(Shape.of(2, 3, 1), 10, 0, 1, 20, 0, 2), player.get("store"));
        }
    }

    @Test
    void rowsMustFit() {
        Recorder r = new Recorder();
        Tensor store = r.input("store", Shape.of(2, 3, 1));
        Tensor row = r.input("row", Shape.of(2, 2, 1));
        Tensor at = r.ids("at", Shape.of(1));
        assertThrows(IllegalArgumentException.class, () -> StoreRow.into(store, row, at));
        assertThrows(IllegalArgumentException.class, () -> StoreRow.into(store, row, store));
    }
}
