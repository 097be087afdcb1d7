package org.vortexel.ar;

import org.jspecify.annotations.Nullable;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.nn.RmsNorm;
import org.vortexel.nn.SwiGlu;
import org.vortexel.op.Attention;
import org.vortexel.op.Rope;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// A block of the GPT: `h = x + attention(norm(x))`, `out = h + feedForward(norm(h))`.
///
/// @param index its place, from 0
/// @param heads heads of queries
/// @param keyHeads heads of keys and values; each serves `heads / keyHeads` neighbouring heads of queries
/// @param headWidth numbers of a head
/// @param attentionNorm before the attention
/// @param qkv (…, D) to queries, keys and values, each head after head
/// @param out (…, D) to (…, D)
/// @param feedForwardNorm before the feed-forward layer
/// @param feedForward (…, D) to (…, D)
record GptBlock(
        int index,
        int heads,
        int keyHeads,
        int headWidth,
        RmsNorm attentionNorm,
        Linear qkv,
        Linear out,
        RmsNorm feedForwardNorm,
        SwiGlu feedForward) {
    /// Cosines and sines (T, P) of the positions' angles.
    record Angles(Tensor cos, Tensor sin) {}

    static GptBlock of(Params params, int index, GptConfig config) {
        Params here = params.in("layers." + index);
        Init init = Init.normal(0.02f);
        int width = config.width();
        int packed = (config.heads() + 2 * config.keyHeads()) * config.headWidth();
        return new GptBlock(
                index,
                config.heads(),
                config.keyHeads(),
                config.headWidth(),
                RmsNorm.of(here.in("attention_norm"), width, config.normEps()),
                Linear.unbiased(here.in("attention.wqkv"), width, packed, init),
                Linear.unbiased(here.in("attention.wo"), width, width, init),
                RmsNorm.of(here.in("ffn_norm"), width, config.normEps()),
                SwiGlu.of(here.in("feed_forward"), width, config.hidden(), init));
    }

    private String name() {
        return "layers." + index;
    }

    private int queryWidth() {
        return heads * headWidth;
    }

    private int keyWidth() {
        return keyHeads * headWidth;
    }

    /// All positions at once: (N, L, D) to (N, L, D).
    ///
    /// @param hidden added to the scores, broadcast to (N, H, L, L); null for none
    Tensor forward(Tensor x, Angles angles, @Nullable Tensor hidden, Dropout dropout, Probe probe) {
        return x.tape().in(name(), () -> {
            Tensor turned = turned(x, angles); // (N, L, queries, keys, values)
            Tensor attended = keyHeads == heads
                    ? Attention.self(turned, heads, hidden, true)
                    : Attention.of(
                            turned.slice(2, 0, queryWidth()),
                            repeated(turned.slice(2, queryWidth(), queryWidth() + keyWidth())),
                            repeated(turned.slice(2, queryWidth() + keyWidth(), queryWidth() + 2 * keyWidth())),
                            heads,
                            hidden,
                            true); // (N, L, D)
            return rest(x, attended, dropout, probe);
        });
    }

    /// One position, which sees what the cache holds: (N, 1, D) to (N, 1, D).
    Tensor step(Tensor x, Angles angles, KvCache cache) {
        return x.tape().in(name(), () -> {
            Tensor turned = turned(x, angles);
            Tensor past =
                    cache.keep(index, turned.slice(2, queryWidth(), queryWidth() + 2 * keyWidth())); // (N, S, 2 W)
            int shared = heads / keyHeads;
            int n = x.dim(0);
            Tensor queries = turned.slice(2, 0, queryWidth())
                    .reshape(n, keyHeads, shared, headWidth)
                    .transpose(1, 2)
                    .reshape(n, shared, keyWidth());
            Tensor attended = Attention.cross(queries, past, keyHeads, cache.seen()) // (N, shared, W)
                    .reshape(n, shared, keyHeads, headWidth)
                    .transpose(1, 2)
                    .reshape(n, 1, queryWidth());
            return rest(x, attended, Dropout.NONE, Probe.NONE);
        });
    }

    /// Queries, keys and values with the first two turned by their positions.
    private Tensor turned(Tensor x, Angles angles) {
        Tensor packed = qkv.forward(attentionNorm.forward(x));
        return packed.apply(new Rope(heads + keyHeads, Rope.Pairing.INTERLEAVED, false), angles.cos(), angles.sin());
    }

    private Tensor repeated(Tensor keys) {
        int shared = heads / keyHeads;
        return keys.reshape(keys.dim(0), keys.dim(1), keyHeads, 1, headWidth)
                .broadcastTo(Shape.of(keys.dim(0), keys.dim(1), keyHeads, shared, headWidth))
                .reshape(keys.dim(0), keys.dim(1), queryWidth());
    }

    private Tensor rest(Tensor x, Tensor attended, Dropout dropout, Probe probe) {
        Tensor projected = out.forward(attended);
        probe.see(name() + ".attention", projected);
        Tensor h = x.add(dropout.of(name() + ".attention", projected));
        Tensor fed = feedForward.forward(feedForwardNorm.forward(h));
        Tensor y = h.add(dropout.of(name() + ".feed_forward", fed));
        probe.see(name(), y);
        return y;
    }
}
