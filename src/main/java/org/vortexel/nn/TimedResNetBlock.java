package org.vortexel.nn;

import java.util.Optional;
import org.vortexel.op.Tensor;

/// A residual block of a U-Net that is told the time: `x + conv2(silu(norm2(conv1(silu(norm1(x))) +
/// linear(silu(time)))))`, with a 1 by 1 convolution on the way of `x` where the channels differ. (N, C, h, w) to (N,
/// O, h, w).
///
/// The time is one vector per picture, or a map of them at the resolution of the whole picture; of a map the block
/// takes every `H / h`-th row and `W / w`-th column, from the first.
///
/// Source: Ho et al. 2020, [arXiv:2006.11239](https://arxiv.org/abs/2006.11239), appendix B; maps of times as in
/// AsynDM, [arXiv:2510.04504](https://arxiv.org/abs/2510.04504). Names are those of diffusers.
///
/// @param norm1 over C
/// @param conv1 C to O
/// @param time E to O
/// @param norm2 over O
/// @param conv2 O to O
/// @param shortcut C to O, if they differ
public record TimedResNetBlock(
        GroupNorm norm1, Conv conv1, Linear time, GroupNorm norm2, Conv conv2, Optional<Conv> shortcut) {
    /// A block with the names `norm1`, `conv1`, `time_emb_proj`, `norm2`, `conv2` and `conv_shortcut`.
    public static TimedResNetBlock of(Params params, int in, int out, int timeWidth, int groups, float eps) {
        Init init = Init.normal(0.02f);
        return new TimedResNetBlock(
                GroupNorm.of(params.in("norm1"), in, groups, eps),
                Conv.of(params.in("conv1"), in, out, 3, init),
                Linear.of(params.in("time_emb_proj"), timeWidth, out),
                GroupNorm.of(params.in("norm2"), out, groups, eps),
                Conv.of(params.in("conv2"), out, out, 3, init),
                in == out ? Optional.empty() : Optional.of(Conv.of(params.in("conv_shortcut"), in, out, 1, init)));
    }

    /// One block.
    ///
    /// @param x (N, C, h, w)
    /// @param embedded (N, E), or (N, H, W, E) with `H` and `W` multiples of `h` and `w`
    public Tensor forward(Tensor x, Tensor embedded) {
        Tensor h = conv1.forward(norm1.forward(x).silu()); // (N, O, h, w)
        h = h.add(timeAt(embedded, x.dim(2), x.dim(3)));
        h = conv2.forward(norm2.forward(h).silu());
        return shortcut.map(s -> s.forward(x)).orElse(x).add(h);
    }

    /// (N, O, 1, 1) or (N, O, h, w).
    private Tensor timeAt(Tensor embedded, int height, int width) {
        if (embedded.shape().rank() == 2) {
            Tensor added = time.forward(embedded.silu());
            return added.reshape(added.dim(0), added.dim(1), 1, 1);
        }
        if (embedded.shape().rank() != 4 || embedded.dim(1) % height != 0 || embedded.dim(2) % width != 0) {
            throw new IllegalArgumentException("a block of " + height + " by " + width
                    + " pixels expected a time embedding (N, E) or (N, H, W, E) with multiples of these but got "
                    + embedded.shape());
        }
        Tensor taken = embedded.slice(1, 0, embedded.dim(1), embedded.dim(1) / height)
                .slice(2, 0, embedded.dim(2), embedded.dim(2) / width); // (N, h, w, E)
        return time.forward(taken.silu()).permute(0, 3, 1, 2);
    }
}
