package org.vortexel.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Records the op that a golden case names: one line an op. An op that is not here fails the test by name.
final class GoldenOps {
    private static final Pattern CHUNK = Pattern.compile("(.+)=chunk\\(x,\\s*(\\d+),\\s*(-?\\d+)\\)");
    private static final Pattern SLICE = Pattern.compile("x\\[(.+)]");

    private GoldenOps() {}

    /// The outputs of a case by name, `y` where there is one.
    static Map<String, Tensor> record(GoldenCase c) {
        return c.op().equals("chunk") ? chunk(c) : Map.of("y", single(c));
    }

    private static Tensor single(GoldenCase c) {
        return switch (c.op()) {
            // products
            case "matmul" -> MatMul.of(c.in("x"), c.in("w"), transposed(c, "x"), transposed(c, "w"));
            case "linear" ->
                c.hasInput("b")
                        ? c.in("x").linear(c.in("w"), c.in("b"))
                        : c.in("x").linear(c.in("w"));

            // element by element
            case "add" -> c.in("x").add(c.in("z"));
            case "sub" -> c.in("x").sub(c.in("z"));
            case "mul" -> c.in("x").mul(c.in("z"));
            case "div" -> c.in("x").div(c.in("z"));
            case "exp" -> c.in("x").exp();
            case "log" -> c.in("x").log();
            case "sqrt" -> c.in("x").sqrt();
            case "rsqrt" -> c.in("x").rsqrt();
            case "reciprocal" -> c.in("x").reciprocal();
            case "sin" -> c.in("x").sin();
            case "cos" -> c.in("x").cos();
            case "abs" -> c.in("x").abs();
            case "neg" -> c.in("x").neg();
            case "square" -> c.in("x").square();
            case "pow" -> c.in("x").pow(c.number("p"));
            case "clamp" -> c.in("x").clamp(c.number("min"), c.number("max"));
            case "relu" -> c.in("x").relu();
            case "leaky_relu" -> c.in("x").leakyRelu(c.number("slope"));
            case "sigmoid" -> c.in("x").sigmoid();
            case "tanh" -> c.in("x").tanh();
            case "silu" -> c.in("x").silu();
            case "gelu_erf" -> c.in("x").gelu();
            case "gelu_tanh" -> c.in("x").geluTanh();
            case "softplus" -> c.in("x").softplus();
            case "modulate" -> c.in("x").modulate(perSample(c, "shift"), perSample(c, "scale"));

            // reductions
            case "sum" -> c.in("x").sum(c.flag("keepdim"), c.wholes("axes"));
            case "mean" -> c.in("x").mean(c.flag("keepdim"), c.wholes("axes"));
            case "amax" -> c.in("x").amax(c.flag("keepdim"), c.wholes("axes"));
            case "var" -> var(c);
            case "logsumexp" -> c.in("x").logSumExp(c.has("axis") ? c.whole("axis") : -1);

            // probabilities, likeness, losses
            case "softmax" -> (c.hasInput("mask") ? c.in("x").add(c.in("mask")) : c.in("x")).softmax();
            case "log_softmax" -> c.in("x").logSoftmax();
            case "cross_entropy" -> crossEntropy(c);
            case "mse" -> Loss.mse(c.in("x"), c.in("z"));
            case "l1" -> Loss.l1(c.in("x"), c.in("z"));
            case "smooth_l1" -> Loss.smoothL1(c.in("x"), c.in("z"), c.number("beta"));
            case "bce_logits" -> Loss.bceWithLogits(c.in("x"), c.in("z"));
            case "l2_normalize" -> Similarity.l2Normalize(c.in("x"), 1e-12f);
            case "cosine_similarity" -> Similarity.cosine(c.in("x"), c.in("z"));
            case "info_nce" -> InfoNce.of(c.in("a"), c.in("b"), c.number("tau"), c.flag("symmetric"));

            // shape
            case "concat" -> concat(c);
            case "slice" -> slice(c);
            case "permute" -> c.in("x").permute(c.wholes("perm"));
            case "transpose" -> c.in("x").transpose(-1, -2);

            default -> throw new AssertionError("no recorder for the golden op " + c.op() + " (" + c.call() + ")");
        };
    }

    /// Whether the call reads an operand as its transpose: `x.T @ w`, `x @ w.transpose(-1,-2)`.
    private static boolean transposed(GoldenCase c, String operand) {
        return c.call().contains(operand + ".T") || c.call().contains(operand + ".transpose");
    }

    private static Tensor perSample(GoldenCase c, String name) {
        Tensor by = c.in(name);
        return by.shape().rank() == c.in("x").shape().rank() ? by : by.reshape(by.dim(0), 1, by.dim(-1));
    }

    private static Tensor var(GoldenCase c) {
        Tensor x = c.in("x");
        Tensor var = x.var(c.flag("keepdim"), c.wholes("axes"));
        float n = (float) x.size() / var.size();
        return c.flag("unbiased") ? var.mul(n / (n - 1)) : var;
    }

    private static Tensor crossEntropy(GoldenCase c) {
        float smoothing = c.has("label_smoothing") ? c.number("label_smoothing") : 0;
        return c.in("x").crossEntropy(c.in("label"), smoothing).mean(false);
    }

    private static Tensor concat(GoldenCase c) {
        return Tensor.concat(c.whole("axis"), c.names("in").stream().map(c::in).toArray(Tensor[]::new));
    }

    /// `q,k,v=chunk(x,3,-1)`.
    private static Map<String, Tensor> chunk(GoldenCase c) {
        Matcher call = match(CHUNK, c.call());
        List<Tensor> parts = c.in("x").chunk(Integer.parseInt(call.group(2)), Integer.parseInt(call.group(3)));
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        String[] names = call.group(1).split(",");
        for (int i = 0; i < names.length; i++) {
            outputs.put(names[i].trim(), parts.get(i));
        }
        return outputs;
    }

    /// Python's indexing: `x[:, 0:2]`, `x[...,::2]`, `x[:,1]`.
    private static Tensor slice(GoldenCase c) {
        Tensor x = c.in("x");
        List<String> parts =
                new ArrayList<>(Arrays.stream(match(SLICE, c.call()).group(1).split(","))
                        .map(String::trim)
                        .toList());
        int dots = parts.indexOf("...");
        if (dots >= 0) {
            parts.remove(dots);
            while (parts.size() < x.shape().rank()) {
                parts.add(dots, ":");
            }
        }
        for (int axis = parts.size() - 1; axis >= 0; axis--) {
            String part = parts.get(axis);
            int size = x.dim(axis);
            if (part.contains(":")) {
                String[] bounds = part.split(":", -1);
                int step = bounds.length > 2 ? bound(bounds[2], 1, 0) : 1;
                x = x.slice(axis, bound(bounds[0], 0, size), bound(bounds[1], size, size), step);
            } else {
                x = x.index(axis, bound(part, 0, size));
            }
        }
        return x;
    }

    private static int bound(String text, int otherwise, int size) {
        int value = text.isBlank() ? otherwise : Integer.parseInt(text.trim());
        return value < 0 ? value + size : value;
    }

    private static Matcher match(Pattern pattern, String call) {
        Matcher matcher = pattern.matcher(call);
        if (!matcher.find()) {
            throw new AssertionError("cannot read the golden call " + call);
        }
        return matcher;
    }
}
