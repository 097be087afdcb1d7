package org.vortexel.device.tornado;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vortexel.device.DeviceException;

/// A run of launches that fits into one task graph, and how arrays come to it. Sets of arrays go by identity.
///
/// @param launches what is done, in order
/// @param fresh arrays that no part before this one uses
/// @param carried arrays that the part before this one hands over; some only pass through
record Part(List<Launch> launches, Set<Object> fresh, Set<Object> carried) {
    /// What TornadoVM can hold in one graph.
    ///
    /// @param tasks how many tasks
    /// @param bytes for the tasks, of 15 bytes, and their arguments, of 5
    /// @param nodes of its graph: for every task, argument and array, see [#nodes]
    record Limits(int tasks, int bytes, int nodes) {
        /// A little below TornadoVM's own, which are 256, 8,192 and 1,024.
        static final Limits OWN = new Limits(200, 7_500, 1_000);
        /// One task in a graph.
        static final Limits SINGLE = new Limits(1, 7_500, 1_000);
    }

    /// What the launches take of the bytes that TornadoVM has for a graph.
    static int bytes(Launch launch) {
        return 15 + 5 * launch.arguments().length;
    }

    /// No fewer nodes than TornadoVM makes of a graph: one for a task and one for each of its arguments; for an
    /// array one, and two more (getting it and letting it go) where a task uses it; and a few of its own.
    private static int nodes(int launches, int arguments, int used, int passing) {
        return 8 + launches + arguments + 3 * used + passing;
    }

    /// Cuts the launches of a program into parts, each as long as the limits allow.
    ///
    /// @param kept arrays that are wanted from the device after the last part
    /// @throws DeviceException when more arrays are alive at once than a graph can hand on
    static List<Part> cut(List<Launch> launches, Collection<?> kept, Limits limits) {
        IdentityHashMap<Object, Integer> first = new IdentityHashMap<>();
        IdentityHashMap<Object, Integer> last = new IdentityHashMap<>();
        for (int i = 0; i < launches.size(); i++) {
            for (Object array : launches.get(i).arrays()) {
                first.putIfAbsent(array, i);
                last.put(array, i);
            }
        }
        kept.forEach(array -> last.computeIfPresent(array, (a, i) -> launches.size()));
        List<Part> parts = new ArrayList<>();
        for (int begin = 0; begin < launches.size(); ) {
            Set<Object> carried = set();
            for (Map.Entry<Object, Integer> use : first.entrySet()) {
                if (use.getValue() < begin && last.getOrDefault(use.getKey(), -1) >= begin) {
                    carried.add(use.getKey());
                }
            }
            Set<Object> used = set();
            int end = extend(launches, begin, carried, used, limits);
            if (end == begin) {
                throw new DeviceException("TornadoVM cannot hold this program: " + carried.size()
                        + " arrays are alive at once, and its graphs have " + limits.nodes() + " nodes in all");
            }
            Set<Object> fresh = set();
            used.stream().filter(array -> !carried.contains(array)).forEach(fresh::add);
            parts.add(new Part(List.copyOf(launches.subList(begin, end)), fresh, carried));
            begin = end;
        }
        return parts;
    }

    /// Where the part that starts at `begin` has to end.
    ///
    /// @param used filled with the arrays that the part uses
    private static int extend(List<Launch> launches, int begin, Set<Object> carried, Set<Object> used, Limits limits) {
        int bytes = 0;
        int arguments = 0;
        int passing = carried.size();
        for (int end = begin; end < launches.size(); end++) {
            Launch launch = launches.get(end);
            bytes += bytes(launch);
            arguments += launch.arguments().length;
            List<Object> added =
                    launch.arrays().stream().filter(a -> !used.contains(a)).toList();
            passing -= (int) added.stream().filter(carried::contains).count();
            int count = end + 1 - begin;
            if (count > limits.tasks()
                    || bytes > limits.bytes()
                    || nodes(count, arguments, used.size() + added.size(), passing) > limits.nodes()) {
                return end;
            }
            used.addAll(added);
        }
        return launches.size();
    }

    private static Set<Object> set() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
