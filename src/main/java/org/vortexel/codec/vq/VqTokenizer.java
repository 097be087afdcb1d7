package org.vortexel.codec.vq;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vortexel.checkpoint.WeightSource;
import org.vortexel.codec.PixelAttention;
import org.vortexel.codec.ResNetBlock;
import org.vortexel.nn.Conv;
import org.vortexel.nn.GroupNorm;
import org.vortexel.nn.Init;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;
import org.vortexel.program.Weights;

/// LlamaGen's tokenizer: pictures (N, 3, H, W) in [-1, 1] to grids of ids (N, H/f, W/f), and ids back to pictures.
///
/// Source: Sun et al. 2024, [arXiv:2406.06525](https://arxiv.org/abs/2406.06525), section 2.1; parameter names and
/// layers are those of `VQModel` in FoundationVision/LlamaGen.
public final class VqTokenizer {
    private static final float EPS = 1e-6f;
    private static final String USAGE = "quantize.codebook_used";

    /// Residual blocks, each with attention after it at the coarsest level, then a change of size.
    private record Level(
            String name,
            List<ResNetBlock> blocks,
            List<PixelAttention> attention,
            String resizeName,
            Optional<Conv> resize) {
        Tensor forward(Tensor x, int factor, Probe probe) {
            Tensor h = x;
            for (int i = 0; i < blocks.size(); i++) {
                h = blocks.get(i).forward(h);
                probe.see(name + ".res." + i, h);
                if (!attention.isEmpty()) {
                    h = attention.get(i).forward(h);
                    probe.see(name + ".attn." + i, h);
                }
            }
            if (resize.isPresent()) {
                h = resize.get().forward(factor == 1 ? h : h.upsample(factor));
                probe.see(name + "." + resizeName, h);
            }
            return h;
        }
    }

    /// Two residual blocks with attention between them.
    private record Middle(String name, ResNetBlock first, PixelAttention attention, ResNetBlock second) {
        static Middle of(Params params, String name, int channels, int groups) {
            return new Middle(
                    name,
                    block(params.in(name + ".0"), channels, channels, groups),
                    PixelAttention.of(params.in(name + ".1"), channels, groups, PixelAttention.Names.LDM),
                    block(params.in(name + ".2"), channels, channels, groups));
        }

        Tensor forward(Tensor x, Probe probe) {
            Tensor h = first.forward(x);
            probe.see(name + ".0", h);
            h = attention.forward(h);
            probe.see(name + ".1", h);
            h = second.forward(h);
            probe.see(name + ".2", h);
            return h;
        }
    }

    private final VqConfig config;
    private final Params params = new Params();
    private final Conv encoderIn;
    private final List<Level> down = new ArrayList<>();
    private final Middle encoderMiddle;
    private final GroupNorm encoderNorm;
    private final Conv encoderOut;
    private final Conv toCode;
    private final VectorQuantizer quantizer;
    private final Conv fromCode;
    private final Conv decoderIn;
    private final Middle decoderMiddle;
    private final List<Level> up = new ArrayList<>();
    private final GroupNorm decoderNorm;
    private final Conv decoderOut;

    /// A tokenizer of the given sizes; it has names and shapes, no numbers.
    public VqTokenizer(VqConfig config) {
        this.config = config;
        Init init = Init.xavier();
        int groups = config.groups();
        int levels = config.encoderMultipliers().size();

        Params encoder = params.in("encoder");
        int in = config.channels();
        encoderIn = Conv.of(encoder.in("conv_in"), 3, in, 3, init);
        for (int i = 0; i < levels; i++) {
            int out = config.channels() * config.encoderMultipliers().get(i);
            boolean last = i == levels - 1;
            Conv2d halve = new Conv2d(2, 0, 1, 0, 1, 1);
            down.add(level(
                    "encoder.conv_blocks." + i, in, out, config.encoderBlocks(), last, "downsample", halve, last));
            in = out;
        }
        encoderMiddle = Middle.of(params, "encoder.mid", in, groups);
        encoderNorm = GroupNorm.of(encoder.in("norm_out"), in, groups, EPS);
        encoderOut = Conv.of(encoder.in("conv_out"), in, config.latentChannels(), 3, init);
        toCode = Conv.of(params.in("quant_conv"), config.latentChannels(), config.codeWidth(), 1, init);
        quantizer = VectorQuantizer.of(params.in("quantize"), config);
        fromCode = Conv.of(params.in("post_quant_conv"), config.codeWidth(), config.latentChannels(), 1, init);

        Params decoder = params.in("decoder");
        in = config.channels() * config.decoderMultipliers().getLast();
        decoderIn = Conv.of(decoder.in("conv_in"), config.latentChannels(), in, 3, init);
        decoderMiddle = Middle.of(params, "decoder.mid", in, groups);
        for (int i = 0; i < levels; i++) {
            int out = config.channels() * config.decoderMultipliers().get(levels - 1 - i);
            boolean last = i == levels - 1;
            up.add(level(
                    "decoder.conv_blocks." + i,
                    in,
                    out,
                    config.decoderBlocks(),
                    i == 0,
                    "upsample",
                    Conv2d.padded(1),
                    last));
            in = out;
        }
        decoderNorm = GroupNorm.of(decoder.in("norm_out"), in, groups, EPS);
        decoderOut = Conv.of(decoder.in("conv_out"), in, 3, 3, init);
    }

    private Level level(
            String name, int in, int out, int count, boolean attends, String resize, Conv2d how, boolean last) {
        Params here = params.in(name);
        List<ResNetBlock> blocks = new ArrayList<>();
        List<PixelAttention> attention = new ArrayList<>();
        for (int j = 0; j < count; j++) {
            blocks.add(block(here.in("res." + j), j == 0 ? in : out, out, config.groups()));
            if (attends) {
                attention.add(PixelAttention.of(here.in("attn." + j), out, config.groups(), PixelAttention.Names.LDM));
            }
        }
        Optional<Conv> conv = last
                ? Optional.empty()
                : Optional.of(Conv.of(here.in(resize + ".conv"), out, out, 3, how, Init.xavier()));
        return new Level(name, blocks, attention, resize, conv);
    }

    private static ResNetBlock block(Params params, int in, int out, int groups) {
        return ResNetBlock.of(params, in, out, groups, "nin_shortcut");
    }

    /// The sizes.
    public VqConfig config() {
        return config;
    }

    /// Names, shapes and initial values of what it learns.
    public Params params() {
        return params;
    }

    /// The codes and how the nearest is found.
    public VectorQuantizer quantizer() {
        return quantizer;
    }

    /// The weights of a file with the keys of the public checkpoints.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when a name is missing or left over, or a shape differs
    public Weights weights(WeightSource file) {
        return file.renamed(name -> name.equals(USAGE) ? "" : name).exactly(params.shapes());
    }

    /// Records the encoder: (N, 3, H, W) to vectors before they are quantised, (N, d, H/f, W/f).
    ///
    /// @throws IllegalArgumentException when `x` is not (N, 3, H, W) with H and W multiples of f
    public Tensor vectors(Tensor x, Probe probe) {
        int f = config.compression();
        if (x.shape().rank() != 4 || x.dim(1) != 3 || x.dim(2) % f != 0 || x.dim(3) % f != 0) {
            throw new IllegalArgumentException(
                    "VqTokenizer: expected x (N, 3, H, W), H and W multiples of " + f + ", but got " + x.shape());
        }
        return x.tape().in("encoder", () -> {
            Tensor h = encoderIn.forward(x);
            probe.see("encoder.conv_in", h);
            for (Level level : down) {
                h = level.forward(h, 1, probe);
            }
            h = encoderMiddle.forward(h, probe);
            h = encoderOut.forward(encoderNorm.forward(h).silu());
            probe.see("encoder.conv_out", h);
            h = toCode.forward(h);
            probe.see("quant_conv", h);
            return h; // (N, d, H/f, W/f)
        });
    }

    /// Records the encoder and the quantiser: (N, 3, H, W) to ids (N, H/f, W/f) and their codes.
    public VectorQuantizer.Quantized encode(Tensor x) {
        return encode(x, Probe.NONE);
    }

    /// Records the encoder and the quantiser, letting `probe` see the outputs of its blocks under their names in
    /// files.
    ///
    /// @throws IllegalArgumentException when `x` is not (N, 3, H, W) with H and W multiples of f
    public VectorQuantizer.Quantized encode(Tensor x, Probe probe) {
        return quantizer.forward(vectors(x, probe));
    }

    /// Records the decoder on ids (N, h, w): pictures (N, 3, f h, f w), about [-1, 1].
    public Tensor decodeIds(Tensor ids) {
        return decode(quantizer.lookUp(ids));
    }

    /// Records the decoder: (N, d, h, w) to (N, 3, f h, f w), about [-1, 1].
    public Tensor decode(Tensor latent) {
        return decode(latent, Probe.NONE);
    }

    /// Records the decoder, letting `probe` see the outputs of its blocks under their names in files.
    ///
    /// @throws IllegalArgumentException when `latent` is not (N, d, h, w)
    public Tensor decode(Tensor latent, Probe probe) {
        if (latent.shape().rank() != 4 || latent.dim(1) != config.codeWidth()) {
            throw new IllegalArgumentException(
                    "VqTokenizer: expected a latent (N, " + config.codeWidth() + ", h, w) but got " + latent.shape());
        }
        return latent.tape().in("decoder", () -> {
            Tensor h = fromCode.forward(latent);
            probe.see("post_quant_conv", h);
            h = decoderIn.forward(h);
            probe.see("decoder.conv_in", h);
            h = decoderMiddle.forward(h, probe);
            for (Level level : up) {
                h = level.forward(h, 2, probe);
            }
            return decoderOut.forward(decoderNorm.forward(h).silu()); // (N, 3, f h, f w)
        });
    }
}
