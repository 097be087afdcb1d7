package org.vortexel.codec.ssdd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.vortexel.codec.Tokens;
import org.vortexel.nn.Conv;
import org.vortexel.nn.GroupNorm;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.nn.Waves;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// The decoder of SSDD: a U-shaped network that looks at a noisy picture and the latent, and says which way the clean
/// picture lies.
///
/// ```
/// x (3) + z (c) -> conv -> [2 blocks, halve] x 3 -> 2 blocks -> transformer -> [3 blocks, double] x 3 -> 3 blocks ->
/// conv
///                             |________________ skips ______________________________|
/// ```
///
/// | tensor | shape             | values                                                            |
/// |--------|-------------------|-------------------------------------------------------------------|
/// | `x`    | (N, 3, H, W)      | `(1 - t) picture + t noise`, pictures in [-1, 1]; H, W multiples of 8 and f |
/// | `t`    | (N)               | 1000 t: 0 is clean, 1000 is noise                                 |
/// | `z`    | (N, c, H/f, W/f)  | the latent                                                        |
/// | result | (N, 3, H, W)      | picture - noise                                                   |
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961); sizes and parameter
/// names are those of facebookresearch/SSDD, under the prefix `decoder.` in its checkpoints.
public final class SsddDecoder {
    private static final String MIDDLE = "mid_block";
    private static final float EPS = 1e-5f;
    private static final float MIDDLE_EPS = 1e-6f;
    private static final int PICTURE_CHANNELS = 3;

    /// One level on the way down or up: its blocks, then a change of size.
    ///
    /// @param name `down_blocks.0`, …
    /// @param blocks in their order
    /// @param resize halves or, after an enlargement, follows it; the last level has none
    private record Level(String name, List<AdaptiveBlock> blocks, Optional<Conv> resize) {}

    private final SsddConfig config;
    private final Params params;
    private final Conv convIn;
    private final Conv context1;
    private final Conv context2;
    private final Linear time1;
    private final Linear time2;
    private final List<Level> down = new ArrayList<>();
    private final GroupNorm middleNorm;
    private final Linear middleIn;
    private final List<TokenBlock> middle = new ArrayList<>();
    private final Linear middleOut;
    private final List<Level> up = new ArrayList<>();
    private final GroupNorm normOut;
    private final Conv convOut;

    /// A decoder of the given sizes, its parameters at the top of the name space.
    public SsddDecoder(SsddConfig config) {
        this(config, new Params());
    }

    /// A decoder of the given sizes that declares its parameters in `params`.
    public SsddDecoder(SsddConfig config, Params params) {
        this.config = config;
        this.params = params;
        Init init = Init.normal(0.02f);
        int width = config.width();
        int tokens = config.tokenWidth();
        List<Integer> channels = config.channels();
        convIn = Conv.of(params.in("conv_in"), PICTURE_CHANNELS + config.latentChannels(), width, 3, init);
        context1 = Conv.of(params.in("ada_ctx_proj.0"), config.latentChannels(), width, 3, init);
        context2 = Conv.of(params.in("ada_ctx_proj.2"), width, width, 3, init);
        time1 = Linear.of(params.in("time_embedding.linear_1"), width, config.time());
        time2 = Linear.of(params.in("time_embedding.linear_2"), config.time(), config.time());
        int in = width;
        for (int level = 0; level < SsddConfig.LEVELS; level++) {
            String name = "down_blocks." + level;
            int out = channels.get(level);
            boolean last = level == SsddConfig.LEVELS - 1;
            down.add(new Level(
                    name,
                    List.of(
                            AdaptiveBlock.of(params, name + ".resnets.0", config, in, out),
                            AdaptiveBlock.of(params, name + ".resnets.1", config, out, out)),
                    last
                            ? Optional.empty()
                            : Optional.of(Conv.of(
                                    params.in(name + ".downsamplers.0.conv"),
                                    out,
                                    out,
                                    3,
                                    Conv2d.strided(2, 1),
                                    init))));
            in = out;
        }
        Params center = params.in(MIDDLE);
        middleNorm = GroupNorm.of(center.in("norm"), tokens, config.groups(), MIDDLE_EPS);
        middleIn = Linear.of(center.in("proj_in"), tokens, tokens);
        for (int i = 0; i < config.layers(); i++) {
            middle.add(TokenBlock.of(params, MIDDLE + ".transformer_blocks." + i, config));
        }
        middleOut = Linear.of(center.in("proj_out"), tokens, tokens);
        for (int i = 0; i < SsddConfig.LEVELS; i++) {
            int level = SsddConfig.LEVELS - 1 - i;
            String name = "up_blocks." + i;
            int out = channels.get(level);
            int finer = level == 0 ? width : channels.get(level - 1);
            up.add(new Level(
                    name,
                    List.of(
                            AdaptiveBlock.of(params, name + ".resnets.0", config, in + out, out),
                            AdaptiveBlock.of(params, name + ".resnets.1", config, 2 * out, out),
                            AdaptiveBlock.of(params, name + ".resnets.2", config, out + finer, out)),
                    level == 0
                            ? Optional.empty()
                            : Optional.of(Conv.of(params.in(name + ".upsamplers.0.conv"), out, out, 3, init))));
            in = out;
        }
        normOut = GroupNorm.of(params.in("conv_norm_out"), width, config.groups(), EPS);
        convOut = Conv.of(params.in("conv_out"), width, PICTURE_CHANNELS, 3, init);
    }

    /// The sizes.
    public SsddConfig config() {
        return config;
    }

    /// Names, shapes and initial values of what it learns.
    public Params params() {
        return params;
    }

    /// Records the attention bias of one block of the middle for a grid of tokens, (1, heads, T, T).
    Tensor bias(int block, Tensor x, int rows, int columns) {
        return middle.get(block).biases(x, rows, columns);
    }

    /// Records the network on `x`'s tape.
    ///
    /// @throws IllegalArgumentException when a shape does not fit
    public Tensor forward(Tensor x, Tensor t, Tensor z) {
        return forward(x, t, z, Probe.NONE);
    }

    /// Records the network, letting `probe` see the outputs of its layers under their names in files, and
    /// `time_proj`.
    ///
    /// @throws IllegalArgumentException when a shape does not fit
    public Tensor forward(Tensor x, Tensor t, Tensor z, Probe probe) {
        check(x, z);
        return x.tape().in("ssdd", () -> {
            Tensor h = convIn.forward(Tensor.concat(1, x, z.upsample(config.compression()))); // (N, C, H, W)
            probe.see("conv_in", h);
            Tensor latent = context2.forward(context1.forward(z).silu()); // (N, C, h, w)
            probe.see("ada_ctx_proj", latent);
            Tensor waves = Waves.of(t, config.width()); // (N, C)
            probe.see("time_proj", waves);
            Tensor embedded = time2.forward(time1.forward(waves).silu()); // (N, T)
            probe.see("time_embedding", embedded);
            Tensor moment = embedded.silu();
            Deque<Tensor> skips = new ArrayDeque<>(List.of(h));
            for (Level level : down) {
                h = down(level, h, latent, moment, skips, probe);
                probe.see(level.name, h);
            }
            h = middle(h, latent, probe);
            for (Level level : up) {
                h = up(level, h, latent, moment, skips, probe);
                probe.see(level.name, h);
            }
            h = normOut.forward(h); // (N, C, H, W)
            probe.see("conv_norm_out", h);
            return convOut.forward(h.silu()); // (N, 3, H, W)
        });
    }

    private void check(Tensor x, Tensor z) {
        int f = config.compression();
        boolean fits = x.shape().rank() == 4
                && x.dim(1) == PICTURE_CHANNELS
                && x.dim(2) % f == 0
                && x.dim(3) % f == 0
                && z.shape().equals(Shape.of(x.dim(0), config.latentChannels(), x.dim(2) / f, x.dim(3) / f));
        if (!fits) {
            throw new IllegalArgumentException("SsddDecoder: expected x (N, 3, H, W) and z (N, "
                    + config.latentChannels() + ", H/" + f + ", W/" + f + ") but got " + x.shape() + " and "
                    + z.shape());
        }
    }

    private static Tensor down(Level level, Tensor x, Tensor latent, Tensor moment, Deque<Tensor> skips, Probe probe) {
        return x.tape().in(level.name, () -> {
            Tensor h = x;
            for (AdaptiveBlock block : level.blocks) {
                h = block.forward(h, latent, moment, probe);
                skips.push(h);
            }
            if (level.resize.isPresent()) {
                h = level.resize.get().forward(h);
                skips.push(h);
            }
            return h;
        });
    }

    private static Tensor up(Level level, Tensor x, Tensor latent, Tensor moment, Deque<Tensor> skips, Probe probe) {
        return x.tape().in(level.name, () -> {
            Tensor h = x;
            for (AdaptiveBlock block : level.blocks) {
                h = block.forward(Tensor.concat(1, h, skips.pop()), latent, moment, probe);
            }
            return level.resize.isPresent() ? level.resize.get().forward(h.upsample(2)) : h;
        });
    }

    private Tensor middle(Tensor x, Tensor latent, Probe probe) {
        return x.tape().in(MIDDLE, () -> {
            int rows = x.dim(2);
            int columns = x.dim(3);
            Tensor normed = middleNorm.forward(x);
            probe.see(MIDDLE + ".norm", normed);
            Tensor h = middleIn.forward(Tokens.of(normed)); // (N, T, D)
            probe.see(MIDDLE + ".proj_in", h);
            Tensor context = Tokens.of(latent.silu().upsample(rows / latent.dim(2))); // (N, T, C)
            for (TokenBlock block : middle) {
                h = block.forward(h, context, rows, columns, probe); // (N, T, D)
            }
            h = middleOut.forward(h);
            probe.see(MIDDLE + ".proj_out", h);
            Tensor result = x.add(Tokens.image(h, rows, columns)); // (N, D, H/8, W/8)
            probe.see(MIDDLE, result);
            return result;
        });
    }
}
