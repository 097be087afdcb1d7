package org.vortexel.device.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.DeviceException;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Ema;
import org.vortexel.op.Kernel;
import org.vortexel.op.Op;
import org.vortexel.op.Parallel;
import org.vortexel.op.RingForecast;
import org.vortexel.op.RingStore;
import org.vortexel.op.StoreRow;
import org.vortexel.op.Tensor;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// The kernels themselves are compared in `org.vortexel.op`; this is about what goes to the device and comes back.
class TornadoDeviceTest {
    private static final Shape SHAPE = Shape.of(3, 11);

    @Test
    void anAbsentTornadoIsAnErrorThatSaysWhatToInstall() {
        Assumptions.assumeFalse(TestDevice.isTornado());
        assertTrue(TornadoDevice.missing().orElseThrow().contains("TORNADOVM_HOME"));
        assertTrue(TornadoDevice.list().isEmpty());
        String message =
                assertThrows(DeviceException.class, TornadoDevice::open).getMessage();
        assertTrue(message.contains("install TornadoVM"), message);
    }

    /// Reads, changes and reuses arrays over many graphs: weights used in the first and changed in the last one.
    private static Program program() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", SHAPE);
        Tensor w = r.parameter("w", SHAPE);
        Tensor average = r.parameter("average", SHAPE);
        Tensor y = x.mul(w);
        for (int i = 0; i < 6; i++) {
            y = y.add(x).tanh().mul(average);
        }
        r.output("y", y);
        r.output("early", x.mul(x));
        Ema.update(average, y, r.constant(NdArray.scalar(0.25f)));
        return r.program();
    }

    private static Weights weights() {
        Weights weights = new Weights();
        weights.put("w", Philox.of(1).normal(SHAPE));
        weights.put("average", Philox.of(2).normal(SHAPE));
        return weights;
    }

    @Test
    @Tag("tornado")
    void manyGraphsGiveWhatTheHostGivesRunAfterRun() {
        Weights here = weights();
        Weights there = weights();
        try (HostDevice host = HostDevice.plain(1);
                Player wanted = host.load(program(), here);
                Player got = new TornadoPlayer(
                        program(),
                        there,
                        TornadoVm.probe().devices().getFirst().device(),
                        Twins.PLAIN,
                        new Latest(),
                        new Part.Limits(4, 7_500, 1_000))) {
            for (int step = 0; step < 3; step++) {
                NdArray x = Philox.of(10 + step).normal(SHAPE);
                wanted.set("x", x).run();
                got.set("x", x).run();
                for (String output : List.of("y", "early")) {
                    assertArrayEquals(wanted.get(output).data(), got.get(output).data(), 1e-5f);
                }
            }
            got.pull();
            assertArrayEquals(here.get("average").data(), there.get("average").data(), 1e-5f);
        }
    }

    @Test
    @Tag("tornado")
    void weightsThatNothingChangesStayAsTheyWere() {
        Weights weights = weights();
        try (TornadoDevice device = TornadoDevice.open();
                Player player = device.load(program(), weights)) {
            player.set("x", Philox.of(10).normal(SHAPE)).run();
            player.pull();
            assertArrayEquals(weights().get("w").data(), weights.get("w").data());
            assertFalse(java.util.Arrays.equals(
                    weights().get("average").data(), weights.get("average").data()));
        }
    }

    /// A program that keeps features and one that uses them, as a feature cache has them, and learns besides.
    @Test
    @Tag("tornado")
    void playersSeeWhatOthersChange() {
        Shape ring = Shape.of(3, 5, 11);
        Recorder writes = new Recorder();
        Tensor x = writes.input("x", Shape.of(5, 11));
        RingStore.into(writes.parameter("ring", ring), x, writes.ids("slot", Shape.of(1)));
        writes.output("y", x.tanh());
        Recorder reads = new Recorder();
        Tensor table = reads.constant(Philox.of(3).normal(Shape.of(3, 11)));
        reads.output("y", RingForecast.of(reads.parameter("ring", ring), table, reads.ids("newest", Shape.of(1))));
        Recorder learns = new Recorder();
        Ema.update(learns.parameter("ring", ring), learns.input("z", ring), learns.constant(NdArray.scalar(0.25f)));
        Map<Boolean, List<NdArray>> seen = new HashMap<>();
        for (boolean tornado : new boolean[] {false, true}) {
            List<NdArray> results = new ArrayList<>();
            Weights weights = new Weights();
            weights.put("ring", Philox.of(4).normal(ring));
            try (Device device = tornado ? TornadoDevice.open() : HostDevice.plain(1);
                    Player writer = device.load(writes.program(), weights);
                    Player reader = device.load(reads.program(), weights);
                    Player learner = device.load(learns.program(), weights)) {
                for (int step = 0; step < 6; step++) {
                    writer.set("x", Philox.of(20 + step).normal(Shape.of(5, 11)))
                            .set("slot", step % 3)
                            .run();
                    for (int i = 0; i < step % 3; i++) {
                        results.add(play(reader.set("newest", step % 3)));
                    }
                    if (step > 2) {
                        learner.set("z", Philox.of(40 + step).normal(ring)).run();
                    }
                }
                learner.pull();
                results.add(weights.get("ring").copy());
                writer.set("slot", 0).run();
            }
            results.add(weights.get("ring")); // as on the host, a closed player has left its changes there
            seen.put(tornado, results);
        }
        assertEquals(seen.get(false).size(), seen.get(true).size());
        for (int i = 0; i < seen.get(true).size(); i++) {
            assertArrayEquals(
                    seen.get(false).get(i).data(), seen.get(true).get(i).data(), 1e-5f, "result " + i);
        }
    }

    private static NdArray play(Player player) {
        player.run();
        return player.get("y");
    }

    /// A program's own memory, as of keys and values: it stays from run to run and can be set again.
    @Test
    @Tag("tornado")
    void anInputThatTheProgramChangesStaysAndCanBeSet() {
        Recorder r = new Recorder();
        Tensor store = r.input("store", Shape.of(2, 3, 1));
        StoreRow.into(store, r.input("row", Shape.of(2, 1, 1)), r.ids("at", Shape.of(1)));
        r.output("sum", store.sum(false, 1, 2));
        r.output("store", store);
        try (TornadoDevice device = TornadoDevice.open();
                Player player = device.load(r.program(), new Weights())) {
            player.set("row", 1f, 2f).set("at", new int[] {2}).run();
            player.set("row", 10f, 20f).set("at", new int[] {0}).run();
            assertEquals(NdArray.of(Shape.of(2), 11, 22), player.get("sum"));
            assertEquals(NdArray.of(Shape.of(2, 3, 1), 10, 0, 1, 20, 0, 2), player.get("store"));
            player.set("store", 0f, 5f, 0f, 0f, 0f, 0f).set("at", new int[] {1}).run();
            assertEquals(NdArray.of(Shape.of(2, 3, 1), 0, 10, 0, 0, 20, 0), player.get("store"));
            player.set("store", 1f, 1f, 1f, 1f, 1f, 1f).run();
            player.set("at", new int[] {-1}).run();
            assertEquals(NdArray.of(Shape.of(2, 3, 1), 1, 10, 1, 1, 20, 1), player.get("store"));
        }
    }

    @Test
    @Tag("tornado")
    void generatedSourceIsParallel() throws IOException {
        try (TornadoDevice device = TornadoDevice.open();
                Player player = device.load(program(), weights())) {
            player.run();
        }
        // One text that grows with every kernel of this run of the tests; other tests add theirs.
        String sources = Files.readString(Path.of(System.getProperty("tornado.print.kernel.dir")));
        List<String> kernels = List.of(sources.split("(?=__kernel void |__global__ void )"));
        assertTrue(kernels.size() > 1);
        for (String kernel : kernels.subList(1, kernels.size())) {
            assertTrue(
                    kernel.contains("get_global_id") || kernel.contains("threadIdx"), () -> "not parallel: " + kernel);
        }
    }

    /// An op with a kernel that breaks the rules: TornadoVM compiles no strings.
    record Planted() implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "planted");

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return in;
        }

        @Override
        public void lower(Lowering to) {
            to.launch(KERNEL, to.in(0).size(), to.out(0), to.in(0));
        }

        static void planted(float[] out, float[] x, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                out[begin + i] = Float.parseFloat(Float.toString(x[begin + i]));
            }
        }
    }

    @Test
    @Tag("tornado")
    void aKernelThatCannotBeCompiledFailsByName() {
        Recorder r = new Recorder();
        r.output("y", r.input("x", SHAPE).apply(new Planted()));
        try (TornadoDevice device = TornadoDevice.open()) {
            String message = assertThrows(DeviceException.class, () -> {
                        try (Player player = device.load(r.program(), new Weights())) {
                            player.run();
                        }
                    })
                    .getMessage();
            assertTrue(message.contains("planted"), message);
        }
    }

    @Test
    @Tag("tornado")
    void aDeviceThatIsNotThereIsRefused() {
        assertEquals(TornadoDevice.list().getFirst(), TornadoDevice.open().describe());
        assertThrows(IllegalArgumentException.class, () -> TornadoDevice.open("77:1"));
    }
}
