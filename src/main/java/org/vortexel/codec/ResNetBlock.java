package org.vortexel.codec;

import java.util.Optional;
import org.vortexel.nn.Conv;
import org.vortexel.nn.GroupNorm;
import org.vortexel.nn.Init;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;

/// `x + conv2(silu(norm2(conv1(silu(norm1(x))))))`, with a 1 by 1 convolution on the way of `x` where the channels
/// differ: (N, C, H, W) to (N, O, H, W).
///
/// Source: the residual block of Esser et al. 2021, [arXiv:2012.09841](https://arxiv.org/abs/2012.09841).
///
/// @param norm1 over C
/// @param conv1 C to O
/// @param norm2 over O
/// @param conv2 O to O
/// @param shortcut C to O, if they differ
public record ResNetBlock(GroupNorm norm1, Conv conv1, GroupNorm norm2, Conv conv2, Optional<Conv> shortcut) {
    private static final float EPS = 1e-6f;

    /// A block whose shortcut is called `shortcut` in files.
    public static ResNetBlock of(Params params, int in, int out, int groups, String shortcut) {
        Init init = Init.normal(0.02f);
        return new ResNetBlock(
                GroupNorm.of(params.in("norm1"), in, groups, EPS),
                Conv.of(params.in("conv1"), in, out, 3, init),
                GroupNorm.of(params.in("norm2"), out, groups, EPS),
                Conv.of(params.in("conv2"), out, out, 3, init),
                in == out ? Optional.empty() : Optional.of(Conv.of(params.in(shortcut), in, out, 1, init)));
    }

    /// (N, C, H, W) to (N, O, H, W).
    public Tensor forward(Tensor x) {
        Tensor h = conv1.forward(norm1.forward(x).silu());
        h = conv2.forward(norm2.forward(h).silu());
        return shortcut.map(s -> s.forward(x)).orElse(x).add(h);
    }
}
