package org.vortexel.codec.ssdd;

import java.util.List;
import org.vortexel.nn.Init;
import org.vortexel.nn.LayerNorm;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Attention;
import org.vortexel.op.RelativeBias;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// A transformer block in the middle of the U: local attention with a learnt bias for every offset, its norm
/// told of the latent, then a gated MLP.
///
/// `h += attention(layerNorm(h) (1 + scale(context)) + shift(context))`, `h += out(a gelu(g))` with `(a, g) =
/// in(norm2(h))`
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961); the gated MLP is Shazeer 2020,
/// [arXiv:2002.05202](https://arxiv.org/abs/2002.05202).
///
/// @param name where it is, such as `mid_block.transformer_blocks.0`
/// @param heads of the attention
/// @param window rows and columns further away than `window - 1` are not seen
/// @param context from the context's channels to shift and scale of the tokens
/// @param q queries, no bias
/// @param k keys, no bias
/// @param v values, no bias
/// @param out projection
/// @param bias (2 window - 1, 2 window - 1, heads), zero at first
/// @param norm2 before the MLP
/// @param gate D to 8 D: what goes through, then what opens the gate
/// @param project 4 D to D, zero at first
record TokenBlock(
        String name,
        int heads,
        int window,
        Linear context,
        Linear q,
        Linear k,
        Linear v,
        Linear out,
        Parameter bias,
        LayerNorm norm2,
        Linear gate,
        Linear project) {
    private static final float EPS = 1e-5f;

    static TokenBlock of(Params params, String name, SsddConfig config) {
        Params here = params.in(name);
        int width = config.tokenWidth();
        int side = 2 * config.window() - 1;
        Params attention = here.in("attn1");
        return new TokenBlock(
                name,
                config.heads(),
                config.window(),
                Linear.of(here.in("norm1.linear"), config.width(), 2 * width),
                Linear.unbiased(attention.in("to_q"), width, width),
                Linear.unbiased(attention.in("to_k"), width, width),
                Linear.unbiased(attention.in("to_v"), width, width),
                Linear.of(attention.in("out_proj"), width, width),
                here.in("relative_position_bias")
                        .declare("relative_bias_table", Shape.of(side, side, config.heads()), Init.zeros()),
                LayerNorm.of(here.in("norm2"), width, EPS),
                Linear.of(here.in("ff.proj_in_act.proj"), width, 8 * width),
                Linear.of(here.in("ff.proj_out"), 4 * width, width, Init.zeros()));
    }

    /// The bias of every pair of tokens of a grid, (1, heads, T, T); -1e7 hides a key.
    Tensor biases(Tensor x, int rows, int columns) {
        return RelativeBias.of(bias.on(x).reshape(-1, heads), rows, columns, window, window);
    }

    /// (N, T, D) to (N, T, D).
    ///
    /// @param latent the activated context of the latent, one row per token (N, T, C)
    /// @param rows of tokens
    /// @param columns of tokens
    Tensor forward(Tensor h, Tensor latent, int rows, int columns, Probe probe) {
        return h.tape().in(name, () -> {
            List<Tensor> m = context.forward(latent).chunk(2, -1); // shift, scale (N, T, D)
            Tensor a = h.layerNorm(EPS).modulate(m.get(0), m.get(1)); // (N, T, D)
            probe.see(name + ".norm1", a);
            Tensor attended = Attention.of(
                    q.forward(a), k.forward(a), v.forward(a), heads, biases(h, rows, columns), false); // (N, T, D)
            attended = out.forward(attended);
            probe.see(name + ".attn1", attended);
            Tensor sum = h.add(attended);
            Tensor normed = norm2.forward(sum);
            probe.see(name + ".norm2", normed);
            List<Tensor> gated = gate.forward(normed).chunk(2, -1); // (N, T, 4 D) each
            Tensor opened = gated.get(0).mul(gated.get(1).gelu());
            probe.see(name + ".ff.proj_in_act", opened);
            Tensor fed = project.forward(opened);
            probe.see(name + ".ff", fed);
            Tensor result = sum.add(fed);
            probe.see(name, result);
            return result;
        });
    }
}
