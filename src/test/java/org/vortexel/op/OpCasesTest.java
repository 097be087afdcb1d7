package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.tensor.NdArray;

/// Every kernel on the device against the same kernel on the host, over odd sizes.
class OpCasesTest {
    /// A kernel without a case fails here, with TornadoVM or without.
    @Test
    void everyKernelHasACase() throws Exception {
        Set<String> wanted = new TreeSet<>();
        for (Class<?> type : classes()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getType() == Kernel.class && java.lang.reflect.Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    wanted.add(field.get(null).toString());
                }
            }
        }
        assertTrue(wanted.size() > 90, () -> "only " + wanted.size() + " kernels were found");
        Set<String> called = new TreeSet<>();
        OpCases.all().forEach(c -> c.kernels().forEach(kernel -> called.add(kernel.toString())));
        assertEquals(wanted, called);
    }

    /// The classes of the ops' package.
    private static List<Class<?>> classes() throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(
                Op.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.list(root.resolve("org/vortexel/op"))) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                    .map(name -> "org.vortexel.op." + name.substring(0, name.length() - ".class".length()))
                    .toList();
            List<Class<?>> classes = new java.util.ArrayList<>();
            for (String name : names) {
                classes.add(Class.forName(name));
            }
            return classes;
        }
    }

    @TestFactory
    @Tag("tornado")
    Stream<DynamicTest> theDeviceGivesWhatTheHostGives() {
        return OpCases.all().stream()
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> {
                    Map<String, NdArray> wanted;
                    Map<String, NdArray> got;
                    try (Device host = HostDevice.plain(1)) {
                        wanted = c.play(host);
                    }
                    try (Device device = TestDevice.plain(1)) {
                        got = c.play(device);
                    }
                    assertEquals(wanted.keySet(), got.keySet());
                    wanted.forEach((name, array) -> compare(name, array, got.get(name)));
                }));
    }

    /// Sums of up to some hundred numbers in another order and with fused products, and other libraries'
    /// exponentials: 2e-5 of the largest number.
    private static void compare(String name, NdArray wanted, NdArray got) {
        assertEquals(wanted.shape(), got.shape());
        float largest = 1e-2f;
        for (float w : wanted.data()) {
            largest = Math.max(largest, Math.abs(w));
        }
        for (int i = 0; i < wanted.data().length; i++) {
            assertEquals(wanted.data()[i], got.data()[i], 2e-5f * largest, name + " " + wanted.shape() + " at " + i);
        }
    }
}
