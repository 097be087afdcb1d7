package org.vortexel.nn;

import org.jspecify.annotations.Nullable;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;

/// A transformer block that norms before it looks: `x += out(attention(norm1(x)))`, `x +=
/// mlp(norm2(x))`. (N, T, D) to the same.
///
/// Source: Vaswani et al. 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762); norms first:
/// Xiong et al. 2020, [arXiv:2002.04745](https://arxiv.org/abs/2002.04745).
///
/// @param heads of the attention, a divisor of D
/// @param norm1 before the attention
/// @param qkv D to 3 D: queries, keys and values side by side
/// @param out D to D, of what the heads gathered
/// @param norm2 before the MLP
/// @param mlp D to `ratio` D to D
public record TransformerBlock(int heads, LayerNorm norm1, Linear qkv, Linear out, LayerNorm norm2, Mlp mlp) {
    private static final float EPS = 1e-5f;

    /// A block with the names `norm1`, `qkv`, `out`, `norm2` and `mlp`.
    public static TransformerBlock of(Params params, int width, int heads, int ratio) {
        return new TransformerBlock(
                heads,
                LayerNorm.of(params.in("norm1"), width, EPS),
                Linear.of(params.in("qkv"), width, 3 * width),
                Linear.of(params.in("out"), width, width),
                LayerNorm.of(params.in("norm2"), width, EPS),
                Mlp.of(params.in("mlp"), width, ratio * width, width));
    }

    /// One block.
    ///
    /// @param x (N, T, D)
    /// @param mask added to the scores, broadcast to (N, H, T, T); null for none
    public Tensor forward(Tensor x, @Nullable Tensor mask) {
        Tensor gathered = Attention.self(qkv.forward(norm1.forward(x)), heads, mask, false); // (N, T, D)
        Tensor y = x.add(out.forward(gathered)); // (N, T, D)
        return y.add(mlp.forward(norm2.forward(y))); // (N, T, D)
    }
}
