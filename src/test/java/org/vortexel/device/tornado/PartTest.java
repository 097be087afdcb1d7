package org.vortexel.device.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vortexel.device.DeviceException;
import org.vortexel.op.Kernel;
import org.vortexel.op.Parallel;

class PartTest {
    private static final Kernel COPY = Kernel.of(MethodHandles.lookup(), "copy");

    private final float[] a = new float[1];
    private final float[] b = new float[1];
    private final float[] c = new float[1];
    private final float[] d = new float[1];

    static void copy(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = x[begin + i];
        }
    }

    private static Launch launch(float[] out, float[] x) {
        return new Launch(Launch.REST, COPY, out, x, 0, 1);
    }

    @Test
    void anArrayIsHandedOnFromItsFirstUseToItsLast() {
        List<Part> parts =
                Part.cut(List.of(launch(b, a), launch(c, b), launch(d, a)), List.of(), limits(1, 1000, 1000));
        assertEquals(3, parts.size());
        same(parts.get(0).fresh(), a, b);
        same(parts.get(0).carried());
        same(parts.get(1).fresh(), c);
        same(parts.get(1).carried(), a, b);
        same(parts.get(2).fresh(), d);
        same(parts.get(2).carried(), a);
    }

    @Test
    void whatIsWantedInTheEndIsHandedOnToTheEnd() {
        List<Part> parts = Part.cut(List.of(launch(b, a), launch(d, c)), List.of(b), limits(1, 1000, 1000));
        same(parts.get(1).carried(), b);
    }

    @Test
    void aPartEndsWhereTheNextLaunchWouldBreakALimit() {
        Launch one = launch(b, a);
        List<Launch> ten = Stream.generate(() -> one).limit(10).toList();
        assertEquals(List.of(4, 4, 2), sizes(Part.cut(ten, List.of(), limits(4, 1000, 1000))));
        assertEquals(35, Part.bytes(one));
        assertEquals(List.of(3, 3, 3, 1), sizes(Part.cut(ten, List.of(), limits(200, 3 * 35, 1000))));
    }

    @Test
    void moreArraysThanAGraphCanHandOnAreRefused() {
        // 8 + 1 launch + 4 arguments + 3 * 2 arrays = 19, and one more for each array that passes
        List<Launch> two = List.of(launch(b, a), launch(d, c));
        assertEquals(List.of(1, 1), sizes(Part.cut(two, List.of(b), limits(200, 1000, 20))));
        String message = assertThrows(DeviceException.class, () -> Part.cut(two, List.of(a, b), limits(200, 1000, 20)))
                .getMessage();
        assertTrue(message.contains("2 arrays"), message);
    }

    private static Part.Limits limits(int tasks, int bytes, int nodes) {
        return new Part.Limits(tasks, bytes, nodes);
    }

    private static List<Integer> sizes(List<Part> parts) {
        return parts.stream().map(part -> part.launches().size()).toList();
    }

    private static void same(Set<Object> found, Object... wanted) {
        assertEquals(wanted.length, found.size());
        assertTrue(Arrays.stream(wanted).allMatch(found::contains));
    }
}
