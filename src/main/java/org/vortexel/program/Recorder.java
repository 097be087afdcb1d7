package org.vortexel.program;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.vortexel.op.DType;
import org.vortexel.op.Op;
import org.vortexel.op.Tape;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Writes down the ops that a model calls. Used by one thread; [#program] may be called once everything is recorded.
public final class Recorder implements Tape {
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<Tensor, NdArray> constants = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final Deque<String> layers = new ArrayDeque<>();
    private int tensors;

    /// Numbers that the caller gives before every run.
    public Tensor input(String name, Shape shape) {
        return declare(name, shape, DType.F32);
    }

    /// Ids that the caller gives before every run.
    public Tensor ids(String name, Shape shape) {
        return declare(name, shape, DType.I32);
    }

    private Tensor declare(String name, Shape shape, DType dtype) {
        Tensor tensor = tensor(shape, dtype);
        if (inputs.put(name, tensor) != null) {
            throw new IllegalArgumentException("input " + name + " is declared twice");
        }
        return tensor;
    }

    /// Names a tensor as a result that the caller reads after a run.
    public void output(String name, Tensor tensor) {
        if (tensor.tape() != this) {
            throw new IllegalArgumentException("output " + name + " was recorded elsewhere");
        }
        if (outputs.put(name, tensor) != null) {
            throw new IllegalArgumentException("output " + name + " is declared twice");
        }
    }

    @Override
    public Tensor parameter(String name, Shape shape) {
        Tensor known = parameters.computeIfAbsent(name, n -> tensor(shape, DType.F32));
        if (!known.shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "parameter " + name + " is " + known.shape() + " but is now wanted as " + shape);
        }
        return known;
    }

    @Override
    public Tensor constant(NdArray value) {
        Tensor tensor = tensor(value.shape(), DType.F32);
        constants.put(tensor, value);
        return tensor;
    }

    @Override
    public List<Tensor> record(Op op, List<Tensor> in) {
        for (Tensor tensor : in) {
            if (tensor.tape() != this) {
                throw new IllegalArgumentException(at(op.name()) + "an input was recorded elsewhere");
            }
        }
        List<Shape> shapes;
        try {
            shapes = op.shapes(in.stream().map(Tensor::shape).toList());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(at(op.name()) + e.getMessage(), e);
        }
        List<Tensor> out = shapes.stream().map(s -> tensor(s, DType.F32)).toList();
        nodes.add(new Node(op, List.copyOf(in), out, path()));
        return out;
    }

    @Override
    public <T> T in(String layer, Supplier<T> body) {
        layers.addLast(layer);
        try {
            return body.get();
        } finally {
            layers.removeLast();
        }
    }

    /// What was recorded so far, without ops that no output and no parameter update needs.
    public Program program() {
        return new Program(
                Program.reachable(nodes, outputs.values()),
                Map.copyOf(inputs),
                List.copyOf(parameters.keySet()),
                Map.copyOf(parameters),
                Map.copyOf(constants),
                Map.copyOf(outputs));
    }

    List<Node> nodes() {
        return nodes;
    }

    private Tensor tensor(Shape shape, DType dtype) {
        return new Tensor(this, tensors++, shape, dtype);
    }

    private String path() {
        return layers.stream().collect(Collectors.joining("/"));
    }

    private String at(String op) {
        return layers.isEmpty() ? op + ": " : path() + ", " + op + ": ";
    }
}
