package org.vortexel.device.tornado;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A run of launches that fits into one task graph, and how arrays come to it. Sets of arrays go by identity.
///
/// @param launches what is done, in order
/// @param fresh arrays that no part before this one uses
/// @param carried arrays that the part before this one hands over; some only pass through
record Part(List<Launch> launches, Set<Object> fresh, Set<Object> carried) {
    /// TornadoVM's own limit is 256 tasks in a graph.
    static final int MOST_TASKS = 200;
    /// TornadoVM keeps the tasks of a graph in 8,192 bytes: 15 for a task and 5 for each of its arguments.
    static final int MOST_BYTES = 7_500;

    /// What the launches take of the bytes that TornadoVM has for a graph.
    static int bytes(Launch launch) {
        return 15 + 5 * launch.arguments().length;
    }

    /// Cuts the launches of a program into parts, each as long as the limits allow.
    ///
    /// @param kept arrays that are wanted from the device after the last part
    static List<Part> cut(List<Launch> launches, Collection<?> kept, int mostTasks, int mostBytes) {
        List<List<Launch>> runs = new ArrayList<>();
        int bytes = 0;
        for (Launch launch : launches) {
            bytes += bytes(launch);
            if (runs.isEmpty() || runs.getLast().size() == mostTasks || bytes > mostBytes) {
                runs.add(new ArrayList<>());
                bytes = bytes(launch);
            }
            runs.getLast().add(launch);
        }
        Map<Object, Integer> first = new IdentityHashMap<>();
        Map<Object, Integer> last = new IdentityHashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            for (Launch launch : runs.get(i)) {
                for (Object array : launch.arrays()) {
                    first.putIfAbsent(array, i);
                    last.put(array, i);
                }
            }
        }
        kept.forEach(array -> last.computeIfPresent(array, (a, i) -> runs.size() - 1));
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Part part = new Part(List.copyOf(runs.get(i)), set(), set());
            for (Map.Entry<Object, Integer> use : first.entrySet()) {
                if (use.getValue() == i) {
                    part.fresh.add(use.getKey());
                } else if (use.getValue() < i && last.getOrDefault(use.getKey(), -1) >= i) {
                    part.carried.add(use.getKey());
                }
            }
            parts.add(part);
        }
        return parts;
    }

    private static Set<Object> set() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
