package org.vortexel.program;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Recorded ops in order, and what goes in and out. Immutable; a device plays it.
///
/// @param nodes the ops, in an order in which they can run
/// @param inputs tensors given before every run, by name
/// @param parameterNames the names of [#parameters] in order of first use
/// @param parameters tensors held in [Weights], by name
/// @param constants tensors with fixed numbers
/// @param outputs tensors read after a run, by name
public record Program(
        List<Node> nodes,
        Map<String, Tensor> inputs,
        List<String> parameterNames,
        Map<String, Tensor> parameters,
        Map<Tensor, NdArray> constants,
        Map<String, Tensor> outputs) {

    /// The nodes that an output needs, and those that change a parameter, with what they need.
    static List<Node> reachable(List<Node> nodes, Collection<Tensor> outputs) {
        Set<Tensor> needed = Collections.newSetFromMap(new IdentityHashMap<>());
        needed.addAll(outputs);
        List<Node> kept = new ArrayList<>();
        for (Node node : nodes.reversed()) {
            boolean mutates = IntStream.range(0, node.inputs().size()).anyMatch(node.op()::mutates);
            if (mutates || node.outputs().stream().anyMatch(needed::contains)) {
                needed.addAll(node.inputs());
                kept.add(node);
            }
        }
        Collections.reverse(kept);
        return List.copyOf(kept);
    }

    /// Where in the model a node is, for messages: the op, and the nearest parameter at it or before it, such as
    /// `Conv2d at decoder.conv_in.weight`.
    ///
    /// @param index of the node
    public String place(int index) {
        IdentityHashMap<Tensor, String> names = new IdentityHashMap<>();
        parameters.forEach((name, tensor) -> names.put(tensor, name));
        String op = nodes.get(index).label();
        for (int i = index; i >= 0; i--) {
            for (Tensor input : nodes.get(i).inputs()) {
                String name = names.get(input);
                if (name != null) {
                    return op + (i == index ? " at " : " after ") + name;
                }
            }
        }
        return op;
    }

    /// Floating point operations of one run, see [org.vortexel.op.Op#flops].
    public double flops() {
        return nodes.stream()
                .mapToDouble(node -> node.op().flops(shapes(node.inputs()), shapes(node.outputs())))
                .sum();
    }

    private static List<Shape> shapes(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::shape).toList();
    }

    /// Whether some op changes what it reads, and not just a state that the program keeps from run to run.
    public boolean learns() {
        return nodes.stream()
                .anyMatch(node -> !node.op().mutatesState()
                        && IntStream.range(0, node.inputs().size()).anyMatch(node.op()::mutates));
    }

    /// The names of the parameters whose numbers stay the same for as long as the program is loaded, so that a
    /// device may copy and rearrange them: those that no op writes, and none of a program that learns.
    public Set<String> steadyParameters() {
        Set<String> names = new HashSet<>(learns() ? Set.of() : parameters.keySet());
        names.removeAll(mutatedParameters());
        return names;
    }

    /// The names of the parameters that some op writes.
    public Set<String> mutatedParameters() {
        return mutated(parameters);
    }

    /// The names of the inputs that some op writes: state that stays from run to run.
    public Set<String> mutatedInputs() {
        return mutated(inputs);
    }

    private Set<String> mutated(Map<String, Tensor> tensors) {
        Set<Tensor> mutated = new HashSet<>();
        for (Node node : nodes) {
            for (int i = 0; i < node.inputs().size(); i++) {
                if (node.op().mutates(i)) {
                    mutated.add(node.inputs().get(i));
                }
            }
        }
        Set<String> names = new HashSet<>();
        tensors.forEach((name, tensor) -> {
            if (mutated.contains(tensor)) {
                names.add(name);
            }
        });
        return names;
    }
}
