package org.vortexel.device.tornado;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.vortexel.op.Kernel;
import org.vortexel.op.Parallel;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/// Brings new numbers of arrays that live on the device there, in between two runs. TornadoVM transfers an array
/// either in every run or in the first one only; so others are transferred, and a kernel copies them.
final class Refresh {
    /// How many arrays one graph can hold.
    static final int MOST = 64;

    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "refresh");

    private final List<float[]> arrays;
    private final List<float[]> staged;
    private final int[] wanted;

    Refresh(List<float[]> arrays) {
        this.arrays = arrays;
        staged = arrays.stream().map(array -> new float[array.length]).toList();
        wanted = new int[arrays.size()];
    }

    /// The graph that does it.
    ///
    /// @param before the graph that runs before it and hands the arrays over
    ImmutableTaskGraph graph(String name, String before) {
        TaskGraph graph = new TaskGraph(name);
        graph.consumeFromDevice(before, arrays.toArray());
        List<Object> incoming = new ArrayList<>(staged);
        incoming.add(wanted);
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, incoming.toArray());
        for (int i = 0; i < arrays.size(); i++) {
            float[] array = arrays.get(i);
            Object[] arguments = {array, staged.get(i), wanted, i, 0, array.length};
            Tasks.add(graph, "t" + i + "_" + KERNEL.name(), new Launch(Launch.REST, KERNEL, arguments));
        }
        return graph.snapshot();
    }

    /// Makes the graph's next run bring the numbers that these arrays have on the host.
    void stage(Set<float[]> stale) {
        Arrays.fill(wanted, 0);
        for (int i = 0; i < wanted.length; i++) {
            float[] array = arrays.get(i);
            if (stale.contains(array)) {
                System.arraycopy(array, 0, staged.get(i), 0, array.length);
                wanted[i] = 1;
            }
        }
    }

    /// `array = staged` where `wanted[at]` is 1.
    static void refresh(float[] array, float[] staged, int[] wanted, int at, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            array[begin + i] = wanted[at] > 0 ? staged[begin + i] : array[begin + i];
        }
    }
}
