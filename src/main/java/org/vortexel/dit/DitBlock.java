package org.vortexel.dit;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Mlp;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;

/// A transformer block with adaLN-Zero: six vectors made from the condition shift, scale and gate the two branches.
///
/// `x += gate1 * selfAttention(modulate(norm(x)))`; with text, `x += crossAttention(x, text)`;
/// `x += gate2 * mlp(modulate(norm(x)))`
///
/// Source: Peebles and Xie 2023, [arXiv:2212.09748](https://arxiv.org/abs/2212.09748), figure 3; the
/// cross-attention as in Chen et al. 2023, [arXiv:2310.00426](https://arxiv.org/abs/2310.00426), section 2.3.
///
/// @param name the prefix of its parameters, such as `blocks.3`
/// @param heads attention heads
/// @param modulation (…, D) to (…, 6D), zero at first
/// @param qkv (…, D) to (…, 3D): q, k, v, each head after head
/// @param proj (…, D) to (…, D)
/// @param cross attention to the text, if the model has one
/// @param mlp (…, D) to (…, D)
public record DitBlock(
        String name, int heads, Linear modulation, Linear qkv, Linear proj, Optional<CrossAttention> cross, Mlp mlp) {
    static final float EPS = 1e-6f;
    /// What a probe sees of the cross-attention is named after the block and this.
    static final String WEIGHTS = ".cross.weights";
    /// What a probe sees of the self-attention is named after the block and this.
    static final String PLACES = ".attn.weights";

    /// Attention from image tokens to text tokens; its projection begins at zero.
    ///
    /// @param q (N, T, D) to (N, T, D)
    /// @param kv (N, L, D) to (N, L, 2D): keys, then values
    /// @param proj (N, T, D) to (N, T, D)
    public record CrossAttention(Linear q, Linear kv, Linear proj) {
        static CrossAttention of(Params params, int width) {
            return new CrossAttention(
                    Linear.of(params.in("q_linear"), width, width),
                    Linear.of(params.in("kv_linear"), width, 2 * width),
                    Linear.of(params.in("proj"), width, width, Init.zeros()));
        }

        /// @param seen given the attention's weights, (N, T, L), the mean over heads
        Tensor forward(Tensor x, Text text, int heads, Consumer<Tensor> seen) {
            Tensor queries = q.forward(x); // (N, T, D)
            Tensor keysAndValues = kv.forward(text.states()); // (N, L, 2 D)
            Tensor keys = keysAndValues.chunk(2, -1).getFirst();
            seen.accept(weights(scores(queries, keys, heads).add(text.mask())));
            return proj.forward(Attention.cross(queries, keysAndValues, heads, text.mask()));
        }
    }

    // What the fused attention keeps to itself; recorded for probes, and left out where none looks.

    /// (N, H, T, L) from queries (N, T, D) and keys (N, L, D).
    private static Tensor scores(Tensor q, Tensor k, int heads) {
        int headWidth = q.dim(2) / heads;
        Tensor queries = q.reshape(q.dim(0), q.dim(1), heads, headWidth).permute(0, 2, 1, 3); // (N, H, T, D/H)
        Tensor keys = k.reshape(k.dim(0), k.dim(1), heads, headWidth).permute(0, 2, 3, 1); // (N, H, D/H, L)
        return queries.matmul(keys).mul((float) (1 / Math.sqrt(headWidth)));
    }

    /// (N, T, L), the mean over heads.
    private static Tensor weights(Tensor scores) {
        return scores.softmax().mean(false, 1);
    }

    /// What a block sees of the caption.
    ///
    /// @param states (N, L, D), projected to the model's width
    /// @param mask (N, 1, 1, L), 0 for tokens and a large negative number for padding; added to the scores
    public record Text(Tensor states, Tensor mask) {}

    static DitBlock of(Params params, int index, DitConfig config) {
        String name = "blocks." + index;
        Params here = params.in(name);
        int width = config.width();
        return new DitBlock(
                name,
                config.heads(),
                Linear.of(here.in("adaLN_modulation.1"), width, 6 * width, Init.zeros()),
                Linear.of(here.in("attn.qkv"), width, 3 * width),
                Linear.of(here.in("attn.proj"), width, width),
                switch (config.condition()) {
                    case DitConfig.Classes _ -> Optional.empty();
                    case DitConfig.Text text ->
                        text.crossEvery() > 0 && index % text.crossEvery() == 0
                                ? Optional.of(CrossAttention.of(here.in("cross_attn"), width))
                                : Optional.empty();
                },
                Mlp.of(here.in("mlp"), width, config.hidden(), width));
    }

    /// One block.
    ///
    /// @param x (N, T, D)
    /// @param c the activated condition
    /// @param text the caption, if the model has cross-attention
    /// @param probe sees what goes into the first branch, and what comes out of the branches, before the gates
    /// @param features computes the branches, or forecasts them
    Tensor forward(Tensor x, Modulator c, Optional<Text> text, Probe probe, Features features) {
        return features.residual(Granularity.BLOCK, name, x, () -> compute(x, c, text, probe, features));
    }

    private Tensor compute(Tensor x, Modulator c, Optional<Text> text, Probe probe, Features features) {
        return x.tape().in(name, () -> {
            List<Tensor> m = c.through(modulation, 6); // shift, scale, gate of attention; then of the MLP
            Tensor attended = features.branch(name + ".attn", x, () -> {
                Tensor in = x.layerNorm(EPS).modulate(m.get(0), m.get(1)); // (N, T, D)
                probe.see(name + ".in", in);
                Tensor packed = qkv.forward(in); // (N, T, 3 D)
                List<Tensor> parts = packed.chunk(3, -1);
                probe.see(name + PLACES, weights(scores(parts.get(0), parts.get(1), heads)));
                return proj.forward(features.attention(name, packed, heads)); // (N, T, D)
            });
            probe.see(name + ".attn", attended);
            Tensor y = x.addGated(m.get(2), attended);
            if (cross.isPresent()) {
                Tensor into = y;
                y = y.add(features.branch(
                        name + ".cross",
                        y,
                        () -> cross.get()
                                .forward(
                                        into,
                                        text.orElseThrow(),
                                        heads,
                                        w -> probe.see(name + WEIGHTS, w)))); // (N, T, D)
            }
            Tensor last = y;
            Tensor z = features.branch(
                    name + ".mlp", y, () -> mlp.forward(last.layerNorm(EPS).modulate(m.get(3), m.get(4)))); // (N, T, D)
            probe.see(name + ".mlp", z);
            z = last.addGated(m.get(5), z);
            probe.see(name, z);
            return z;
        });
    }
}
