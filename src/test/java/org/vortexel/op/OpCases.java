package org.vortexel.op;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Cases for every kernel, over odd sizes.
public final class OpCases {
    /// Sizes around which kernels go wrong: one, odd, just below, at and above a vector or a work group, prime.
    private static final int[] SIZES = {1, 3, 31, 32, 33, 257};

    private final List<OpCase> cases = new ArrayList<>();

    private OpCases() {}

    /// All of them.
    public static List<OpCase> all() {
        OpCases made = new OpCases();
        made.elementwise();
        for (int n : SIZES) {
            made.arithmetic(n);
            made.products(n);
            made.reductions(n);
            made.norms(n);
            made.shapes(n);
            made.tokens(n);
            made.state(n);
        }
        made.attention();
        made.images();
        return List.copyOf(made.cases);
    }

    /// A few of sizes at which devices choose other kernels: more than a tile of 64, sums of many numbers.
    public static List<OpCase> large() {
        OpCases made = new OpCases();
        made.add("matmul large", d -> d.in("x", 2, 67, 65).matmul(d.in("w", 2, 65, 70)));
        made.add("matmul large transposed", d -> MatMul.of(d.in("x", 65, 67), d.in("w", 70, 65), true, true));
        made.add("linear large", d -> d.in("x", 2, 65, 33).linear(d.in("w", 131, 33), d.in("b", 131)));
        made.add("sum of many", d -> d.in("x", 3, 5000).sum(false, -1));
        made.add("sum of many rows", d -> d.in("x", 5000, 3).sum(false, 0));
        made.add("mean of all", d -> d.in("x", 20_011).mean(false));
        return List.copyOf(made.cases);
    }

    private void add(String name, int n, Function<OpCase.Draft, Tensor> body) {
        cases.add(OpCase.of(name + " " + n, d -> List.of(body.apply(d))));
    }

    private void add(String name, Function<OpCase.Draft, Tensor> body) {
        cases.add(OpCase.of(name, d -> List.of(body.apply(d))));
    }

    private void elementwise() {
        Map<String, Function<Tensor, Tensor>> any = new LinkedHashMap<>();
        any.put("exp", Tensor::exp);
        any.put("sin", Tensor::sin);
        any.put("cos", Tensor::cos);
        any.put("abs", Tensor::abs);
        any.put("neg", Tensor::neg);
        any.put("square", Tensor::square);
        any.put("clamp", x -> x.clamp(-0.5f, 1.25f));
        any.put("relu", Tensor::relu);
        any.put("leakyRelu", x -> x.leakyRelu(0.2f));
        any.put("sigmoid", Tensor::sigmoid);
        any.put("tanh", Tensor::tanh);
        any.put("silu", Tensor::silu);
        any.put("gelu", Tensor::gelu);
        any.put("geluTanh", Tensor::geluTanh);
        any.put("softplus", Tensor::softplus);
        Map<String, Function<Tensor, Tensor>> positive = new LinkedHashMap<>();
        positive.put("log", Tensor::log);
        positive.put("sqrt", Tensor::sqrt);
        positive.put("rsqrt", Tensor::rsqrt);
        positive.put("reciprocal", Tensor::reciprocal);
        positive.put("pow", x -> x.pow(1.5f));
        for (int n : SIZES) {
            any.forEach((name, f) -> add(name, n, d -> f.apply(d.in("x", n))));
            positive.forEach((name, f) -> add(name, n, d -> f.apply(d.positive("x", n))));
        }
    }

    private void arithmetic(int n) {
        add("add", n, d -> d.in("x", n).add(d.in("z", n)));
        add("sub rows", n, d -> d.in("x", 3, n).sub(d.in("z", 1, n)));
        add("mul columns", n, d -> d.in("x", n, 3).mul(d.in("z", n, 1)));
        add("div outer", n, d -> d.in("x", n, 1).div(d.positive("z", 1, 3)));
        add("scale and offset", n, d -> d.in("x", n).mul(1.5f).add(0.25f));
        add("broadcast", n, d -> d.in("x", 1, n).broadcastTo(Shape.of(3, n)));
        add("smooth l1", n, d -> Loss.smoothL1(d.in("x", n), d.in("z", n), 1));
        add("cosine", n, d -> Similarity.cosine(d.in("x", 3, n), d.in("z", 3, n)));
        add("info nce", n, d -> InfoNce.of(d.in("a", 5, n), d.in("b", 5, n), 0.5f, true));
    }

    private void products(int n) {
        add("matmul", n, d -> d.in("x", n, 33).matmul(d.in("w", 33, 5)));
        add("matmul deep", n, d -> d.in("x", 3, n).matmul(d.in("w", n, 5)));
        add("matmul wide", n, d -> d.in("x", 2, 3, 7).matmul(d.in("w", 2, 7, n)));
        add("matmul first transposed", n, d -> MatMul.of(d.in("x", 7, n), d.in("w", 7, 5), true, false));
        add("matmul second transposed", n, d -> MatMul.of(d.in("x", 2, n, 7), d.in("w", 2, 5, 7), false, true));
        add("matmul both transposed", n, d -> MatMul.of(d.in("x", 7, n), d.in("w", 5, 7), true, true));
        add("linear", n, d -> d.in("x", n, 33).linear(d.in("w", 7, 33)));
        add("linear bias", n, d -> d.in("x", 2, 3, n).linear(d.in("w", 7, n), d.in("b", 7)));
        add("linear wide", n, d -> d.in("x", 5, 9).linear(d.in("w", n, 9), d.in("b", n)));
    }

    private void reductions(int n) {
        add("sum last", n, d -> d.in("x", 3, n).sum(false, -1));
        add("sum first", n, d -> d.in("x", n, 3).sum(true, 0));
        add("mean", n, d -> d.in("x", 3, n).mean(false));
        add("var", n, d -> d.in("x", 3, n).var(true, -1));
        add("amax", n, d -> d.in("x", 3, n).amax(false, -1));
        add("logSumExp", n, d -> d.in("x", 3, n).logSumExp(-1));
        add("softmax", n, d -> d.in("x", 3, n).softmax());
        add("logSoftmax", n, d -> d.in("x", 3, n).logSoftmax());
        add("crossEntropy", n, d -> d.in("x", 5, n).crossEntropy(d.ids("labels", n, 5), 0.1f));
        add("clipped gradients", n, d -> {
            GradientClip clip = GradientClip.of(List.of(d.fixed("a", n), d.fixed("b", 31, n)), 0.5f);
            return clip.coefficient().mul(clip.norm());
        });
    }

    private void norms(int n) {
        add("layerNorm", n, d -> d.in("x", 2, 3, n).layerNorm(1e-5f));
        add("layerNorm affine", n, d -> d.in("x", 5, n).layerNorm(d.in("w", n), d.in("b", n), 1e-5f));
        add("rmsNorm", n, d -> d.in("x", 5, n).rmsNorm(1e-5f));
        add("rmsNorm weighted", n, d -> d.in("x", 5, n).rmsNorm(d.in("w", n), 1e-5f));
        add("groupNorm", n, d -> d.in("x", 2, 6, 1, n).groupNorm(3, 1e-5f));
        add("groupNorm affine", n, d -> d.in("x", 2, 6, n, 1).groupNorm(2, d.in("w", 6), d.in("b", 6), 1e-5f));
        add("modulate", n, d -> d.in("x", 2, 5, n).modulate(d.in("shift", 2, 1, n), d.in("scale", 2, 1, n)));
        add("modulate tokens", n, d -> d.in("x", 2, n, 3).modulate(d.in("shift", 2, n, 3), d.in("scale", 2, n, 3)));
        add("gated residual", n, d -> d.in("x", 2, 5, n).addGated(d.in("gate", 2, 1, n), d.in("branch", 2, 5, n)));
        add(
                "gated residual tokens",
                n,
                d -> d.in("x", 2, n, 3).addGated(d.in("gate", 2, n, 3), d.in("branch", 2, n, 3)));
    }

    private void shapes(int n) {
        add("permute", n, d -> d.in("x", 2, n, 3).permute(2, 0, 1));
        add("transpose", n, d -> d.in("x", n, 3).transpose(0, 1));
        add("slice", n, d -> d.in("x", n, 5).slice(1, 1, 4));
        add("slice step", n, d -> d.in("x", 3, n).slice(1, 0, n, 2));
        add("index", n, d -> d.in("x", n, 3).index(0, n - 1));
        add("concat", n, d -> Tensor.concat(1, d.in("a", 2, n), d.in("b", 2, 3), d.in("c", 2, n)));
        cases.add(OpCase.of("chunk " + n, d -> d.in("x", 5, 3 * n).chunk(3, 1)));
        add("reshape", n, d -> d.in("x", n, 4).reshape(2, -1).exp());
        add("detach", n, d -> {
            Tensor x = d.in("x", n);
            return x.mul(x.detach());
        });
    }

    private void tokens(int n) {
        add("embedding", n, d -> Embedding.of(d.in("table", n, 5), d.ids("ids", n, 2, 7)));
        add("embedding wide", n, d -> Embedding.of(d.in("table", 9, n), d.ids("ids", 9, 4)));
        cases.add(OpCase.of("nearest row " + n, d -> {
            NearestRow.Nearest found = NearestRow.of(d.fixed("x", 5, 3), d.in("table", n, 3));
            d.recorder.output("ids", found.ids());
            return List.of(found.rows());
        }));
        add("rope", n, d -> Rope.of(d.in("x", 2, n, 12), 3, Rope.Pairing.INTERLEAVED, Rope.Angles.line(n, 4, 10_000)));
        add(
                "rope halves",
                n,
                d -> Rope.of(d.in("x", 2, 15, 24), 2, Rope.Pairing.HALF_SPLIT, Rope.Angles.grid(3, 5, 8, 10_000)));
    }

    private void state(int n) {
        cases.add(OpCase.of("ema " + n, d -> {
            Ema.update(d.state("average", 0, n), d.fixed("now", n), d.recorder.constant(NdArray.scalar(0.25f)));
            return List.of();
        }));
        for (boolean averaging : new boolean[] {false, true}) {
            cases.add(OpCase.of("adamW" + (averaging ? " averaging " : " ") + n, d -> {
                AdamW.step(
                        true,
                        d.state("p", 0, n),
                        d.state("m", 0, n),
                        d.state("v", 6, n),
                        d.fixed("g", n),
                        d.fixed(
                                "numbers",
                                NdArray.of(
                                        Shape.of(AdamW.NUMBERS),
                                        new AdamW.Settings(0.9, 0.99, 1e-8, 0.01, 0.9).numbers(3, 1e-3))),
                        d.recorder.constant(NdArray.scalar(0.5f)),
                        averaging ? d.state("average", 0, n) : null);
                return List.of();
            }));
        }
        cases.add(OpCase.of("ring store " + n, d -> {
            RingStore.into(d.state("ring", 0, 3, 2, n), d.fixed("x", 2, n), d.ids("slot", 3, 1));
            return List.of();
        }));
        cases.add(OpCase.of(
                "ring forecast " + n,
                d -> List.of(RingForecast.of(
                        d.state("ring", 0, 4, 2, 5, n), d.fixed("table", 4, n), d.ids("newest", 4, 1)))));
        cases.add(OpCase.of("store row " + n, d -> {
            StoreRow.into(d.state("store", 0, 2, 5, n), d.fixed("row", 2, 1, n), d.ids("at", 5, 1));
            return List.of();
        }));
    }

    private void attention() {
        for (int t : new int[] {1, 3, 31, 33}) {
            add("attention", t, d -> Attention.self(d.in("qkv", 2, t, 3 * 2 * 4), 2));
            add("attention causal", t, d -> Attention.self(d.in("qkv", 2, t, 3 * 2 * 3), 2, null, true));
            add("attention one mask", t, d -> Attention.self(d.in("qkv", 1, t, 3 * 8), 2, d.in("mask", t, t), false));
            add(
                    "attention masks of batch and head",
                    t,
                    d -> Attention.cross(d.in("q", 2, t, 6), d.in("kv", 2, 5, 12), 2, d.in("mask", 2, 2, t, 5)));
            add(
                    "attention masks of keys",
                    t,
                    d -> Attention.of(
                            d.in("q", 2, 5, 6),
                            d.in("k", 2, t, 6),
                            d.in("v", 2, t, 6),
                            3,
                            d.in("mask", 2, 1, 1, t),
                            false));
        }
        add(
                "attention with relative bias",
                d -> Attention.self(
                        d.in("qkv", 2, 15, 3 * 8),
                        2,
                        RelativeBias.of(d.in("table", 5 * 9, 2), 3, 5, 3, 5).reshape(1, 2, 15, 15),
                        false));
        add("relative bias of windows", d -> RelativeBias.of(d.in("table", 9, 3), 4, 6, 2, 2));
    }

    private void images() {
        int[][] sizes = {{1, 1}, {3, 5}, {8, 7}, {17, 16}};
        for (int[] size : sizes) {
            int h = size[0];
            int w = size[1];
            String at = " " + h + "x" + w;
            add(
                    "conv2d 3x3" + at,
                    d -> d.in("x", 2, 3, h, w).conv2d(Conv2d.padded(1), d.in("w", 5, 3, 3, 3), d.in("b", 5)));
            add("conv2d 1x1" + at, d -> d.in("x", 2, 5, h, w).conv2d(Conv2d.padded(0), d.in("w", 3, 5, 1, 1), null));
            add(
                    "conv2d strided" + at,
                    d -> d.in("x", 1, 4, h, w)
                            .conv2d(new Conv2d(2, 0, 2, 1, 2, 2), d.in("w", 6, 2, 3, 3), d.in("b", 6)));
            add(
                    "conv2d depthwise" + at,
                    d -> d.in("x", 2, 3, h, w).conv2d(new Conv2d(1, 1, 1, 1, 1, 3), d.in("w", 3, 1, 3, 3), null));
            add("modulate image" + at, d -> d.in("x", 2, 3, h, w).modulateImage(d.in("map", 2, 6, h, w)));
            add("upsample" + at, d -> d.in("x", 2, 3, h, w).upsample(2));
            add("adaptive average pool" + at, d -> d.in("x", 2, 3, h, w).adaptiveAveragePool(2, 3));
            add("pixel shuffle" + at, d -> d.in("x", 2, 8, h, w).pixelShuffle(2));
            add("pixel unshuffle" + at, d -> d.in("x", 2, 3, 2 * h, 2 * w).pixelUnshuffle(2));
            if (h > 2) {
                add("average pool" + at, d -> d.in("x", 2, 3, h, w).averagePool(3, 2));
            }
        }
    }
}
