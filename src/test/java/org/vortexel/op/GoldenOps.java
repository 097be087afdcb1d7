package org.vortexel.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

            // norms
            case "layernorm" ->
                c.hasInput("w")
                        ? c.in("x").layerNorm(c.in("w"), c.in("b"), c.number("eps"))
                        : c.in("x").layerNorm(c.number("eps"));
            case "rmsnorm" ->
                c.hasInput("w")
                        ? c.in("x").rmsNorm(c.in("w"), c.number("eps"))
                        : c.in("x").rmsNorm(c.number("eps"));
            case "groupnorm" -> groupNorm(c, c.in("x"), c.whole("groups"));
            case "instancenorm" -> instanceNorm(c);

            // images
            case "conv2d" -> conv2d(c);
            case "upsample_nearest2x" -> c.in("x").upsample(2);
            case "avg_pool" -> c.in("x").averagePool(c.whole("k"), c.whole("s"));
            case "adaptive_avg_pool" -> c.in("x").adaptiveAveragePool(c.wholes("out_hw")[0], c.wholes("out_hw")[1]);
            case "pixel_shuffle" -> c.in("x").pixelShuffle(c.whole("r"));
            case "pixel_unshuffle" -> c.in("x").pixelUnshuffle(c.whole("r"));

            // tokens
            case "embedding" -> Embedding.of(c.in("w"), c.in("ids"));
            case "sdpa" -> attention(c);
            case "rope" -> rope(c);

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

    private static Tensor groupNorm(GoldenCase c, Tensor x, int groups) {
        return c.hasInput("w")
                ? x.groupNorm(groups, c.in("w"), c.in("b"), c.number("eps"))
                : x.groupNorm(groups, c.number("eps"));
    }

    /// Group norm with a group for every channel; `x` may come without a batch.
    private static Tensor instanceNorm(GoldenCase c) {
        Tensor x = c.in("x");
        Tensor batch = x.shape().rank() == 4 ? x : x.reshape(1, x.dim(0), x.dim(1), x.dim(2));
        return groupNorm(c, batch, batch.dim(1)).reshape(x.shape());
    }

    private static Tensor conv2d(GoldenCase c) {
        int[] pad = c.wholes("pad_lrtb");
        Conv2d how = new Conv2d(c.whole("stride"), pad[0], pad[1], pad[2], pad[3], c.whole("groups"));
        return c.in("x").conv2d(how, c.in("w"), c.hasInput("b") ? c.in("b") : null);
    }

    private static Tensor attention(GoldenCase c) {
        Tensor q = c.in("q");
        Tensor out = Attention.of(merged(q), merged(c.in("k")), merged(c.in("v")), q.dim(1), mask(c), c.flag("causal"));
        return split(out, q.dim(1));
    }

    private static @Nullable Tensor mask(GoldenCase c) {
        if (c.hasInput("table")) {
            return RelativeBias.of(c.in("table"), c.whole("h"), c.whole("w"), c.whole("h"), c.whole("w"));
        }
        for (String name : List.of("mask", "bias")) {
            if (c.hasInput(name)) {
                return c.in(name);
            }
        }
        return null;
    }

    private static Tensor rope(GoldenCase c) {
        Tensor x = c.in("x");
        int[] grid = c.wholes("grid_hw");
        Rope.Angles angles = grid.length == 2
                ? Rope.Angles.grid(grid[0], grid[1], x.dim(3), c.number("theta"))
                : Rope.Angles.line(x.dim(2), x.dim(3), c.number("theta"));
        boolean halves = c.has("layout") && c.text("layout").equals("half_split");
        Rope.Pairing pairing = halves ? Rope.Pairing.HALF_SPLIT : Rope.Pairing.INTERLEAVED;
        return split(Rope.of(merged(x), x.dim(1), pairing, angles), x.dim(1));
    }

    /// Heads side by side: (N, H, T, W) becomes (N, T, H W).
    private static Tensor merged(Tensor x) {
        return x.permute(0, 2, 1, 3).reshape(x.dim(0), x.dim(2), x.dim(1) * x.dim(3));
    }

    /// Heads apart: (N, T, H W) becomes (N, H, T, W).
    private static Tensor split(Tensor x, int heads) {
        return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).permute(0, 2, 1, 3);
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
