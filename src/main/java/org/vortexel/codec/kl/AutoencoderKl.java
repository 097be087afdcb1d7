package org.vortexel.codec.kl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vortexel.codec.Gaussian;
import org.vortexel.codec.PixelAttention;
import org.vortexel.codec.ResNetBlock;
import org.vortexel.nn.Conv;
import org.vortexel.nn.GroupNorm;
import org.vortexel.nn.Init;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;

/// The autoencoder of latent diffusion: pictures (N, 3, H, W) in [-1, 1] to normal distributions over latents
/// (N, c, H/f, W/f), and latents back to pictures, in one deterministic pass.
///
/// Latents are given as they are; models scale them by a number of their own (Stable Diffusion 1 by 0.18215).
///
/// Source: Rombach et al. 2022, [arXiv:2112.10752](https://arxiv.org/abs/2112.10752); parameter names are those of
/// `AutoencoderKL` in huggingface/diffusers.
public final class AutoencoderKl {
    private static final float EPS = 1e-6f;

    /// The blocks of one level, then a change of size.
    private record Level(String name, List<ResNetBlock> blocks, Optional<Conv> resize) {}

    /// Two residual blocks with attention between them.
    private record Middle(String name, ResNetBlock first, PixelAttention attention, ResNetBlock second) {
        static Middle of(Params params, String name, int channels, int groups) {
            Params here = params.in(name);
            return new Middle(
                    name,
                    ResNetBlock.of(here.in("resnets.0"), channels, channels, groups, "conv_shortcut"),
                    PixelAttention.of(here.in("attentions.0"), channels, groups, PixelAttention.Names.DIFFUSERS),
                    ResNetBlock.of(here.in("resnets.1"), channels, channels, groups, "conv_shortcut"));
        }

        Tensor forward(Tensor x, Probe probe) {
            Tensor h = attention.forward(first.forward(x));
            probe.see(name + ".attentions.0", h);
            h = second.forward(h);
            probe.see(name, h);
            return h;
        }
    }

    private final KlConfig config;
    private final Params params;
    private final Conv encoderIn;
    private final List<Level> down = new ArrayList<>();
    private final Middle encoderMiddle;
    private final GroupNorm encoderNorm;
    private final Conv encoderOut;
    private final Optional<Conv> quant;
    private final Optional<Conv> postQuant;
    private final Conv decoderIn;
    private final Middle decoderMiddle;
    private final List<Level> up = new ArrayList<>();
    private final GroupNorm decoderNorm;
    private final Conv decoderOut;

    /// An autoencoder of the given sizes; it has names and shapes, no numbers.
    public AutoencoderKl(KlConfig config) {
        this(config, new Params());
    }

    /// An autoencoder that declares its parameters in `params`.
    public AutoencoderKl(KlConfig config, Params params) {
        this.config = config;
        this.params = params;
        Init init = Init.xavier();
        int groups = config.groups();
        int levels = config.channels().size();
        int coarsest = config.channels().getLast();
        int moments = 2 * config.latentChannels();

        Params encoder = params.in("encoder");
        int in = config.channels().getFirst();
        encoderIn = Conv.of(encoder.in("conv_in"), 3, in, 3, init);
        for (int i = 0; i < levels; i++) {
            String name = "encoder.down_blocks." + i;
            int out = config.channels().get(i);
            Conv2d halve = new Conv2d(2, 0, 1, 0, 1, 1);
            down.add(new Level(
                    name,
                    blocks(params.in(name), in, out, config.blocks(), groups),
                    i == levels - 1
                            ? Optional.empty()
                            : Optional.of(
                                    Conv.of(params.in(name + ".downsamplers.0.conv"), out, out, 3, halve, init))));
            in = out;
        }
        encoderMiddle = Middle.of(params, "encoder.mid_block", coarsest, groups);
        encoderNorm = GroupNorm.of(encoder.in("conv_norm_out"), coarsest, groups, EPS);
        encoderOut = Conv.of(encoder.in("conv_out"), coarsest, moments, 3, init);
        quant = config.quantConvolutions()
                ? Optional.of(Conv.of(params.in("quant_conv"), moments, moments, 1, init))
                : Optional.empty();
        postQuant = config.quantConvolutions()
                ? Optional.of(Conv.of(
                        params.in("post_quant_conv"), config.latentChannels(), config.latentChannels(), 1, init))
                : Optional.empty();

        Params decoder = params.in("decoder");
        decoderIn = Conv.of(decoder.in("conv_in"), config.latentChannels(), coarsest, 3, init);
        decoderMiddle = Middle.of(params, "decoder.mid_block", coarsest, groups);
        in = coarsest;
        for (int i = 0; i < levels; i++) {
            String name = "decoder.up_blocks." + i;
            int out = config.channels().get(levels - 1 - i);
            up.add(new Level(
                    name,
                    blocks(params.in(name), in, out, config.blocks() + 1, groups),
                    i == levels - 1
                            ? Optional.empty()
                            : Optional.of(Conv.of(params.in(name + ".upsamplers.0.conv"), out, out, 3, init))));
            in = out;
        }
        decoderNorm = GroupNorm.of(decoder.in("conv_norm_out"), in, groups, EPS);
        decoderOut = Conv.of(decoder.in("conv_out"), in, 3, 3, init);
    }

    private static List<ResNetBlock> blocks(Params params, int in, int out, int count, int groups) {
        List<ResNetBlock> blocks = new ArrayList<>();
        for (int j = 0; j < count; j++) {
            blocks.add(ResNetBlock.of(params.in("resnets." + j), j == 0 ? in : out, out, groups, "conv_shortcut"));
        }
        return blocks;
    }

    /// The sizes.
    public KlConfig config() {
        return config;
    }

    /// Names, shapes and initial values of what it learns.
    public Params params() {
        return params;
    }

    /// Records the encoder: (N, 3, H, W) to a distribution over (N, c, H/f, W/f).
    public Gaussian encode(Tensor x) {
        return Gaussian.of(moments(x, Probe.NONE));
    }

    /// Records the encoder up to the 2 c channels of means and logarithms of variances, letting `probe` see the
    /// outputs of its blocks under their names in files.
    ///
    /// @throws IllegalArgumentException when `x` is not (N, 3, H, W) with H and W multiples of f
    public Tensor moments(Tensor x, Probe probe) {
        int f = config.compression();
        if (x.shape().rank() != 4 || x.dim(1) != 3 || x.dim(2) % f != 0 || x.dim(3) % f != 0) {
            throw new IllegalArgumentException(
                    "AutoencoderKl: expected x (N, 3, H, W), H and W multiples of " + f + ", but got " + x.shape());
        }
        return x.tape().in("encoder", () -> {
            Tensor h = encoderIn.forward(x);
            probe.see("encoder.conv_in", h);
            for (Level level : down) {
                for (ResNetBlock block : level.blocks) {
                    h = block.forward(h);
                }
                h = level.resize.isPresent() ? level.resize.get().forward(h) : h;
                probe.see(level.name, h);
            }
            h = encoderMiddle.forward(h, probe);
            h = encoderOut.forward(encoderNorm.forward(h).silu());
            probe.see("encoder", h);
            return quant.isPresent() ? quant.get().forward(h) : h; // (N, 2 c, H/f, W/f)
        });
    }

    /// Records the decoder: (N, c, h, w) to (N, 3, f h, f w), about [-1, 1].
    public Tensor decode(Tensor z) {
        return decode(z, Probe.NONE);
    }

    /// Records the decoder, letting `probe` see the outputs of its blocks under their names in files.
    ///
    /// @throws IllegalArgumentException when `z` is not (N, c, h, w)
    public Tensor decode(Tensor z, Probe probe) {
        if (z.shape().rank() != 4 || z.dim(1) != config.latentChannels()) {
            throw new IllegalArgumentException(
                    "AutoencoderKl: expected z (N, " + config.latentChannels() + ", h, w) but got " + z.shape());
        }
        return z.tape().in("decoder", () -> {
            Tensor h = decoderIn.forward(postQuant.isPresent() ? postQuant.get().forward(z) : z);
            probe.see("decoder.conv_in", h);
            h = decoderMiddle.forward(h, probe);
            for (Level level : up) {
                for (ResNetBlock block : level.blocks) {
                    h = block.forward(h);
                }
                h = level.resize.isPresent() ? level.resize.get().forward(h.upsample(2)) : h;
                probe.see(level.name, h);
            }
            return decoderOut.forward(decoderNorm.forward(h).silu()); // (N, 3, f h, f w)
        });
    }
}
