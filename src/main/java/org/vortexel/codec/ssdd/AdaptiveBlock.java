package org.vortexel.codec.ssdd;

import java.util.Optional;
import org.vortexel.nn.Conv;
import org.vortexel.nn.GroupNorm;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Tensor;

/// A residual block told of the latent by its first norm, place by place, and of the time by its second.
///
/// ```
/// h = conv1(silu(groupNorm(x) (1 + scale(context)) + shift(context)))
/// h = conv2(silu(groupNorm(h) (1 + scale(time)) + shift(time)))
/// x + h, or shortcut(x) + h where the channels differ
/// ```
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961).
///
/// @param name where it is, such as `down_blocks.0.resnets.1`
/// @param groups of the first norm, which has no weights of its own
/// @param context 1 by 1, from the context's channels to scale and shift of the input's
/// @param conv1 input to output channels
/// @param time from the time embedding to scale and shift of the output's channels
/// @param norm2 with weights
/// @param conv2 zero at first
/// @param shortcut 1 by 1, if the channels differ
record AdaptiveBlock(
        String name,
        int groups,
        Conv context,
        Conv conv1,
        Linear time,
        GroupNorm norm2,
        Conv conv2,
        Optional<Conv> shortcut) {
    private static final float EPS = 1e-5f;

    static AdaptiveBlock of(Params all, String name, SsddConfig config, int in, int out) {
        Params params = all.in(name);
        Init init = Init.normal(0.02f);
        return new AdaptiveBlock(
                name,
                config.groups(),
                Conv.of(params.in("norm1.ctx_proj"), config.width(), 2 * in, 1, init),
                Conv.of(params.in("conv1"), in, out, 3, init),
                Linear.of(params.in("time_emb_proj"), config.time(), 2 * out),
                GroupNorm.of(params.in("norm2"), out, config.groups(), EPS),
                Conv.of(params.in("conv2"), out, out, 3, Init.zeros()),
                in == out ? Optional.empty() : Optional.of(Conv.of(params.in("conv_shortcut"), in, out, 1, init)));
    }

    /// (N, in, H, W) to (N, out, H, W).
    ///
    /// @param latent (N, C, h, w), the context of the latent; H and W are multiples of h and w
    /// @param moment (N, T), the activated embedding of the time
    Tensor forward(Tensor x, Tensor latent, Tensor moment, Probe probe) {
        Tensor first = modulated(x, latent);
        probe.see(name + ".norm1", first);
        Tensor h = conv1.forward(first.silu());
        Tensor map = time.forward(moment).reshape(moment.dim(0), -1, 1, 1); // scale, shift: one cell
        h = conv2.forward(norm2.forward(h).modulateImage(map).silu());
        Tensor result = shortcut.map(s -> s.forward(x)).orElse(x).add(h);
        probe.see(name, result);
        return result;
    }

    private Tensor modulated(Tensor x, Tensor latent) {
        return x.groupNorm(groups, EPS).modulateImage(context.forward(latent)); // the map is (N, 2 in, h, w)
    }
}
