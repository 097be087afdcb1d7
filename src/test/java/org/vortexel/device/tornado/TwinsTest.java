package org.vortexel.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Kernel;
import org.vortexel.op.OpCase;
import org.vortexel.op.OpCases;
import org.vortexel.tensor.NdArray;

/// Tuned kernels on the device against plain ones on the host.
class TwinsTest {
    /// But the sum, whose twin is for the large cases only.
    private static final Set<String> TWINNED =
            Set.of("Linear.linear", "Linear.linearBias", "MatMul.matMul", "Conv2d.conv2d", "Attention.attention");

    /// The cases whose kernels have twins.
    static List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>(OpCases.large());
        for (OpCase c : OpCases.all()) {
            if (c.kernels().stream().anyMatch(k -> TWINNED.contains(k.toString()))) {
                cases.add(c);
            }
        }
        return cases;
    }

    @TestFactory
    @Tag("tornado")
    Stream<DynamicTest> twinsGiveWhatThePlainKernelsGive() {
        return Stream.of(Twins.BLOCKED, Twins.TILED)
                .flatMap(twins -> cases().stream()
                        // Tiles are for matrices; the others are as when blocked.
                        .filter(c -> twins == Twins.BLOCKED || c.name().matches("(matmul|linear).*"))
                        .map(c -> DynamicTest.dynamicTest(c.name() + " " + twins, () -> compare(c, twins))));
    }

    private static void compare(OpCase c, Twins twins) {
        Map<String, NdArray> wanted;
        Map<String, NdArray> got;
        try (Device host = HostDevice.plain(1);
                Device device = new TornadoDevice(TornadoVm.probe().devices().getFirst(), twins)) {
            wanted = c.play(host);
            got = c.play(device);
        }
        wanted.forEach((name, array) -> {
            float largest = 1e-2f;
            for (float w : array.data()) {
                largest = Math.max(largest, Math.abs(w));
            }
            for (int i = 0; i < array.data().length; i++) {
                assertEquals(array.data()[i], got.get(name).data()[i], 2e-5f * largest, name + " at " + i);
            }
        });
    }

    /// Every twin takes part in a case above.
    @Test
    @Tag("tornado")
    void everyTwinHasACase() throws IllegalAccessException {
        Set<String> wanted = new TreeSet<>(Set.of(Tiled.KERNEL.toString()));
        for (Field field : Twins.class.getDeclaredFields()) {
            if (field.getType() == Kernel.class) {
                field.setAccessible(true);
                wanted.add(field.get(null).toString());
            }
        }
        Set<String> used = new TreeSet<>();
        cases().forEach(c -> used.addAll(launched(c, Twins.TILED)));
        used.removeIf(kernel -> !wanted.contains(kernel));
        assertEquals(wanted, used);
        assertTrue(wanted.size() > 5);
    }

    /// The kernels that a case calls with the given twins.
    static List<String> launched(OpCase c, Twins twins) {
        return c.launches().stream()
                .flatMap(call -> twins.of(new Launch("", call.kernel(), call.arguments())).stream())
                .map(launch -> launch.kernel().toString())
                .toList();
    }

    @Test
    void plainMeansPlain() {
        Launch launch = new Launch("", Tiled.KERNEL, new float[1], 0, 1);
        assertEquals(List.of(launch), Twins.PLAIN.of(launch));
    }
}
