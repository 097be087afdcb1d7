package org.vortexel.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vortexel.op.Activation;
import org.vortexel.op.Arithmetic;
import org.vortexel.op.Attention;
import org.vortexel.op.Concat;
import org.vortexel.op.Conv2d;
import org.vortexel.op.DType;
import org.vortexel.op.Embedding;
import org.vortexel.op.Expand;
import org.vortexel.op.GatedResidual;
import org.vortexel.op.GroupNorm;
import org.vortexel.op.LayerNorm;
import org.vortexel.op.Linear;
import org.vortexel.op.MatMul;
import org.vortexel.op.Modulate;
import org.vortexel.op.Permute;
import org.vortexel.op.Reshape;
import org.vortexel.op.RmsNorm;
import org.vortexel.op.Rope;
import org.vortexel.op.Scale;
import org.vortexel.op.Slice;
import org.vortexel.op.Softmax;
import org.vortexel.op.Split;
import org.vortexel.op.StoreRow;
import org.vortexel.op.Sum;
import org.vortexel.op.Tensor;
import org.vortexel.op.Unary;
import org.vortexel.op.Upsample;
import org.vortexel.program.Node;
import org.vortexel.program.Program;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Writes a recorded program as an ONNX model: the same network with the same weights, as an exporter that knows ONNX
/// Runtime would write it. Layer norm, GELU and attention are single nodes, weights lie as its products want them.
///
/// An output `y` becomes the output `out.y`. A store that tokens are written into becomes a past that is an input and
/// grows by the token, as is usual there, and attention then sees all of it without a mask.
final class OnnxExport {
    private final OnnxGraph graph = new OnnxGraph();
    private final Map<Tensor, String> names = new IdentityHashMap<>();
    private final Map<Tensor, NdArray> known = new IdentityHashMap<>();
    private final Map<Tensor, Boolean> grown = new IdentityHashMap<>();
    private final Map<Tensor, String> results = new IdentityHashMap<>();
    private final boolean fusedAttention;

    private OnnxExport(boolean fusedAttention) {
        this.fusedAttention = fusedAttention;
    }

    /// The model as the bytes of a file.
    ///
    /// @param fusedAttention whether attention is ONNX Runtime's own `MultiHeadAttention`, or two products and a softmax
    static byte[] of(Recorded work, boolean fusedAttention) {
        OnnxExport export = new OnnxExport(fusedAttention);
        export.program(work);
        return export.graph.bytes();
    }

    private void program(Recorded work) {
        Program program = work.program();
        for (Node node : program.nodes()) {
            if (node.op() instanceof StoreRow) {
                grown.put(node.inputs().getFirst(), true);
            }
        }
        program.inputs().forEach((name, tensor) -> {
            int[] sizes = tensor.shape().toArray();
            if (grown.containsKey(tensor)) {
                sizes[1] = -1;
            }
            graph.input(name, tensor.dtype() == DType.I32, sizes);
            names.put(tensor, name);
        });
        program.parameters().forEach((name, tensor) -> known.put(tensor, work.weights().get(name)));
        known.putAll(program.constants());
        program.outputs().forEach((name, tensor) -> results.put(tensor, "out." + name));
        program.nodes().forEach(this::node);
        program.outputs().forEach((name, tensor) -> {
            if (grown.containsKey(tensor)) {
                graph.node("", "Identity", List.of(name(tensor)), List.of("out." + name), Map.of());
            }
            graph.output("out." + name);
        });
    }

    private String name(Tensor tensor) {
        return names.computeIfAbsent(tensor, t -> graph.constant(known.get(t)));
    }

    private void define(Tensor out, String op, List<String> in, Map<String, ?> attributes) {
        String name = results.getOrDefault(out, graph.fresh());
        graph.node("", op, in, List.of(name), attributes);
        names.put(out, name);
    }

    private void define(Tensor out, String op, String... in) {
        define(out, op, List.of(in), Map.of());
    }

    private void node(Node node) {
        List<Tensor> in = node.inputs();
        Tensor x = in.getFirst();
        Tensor out = node.outputs().isEmpty() ? x : node.outputs().getFirst();
        switch (node.op()) {
            case Linear _ -> linear(in, out);
            case MatMul op -> define(
                    out, "MatMul", transposed(x, op.transposeA()), transposed(in.get(1), op.transposeB()));
            case Activation op -> activation(op.kind(), name(x), out);
            case LayerNorm op -> {
                List<String> inputs = new ArrayList<>(List.of(name(x)));
                if (in.size() > 1) {
                    inputs.add(name(in.get(1)));
                    inputs.add(name(in.get(2)));
                } else {
                    inputs.add(graph.constant(NdArray.full(Shape.of(x.dim(-1)), 1)));
                }
                define(out, "LayerNormalization", inputs, Map.of("axis", -1, "epsilon", op.eps()));
            }
            case RmsNorm op -> {
                String weight = in.size() > 1
                        ? name(in.get(1))
                        : graph.constant(NdArray.full(Shape.of(x.dim(-1)), 1));
                define(
                        out, "SimplifiedLayerNormalization", List.of(name(x), weight),
                        Map.of("axis", -1, "epsilon", op.eps(), "stash_type", 1));
            }
            case GroupNorm op -> groupNorm(op, in, out);
            case Modulate _ -> {
                String factor = graph.node("Add", name(in.get(2)), graph.constant(1));
                define(out, "Add", graph.node("Mul", name(x), factor), name(in.get(1)));
            }
            case GatedResidual _ -> define(out, "Add", name(x), graph.node("Mul", name(in.get(1)), name(in.get(2))));
            case Attention op -> attention(op, in, out);
            case Arithmetic op -> define(
                    out,
                    switch (op.kind()) {
                        case ADD -> "Add";
                        case SUB -> "Sub";
                        case MUL -> "Mul";
                        case DIV -> "Div";
                    },
                    name(x),
                    name(in.get(1)));
            case Scale op -> {
                if (op.offset() == 0) {
                    define(out, "Mul", name(x), graph.constant(op.factor()));
                } else {
                    define(
                            out, "Add", graph.node("Mul", name(x), graph.constant(op.factor())),
                            graph.constant(op.offset()));
                }
            }
            case Unary op -> define(
                    out,
                    switch (op.kind()) {
                        case EXP -> "Exp";
                        case LOG -> "Log";
                        case SQRT -> "Sqrt";
                        case RECIPROCAL -> "Reciprocal";
                        case SIN -> "Sin";
                        case COS -> "Cos";
                        case ABS -> "Abs";
                        case SIGN -> "Sign";
                        case RSQRT -> throw new IllegalArgumentException("ONNX has no reciprocal root");
                    },
                    name(x));
            case Softmax _ -> define(out, "Softmax", List.of(name(x)), Map.of("axis", -1));
            case Sum op -> sum(op, x, out);
            case Slice op -> define(
                    out, "Slice", name(x), graph.integers(op.from()), graph.integers(op.to()),
                    graph.integers(op.axis()), graph.integers(op.step()));
            case Split op -> {
                List<String> parts = node.outputs().stream()
                        .map(t -> names.computeIfAbsent(t, _ -> results.getOrDefault(t, graph.fresh())))
                        .toList();
                graph.node("", "Split", List.of(name(x)), parts, Map.of("axis", op.axis(), "num_outputs", op.parts()));
            }
            case Concat op -> define(
                    out, "Concat", in.stream().map(this::name).toList(), Map.of("axis", op.axis()));
            case Permute op -> define(
                    out, "Transpose", List.of(name(x)),
                    Map.of("perm", op.order().stream().mapToInt(i -> i).toArray()));
            case Reshape op -> reshape(op, x, out);
            case Expand op -> define(
                    out, "Expand", name(x), graph.integers(op.to().toArray()));
            case Embedding _ -> define(out, "Gather", List.of(name(x), name(in.get(1))), Map.of("axis", 0));
            case Conv2d op -> {
                int[] kernel = {in.get(1).dim(2), in.get(1).dim(3)};
                int[] pads = {op.top(), op.left(), op.bottom(), op.right()};
                int[] strides = {op.stride(), op.stride()};
                define(
                        out, "Conv", in.stream().map(this::name).toList(),
                        Map.of("kernel_shape", kernel, "pads", pads, "strides", strides, "group", op.groups()));
            }
            case Upsample op -> define(
                    out,
                    "Resize",
                    List.of(
                            name(x), "", graph.constant(NdArray.of(Shape.of(4), 1, 1, op.factor(), op.factor()))),
                    Map.of("mode", "nearest", "coordinate_transformation_mode", "asymmetric", "nearest_mode", "floor"));
            case Rope op -> rope(op, in, out);
            case StoreRow _ -> names.put(
                    x, graph.node("Concat", List.of(name(x), name(in.get(1))), Map.of("axis", 1)));
            default -> throw new IllegalArgumentException("not exported: " + node.op().name());
        }
    }

    private void linear(List<Tensor> in, Tensor out) {
        NdArray weight = known.get(in.get(1));
        String right = weight == null ? transposed(in.get(1), true) : graph.constant(transpose(weight));
        if (in.size() > 2) {
            define(out, "Add", graph.node("MatMul", name(in.getFirst()), right), name(in.get(2)));
        } else {
            define(out, "MatMul", name(in.getFirst()), right);
        }
    }

    private static NdArray transpose(NdArray w) {
        int rows = w.shape().dim(0);
        int columns = w.shape().dim(1);
        float[] data = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                data[j * rows + i] = w.data()[i * columns + j];
            }
        }
        return NdArray.of(Shape.of(columns, rows), data);
    }

    /// What is known stays known, so that weights seen in another shape are constants too.
    private void reshape(Reshape op, Tensor x, Tensor out) {
        NdArray constant = known.get(x);
        if (constant != null && !results.containsKey(out)) {
            known.put(out, constant.reshape(op.to().toArray()));
        } else {
            define(out, "Reshape", name(x), graph.integers(op.to().toArray()));
        }
    }

    private String transposed(Tensor x, boolean transposed) {
        if (!transposed) {
            return name(x);
        }
        int rank = x.shape().rank();
        int[] order = IntStream.range(0, rank).toArray();
        order[rank - 2] = rank - 1;
        order[rank - 1] = rank - 2;
        return graph.node("Transpose", List.of(name(x)), Map.of("perm", order));
    }

    private void activation(Activation.Kind kind, String x, Tensor out) {
        switch (kind) {
            case SILU -> define(out, "Mul", x, graph.node("Sigmoid", x)); // which is then fused
            case GELU -> define(out, "Gelu", x);
            case GELU_TANH -> define(out, "Gelu", List.of(x), Map.of("approximate", "tanh"));
            case RELU -> define(out, "Relu", x);
            case SIGMOID -> define(out, "Sigmoid", x);
            case TANH -> define(out, "Tanh", x);
            case SOFTPLUS -> define(out, "Softplus", x);
        }
    }

    private void groupNorm(GroupNorm op, List<Tensor> in, Tensor out) {
        int[] sizes = in.getFirst().shape().toArray();
        int[] grouped = {sizes[0], op.groups(), -1};
        String rows = graph.node("Reshape", name(in.getFirst()), graph.integers(grouped));
        String one = graph.constant(NdArray.full(Shape.of(op.groups()), 1));
        String zero = graph.constant(NdArray.zeros(Shape.of(op.groups())));
        String normed = graph.node("InstanceNormalization", List.of(rows, one, zero), Map.of("epsilon", op.eps()));
        if (in.size() == 1) {
            define(out, "Reshape", normed, graph.integers(sizes));
            return;
        }
        int[] each = new int[sizes.length - 1];
        Arrays.fill(each, 1);
        each[0] = sizes[1];
        String image = graph.node("Reshape", normed, graph.integers(sizes));
        String weight = graph.constant(known.get(in.get(1)).reshape(each));
        String bias = graph.constant(known.get(in.get(2)).reshape(each));
        define(out, "Add", graph.node("Mul", image, weight), bias);
    }

    private void sum(Sum op, Tensor x, Tensor out) {
        int[] axes = IntStream.range(op.from(), op.to()).toArray();
        String kind = op.factor() == 1 ? "ReduceSum" : "ReduceMean";
        float mean = 1f / x.shape().size(op.from(), op.to());
        if (op.factor() != 1 && op.factor() != mean) {
            throw new IllegalArgumentException("not exported: a sum times " + op.factor());
        }
        define(out, kind, List.of(name(x), graph.integers(axes)), Map.of("keepdims", 1));
    }

    private void attention(Attention op, List<Tensor> in, Tensor out) {
        int width = op.heads() * op.headWidth();
        Tensor q = in.get(0);
        Tensor k = in.get(1);
        Tensor v = in.get(2);
        List<String> each;
        if (q == k && k == v && op.kOffset() == width && op.vOffset() == 2 * width) {
            each = List.of(graph.fresh(), graph.fresh(), graph.fresh());
            graph.node("", "Split", List.of(name(q)), each, Map.of("axis", 2, "num_outputs", 3));
        } else if (k == v && k.dim(2) == 2 * width) {
            String key = graph.fresh();
            String value = graph.fresh();
            graph.node("", "Split", List.of(name(k)), List.of(key, value), Map.of("axis", 2, "num_outputs", 2));
            each = List.of(name(q), key, value);
        } else {
            each = List.of(name(q), name(k), name(v));
        }
        boolean masked = in.size() > 3 && !grown.containsKey(k);
        if (fusedAttention) {
            List<String> inputs = new ArrayList<>(each);
            if (masked) {
                inputs.addAll(List.of("", "", name(in.get(3))));
                inputs.set(5, graph.node(
                        "Expand", name(in.get(3)), graph.integers(1, 1, q.dim(1), 1))); // broadcasts the rest
            }
            String name = results.getOrDefault(out, graph.fresh());
            graph.node(
                    OnnxGraph.MICROSOFT, "MultiHeadAttention", inputs, List.of(name),
                    Map.of("num_heads", op.heads(), "scale", op.scale(), "unidirectional", op.causal() ? 1 : 0));
            names.put(out, name);
            return;
        }
        if (op.causal()) {
            throw new IllegalArgumentException("not exported: causal attention of separate products");
        }
        int n = q.dim(0);
        int[] split = {n, -1, op.heads(), op.headWidth()};
        String heads = perm(each.get(0), split, 0, 2, 1, 3);
        String keys = perm(each.get(1), split, 0, 2, 3, 1);
        String values = perm(each.get(2), split, 0, 2, 1, 3);
        String scores = graph.node(
                "MatMul", graph.node("Mul", heads, graph.constant(op.scale())), keys);
        String seen = masked ? graph.node("Add", scores, name(in.get(3))) : scores;
        String weights = graph.node("Softmax", List.of(seen), Map.of("axis", -1));
        String attended = graph.node(
                "Transpose", List.of(graph.node("MatMul", weights, values)), Map.of("perm", new int[] {0, 2, 1, 3}));
        define(out, "Reshape", attended, graph.integers(n, -1, width));
    }

    private String perm(String x, int[] split, int... order) {
        String parts = graph.node("Reshape", x, graph.integers(split));
        return graph.node("Transpose", List.of(parts), Map.of("perm", order));
    }

    /// Turns the first heads; what is beside them passes.
    private void rope(Rope op, List<Tensor> in, Tensor out) {
        Tensor x = in.getFirst();
        int pairs = in.get(1).dim(-1);
        int turned = op.heads() * 2 * pairs;
        String rest = "";
        String head = name(x);
        if (turned < x.dim(2)) {
            head = graph.fresh();
            rest = graph.fresh();
            graph.node(
                    "", "Split", List.of(name(x), graph.integers(turned, x.dim(2) - turned)), List.of(head, rest),
                    Map.of("axis", 2));
        }
        boolean alone = rest.isEmpty();
        String name = alone ? results.getOrDefault(out, graph.fresh()) : graph.fresh();
        String places = graph.node("Reshape", graph.integers(0), graph.integers(1));
        graph.node(
                OnnxGraph.MICROSOFT, "RotaryEmbedding", List.of(head, places, name(in.get(1)), name(in.get(2))),
                List.of(name),
                Map.of(
                        "interleaved", op.pairing() == Rope.Pairing.INTERLEAVED ? 1 : 0, "num_heads", op.heads(),
                        "rotary_embedding_dim", 0));
        if (alone) {
            names.put(out, name);
        } else {
            define(out, "Concat", List.of(name, rest), Map.of("axis", 2));
        }
    }
}
