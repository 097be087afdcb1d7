package org.vortexel.program;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vortexel.op.Op;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;

/// Reverse mode: walks the recorded ops backwards and records the ops that give the gradients on the same tape.
public final class Gradients {
    private final Map<Tensor, Tensor> gradients = new HashMap<>();

    private Gradients() {}

    /// The gradients of a scalar `loss` with respect to each of `wrt`, each of its tensor's shape.
    ///
    /// @throws IllegalArgumentException when the loss is not one number, or an op on the way has no gradient
    public static List<Tensor> of(Recorder recorder, Tensor loss, List<Tensor> wrt) {
        if (loss.size() != 1) {
            throw new IllegalArgumentException("the gradient is of one number, but the loss is " + loss.shape());
        }
        return of(recorder, List.of(loss), List.of(recorder.constant(NdArray.full(loss.shape(), 1))), wrt);
    }

    /// The gradients of `sum of upstream * outputs` with respect to each of `wrt`.
    ///
    /// @param upstream one tensor per output, of its shape
    public static List<Tensor> of(Recorder recorder, List<Tensor> outputs, List<Tensor> upstream, List<Tensor> wrt) {
        Gradients gradients = new Gradients();
        List<Node> nodes = List.copyOf(recorder.nodes());
        Set<Tensor> depend = dependOn(nodes, wrt);
        for (int i = 0; i < outputs.size(); i++) {
            gradients.add(outputs.get(i), upstream.get(i));
        }
        for (Node node : nodes.reversed()) {
            boolean flows = node.outputs().stream().anyMatch(gradients.gradients::containsKey)
                    && node.inputs().stream().anyMatch(depend::contains);
            if (flows) {
                String layer = node.layer().isEmpty() ? "gradient" : node.layer() + "/gradient";
                recorder.in(layer, () -> {
                    node.op().gradient(gradients.new At(recorder, node, depend));
                    return node;
                });
            }
        }
        return wrt.stream().map(t -> gradients.of(t, recorder)).toList();
    }

    private Tensor of(Tensor tensor, Recorder recorder) {
        Tensor gradient = gradients.get(tensor);
        return gradient == null ? recorder.constant(NdArray.zeros(tensor.shape())) : gradient;
    }

    private void add(Tensor tensor, Tensor gradient) {
        if (!tensor.shape().equals(gradient.shape())) {
            throw new IllegalArgumentException("the gradient of " + tensor.shape() + " cannot be " + gradient.shape());
        }
        @Nullable Tensor sum = gradients.get(tensor);
        gradients.put(tensor, sum == null ? gradient : sum.add(gradient));
    }

    /// The tensors whose numbers change with those of `wrt`.
    private static Set<Tensor> dependOn(List<Node> nodes, List<Tensor> wrt) {
        Set<Tensor> depend = new HashSet<>(wrt);
        for (Node node : nodes) {
            if (node.inputs().stream().anyMatch(depend::contains)) {
                depend.addAll(node.outputs());
            }
        }
        return depend;
    }

    /// One node of the walk.
    private final class At implements Op.Backward {
        private final Recorder recorder;
        private final Node node;
        private final Set<Tensor> depend;

        At(Recorder recorder, Node node, Set<Tensor> depend) {
            this.recorder = recorder;
            this.node = node;
            this.depend = depend;
        }

        @Override
        public Tensor in(int i) {
            return node.inputs().get(i);
        }

        @Override
        public int inputs() {
            return node.inputs().size();
        }

        @Override
        public Tensor out(int i) {
            return node.outputs().get(i);
        }

        @Override
        public Tensor grad(int i) {
            return of(out(i), recorder);
        }

        @Override
        public boolean wants(int i) {
            return depend.contains(in(i));
        }

        @Override
        public void give(int i, Tensor gradient) {
            if (wants(i)) {
                add(in(i), gradient);
            }
        }
    }
}
