package org.vortexel.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.vortexel.op.Tensor;

/// Which computed tensor lives in which buffer: two tensors share one when the first is dead before the second is
/// written.
///
/// Inputs, parameters and constants have buffers of their own and are not planned here. Views live where what they view
/// lives. An op that allows it writes over its dying input.
///
/// @param slots the buffer of every computed tensor that is not a view
/// @param sizes the length of every buffer, in numbers
/// @param roots what every view is a view of
public record MemoryPlan(Map<Tensor, Integer> slots, List<Integer> sizes, Map<Tensor, Tensor> roots) {

    /// Plans the buffers of `program` by liveness; greedy, smallest free buffer that fits.
    public static MemoryPlan of(Program program) {
        return of(program, true);
    }

    /// Plans the buffers of `program`.
    ///
    /// @param inPlace whether an op that allows it writes over its dying input; not all devices can run a
    /// kernel that gets the same buffer twice
    public static MemoryPlan of(Program program, boolean inPlace) {
        Map<Tensor, Tensor> roots = new HashMap<>();
        Map<Tensor, Integer> lastUse = new HashMap<>();
        Set<Tensor> computed = new HashSet<>();
        List<Node> nodes = program.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            for (Tensor input : node.inputs()) {
                lastUse.put(root(roots, input), i);
            }
            if (node.op().isView()) {
                roots.put(node.outputs().getFirst(), root(roots, node.inputs().getFirst()));
            } else {
                for (Tensor output : node.outputs()) {
                    computed.add(output);
                    lastUse.putIfAbsent(output, i);
                }
            }
        }
        for (Tensor output : program.outputs().values()) {
            lastUse.put(root(roots, output), Integer.MAX_VALUE);
        }
        return assign(nodes, roots, lastUse, computed, inPlace);
    }

    private static MemoryPlan assign(
            List<Node> nodes,
            Map<Tensor, Tensor> roots,
            Map<Tensor, Integer> lastUse,
            Set<Tensor> computed,
            boolean inPlace) {
        Map<Tensor, Integer> slots = new HashMap<>();
        List<Integer> sizes = new ArrayList<>();
        TreeMap<Integer, List<Integer>> free = new TreeMap<>(); // length -> buffers
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            if (node.op().isView()) {
                continue;
            }
            Set<Tensor> dying = new HashSet<>();
            for (Tensor input : node.inputs()) {
                Tensor root = root(roots, input);
                if (computed.contains(root) && lastUse.getOrDefault(root, -1) == i) {
                    dying.add(root);
                }
            }
            for (int o = 0; o < node.outputs().size(); o++) {
                Tensor output = node.outputs().get(o);
                Tensor over = inPlace && o == 0 && node.op().inPlace() >= 0
                        ? root(roots, node.inputs().get(node.op().inPlace()))
                        : output;
                boolean onlyReader = node.inputs().stream()
                                .filter(t -> root(roots, t) == over)
                                .count()
                        == 1;
                if (dying.contains(over) && onlyReader && over.size() == output.size()) {
                    slots.put(output, slot(slots, over));
                    dying.remove(over);
                } else {
                    slots.put(output, take(free, sizes, output.size()));
                }
            }
            for (Tensor tensor : dying) {
                release(free, sizes, slot(slots, tensor));
            }
            for (Tensor output : node.outputs()) {
                if (lastUse.getOrDefault(output, i) == i) { // a second output that nobody reads
                    release(free, sizes, slot(slots, output));
                }
            }
        }
        return new MemoryPlan(Map.copyOf(slots), List.copyOf(sizes), Map.copyOf(roots));
    }

    private static int slot(Map<Tensor, Integer> slots, Tensor tensor) {
        return Objects.requireNonNull(slots.get(tensor), "a computed tensor has a buffer");
    }

    private static int take(TreeMap<Integer, List<Integer>> free, List<Integer> sizes, int size) {
        Map.Entry<Integer, List<Integer>> fit = free.ceilingEntry(size);
        if (fit == null || fit.getKey() > 2L * size + 1024) {
            sizes.add(size);
            return sizes.size() - 1;
        }
        List<Integer> buffers = fit.getValue();
        int buffer = buffers.removeLast();
        if (buffers.isEmpty()) {
            free.remove(fit.getKey());
        }
        return buffer;
    }

    private static void release(TreeMap<Integer, List<Integer>> free, List<Integer> sizes, int buffer) {
        free.computeIfAbsent(sizes.get(buffer), s -> new ArrayList<>()).add(buffer);
    }

    private static Tensor root(Map<Tensor, Tensor> roots, Tensor tensor) {
        return roots.getOrDefault(tensor, tensor);
    }

    /// What `tensor` is a view of, or itself.
    public Tensor root(Tensor tensor) {
        return root(roots, tensor);
    }

    /// The memory of all planned buffers, in numbers of 4 bytes.
    public long total() {
        return sizes.stream().mapToLong(Integer::longValue).sum();
    }
}
