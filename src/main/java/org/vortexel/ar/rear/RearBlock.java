package org.vortexel.ar.rear;

import java.util.List;
import org.vortexel.ar.Dropout;
import org.vortexel.ar.KvCache;
import org.vortexel.nn.Init;
import org.vortexel.nn.LayerNorm;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;

/// A block of the backbone: the two branches of a transformer, shifted, scaled and gated by vectors made from the
/// condition of every position.
///
/// `x += g1 attention(norm1(x) (1 + c1) + s1)`, `x += g2 mlp(norm2(x) (1 + c2) + s2)`; queries and keys are normed
/// per head.
///
/// Source: Yu et al. 2024, [arXiv:2411.00776](https://arxiv.org/abs/2411.00776), and `Block` of
/// bytedance/1d-tokenizer.
///
/// @param index its place, from 0
/// @param heads attention heads
/// @param norm1 before the attention
/// @param qkv (…, D) to (…, 3 D)
/// @param queryNorm over a head
/// @param keyNorm over a head
/// @param proj (…, D) to (…, D)
/// @param norm2 before the feed-forward layers
/// @param fc1 (…, D) to (…, hidden)
/// @param fc2 (…, hidden) to (…, D)
/// @param modulation (…, D) to (…, 6 D): shift, scale, gate of either branch
record RearBlock(
        int index,
        int heads,
        LayerNorm norm1,
        Linear qkv,
        LayerNorm queryNorm,
        LayerNorm keyNorm,
        Linear proj,
        LayerNorm norm2,
        Linear fc1,
        Linear fc2,
        Linear modulation) {
    static final float EPS = 1e-6f;

    static RearBlock of(Params params, int index, RearConfig config) {
        Params here = params.in("blocks." + index);
        Init init = Init.normal(0.02f);
        int width = config.width();
        int headWidth = width / config.heads();
        return new RearBlock(
                index,
                config.heads(),
                LayerNorm.of(here.in("norm1"), width, EPS),
                Linear.of(here.in("attn.qkv"), width, 3 * width, init),
                LayerNorm.of(here.in("attn.q_norm"), headWidth, EPS),
                LayerNorm.of(here.in("attn.k_norm"), headWidth, EPS),
                Linear.of(here.in("attn.proj"), width, width, init),
                LayerNorm.of(here.in("norm2"), width, EPS),
                Linear.of(here.in("mlp.fc1"), width, config.hidden(), init),
                Linear.of(here.in("mlp.fc2"), config.hidden(), width, init),
                Linear.of(here.in("adaLN_modulation.1"), width, 6 * width, Init.zeros()));
    }

    private String name() {
        return "blocks." + index;
    }

    /// All positions at once.
    ///
    /// @param x (N, L, D)
    /// @param c (N, L, D), the activated condition of every position
    Tensor forward(Tensor x, Tensor c, Dropout dropout) {
        return x.tape().in(name(), () -> {
            List<Tensor> m = modulation.forward(c).chunk(6, -1);
            List<Tensor> parts = parts(x, m);
            Tensor attended = Attention.of(parts.get(0), parts.get(1), parts.get(2), heads, null, true);
            return rest(x, attended, m, dropout);
        });
    }

    /// One position: x and c are (N, 1, D).
    Tensor step(Tensor x, Tensor c, KvCache cache) {
        return x.tape().in(name(), () -> {
            List<Tensor> m = modulation.forward(c).chunk(6, -1);
            List<Tensor> parts = parts(x, m);
            Tensor past = cache.keep(index, Tensor.concat(2, parts.get(1), parts.get(2))); // (N, S, 2 D)
            return rest(x, Attention.cross(parts.get(0), past, heads, cache.seen()), m, Dropout.NONE);
        });
    }

    /// Queries, keys and values, each (N, L, D).
    private List<Tensor> parts(Tensor x, List<Tensor> m) {
        List<Tensor> packed =
                qkv.forward(norm1.forward(x).modulate(m.get(0), m.get(1))).chunk(3, -1);
        return List.of(perHead(queryNorm, packed.get(0)), perHead(keyNorm, packed.get(1)), packed.get(2));
    }

    private Tensor perHead(LayerNorm norm, Tensor x) {
        return norm.forward(x.reshape(x.dim(0), x.dim(1), heads, -1)).reshape(x.shape());
    }

    private Tensor rest(Tensor x, Tensor attended, List<Tensor> m, Dropout dropout) {
        Tensor h = x.addGated(m.get(2), dropout.of(name() + ".attn", proj.forward(attended)));
        Tensor fed = fc2.forward(
                fc1.forward(norm2.forward(h).modulate(m.get(3), m.get(4))).gelu());
        return h.addGated(m.get(5), dropout.of(name() + ".mlp", fed));
    }
}
