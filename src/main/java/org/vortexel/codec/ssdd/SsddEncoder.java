package org.vortexel.codec.ssdd;

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

/// The encoder of SSDD, shared by decoders of all sizes: pictures (N, 3, H, W) in [-1, 1] to normal
/// distributions over latents (N, c, H/f, W/f).
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961); the network is that of
/// Esser et al. 2021, [arXiv:2012.09841](https://arxiv.org/abs/2012.09841), without attention in its levels.
/// Parameter names are those under the prefix `encoder.` in the checkpoints of facebookresearch/SSDD.
public final class SsddEncoder {
    private static final float EPS = 1e-6f;
    private static final int GROUPS = 32;
    private static final int BLOCKS = 2;

    /// The sizes of an encoder.
    ///
    /// @param latentChannels c
    /// @param base channels of the first level, a multiple of 32
    /// @param multipliers of the channels of each level; each level but the last halves the picture
    public record Config(int latentChannels, int base, List<Integer> multipliers) {
        /// Checks the sizes.
        ///
        /// @throws IllegalArgumentException when one does not fit
        public Config {
            multipliers = List.copyOf(multipliers);
            boolean whole =
                    base > 0 && base % GROUPS == 0 && multipliers.stream().allMatch(m -> m > 0);
            if (latentChannels < 1 || multipliers.isEmpty() || !whole) {
                throw new IllegalArgumentException("an SSDD encoder wants positive sizes and a base of a multiple of "
                        + GROUPS + " channels but got " + base + " and " + multipliers);
            }
        }

        /// The published encoder for latents of `c` channels and compression `f`, a power of two from 8.
        public static Config published(int c, int f) {
            List<Integer> multipliers = new ArrayList<>(List.of(1, 2));
            for (int factor = 2; factor < f; factor *= 2) {
                multipliers.add(4);
            }
            return new Config(c, 128, multipliers);
        }

        /// f, pixels of the picture per pixel of the latent along a side.
        public int compression() {
            return 1 << (multipliers.size() - 1);
        }
    }

    private record Level(String name, List<ResNetBlock> blocks, Optional<Conv> downsample) {}

    private final Config config;
    private final Params params;
    private final Conv convIn;
    private final List<Level> levels = new ArrayList<>();
    private final ResNetBlock middle1;
    private final PixelAttention attention;
    private final ResNetBlock middle2;
    private final GroupNorm normOut;
    private final Conv convOut;
    private final Conv project;

    /// An encoder with its parameters at the top of the name space.
    public SsddEncoder(Config config) {
        this(config, new Params());
    }

    /// An encoder that declares its parameters in `params`.
    public SsddEncoder(Config config, Params params) {
        this.config = config;
        this.params = params;
        Init init = Init.normal(0.02f);
        int channels = config.base();
        convIn = Conv.of(params.in("conv_in"), 3, channels, 3, init);
        for (int i = 0; i < config.multipliers().size(); i++) {
            Params here = params.in("down." + i);
            int out = config.base() * config.multipliers().get(i);
            List<ResNetBlock> blocks = new ArrayList<>();
            for (int j = 0; j < BLOCKS; j++) {
                blocks.add(ResNetBlock.of(here.in("block." + j), channels, out, GROUPS, "nin_shortcut"));
                channels = out;
            }
            boolean last = i == config.multipliers().size() - 1;
            Conv2d halve = new Conv2d(2, 0, 1, 0, 1, 1);
            levels.add(new Level(
                    "down." + i,
                    blocks,
                    last
                            ? Optional.empty()
                            : Optional.of(Conv.of(here.in("downsample.conv"), out, out, 3, halve, init))));
        }
        middle1 = ResNetBlock.of(params.in("mid.block_1"), channels, channels, GROUPS, "nin_shortcut");
        attention = PixelAttention.of(params.in("mid.attn_1"), channels, GROUPS, PixelAttention.Names.LDM);
        middle2 = ResNetBlock.of(params.in("mid.block_2"), channels, channels, GROUPS, "nin_shortcut");
        normOut = GroupNorm.of(params.in("norm_out"), channels, GROUPS, EPS);
        convOut = Conv.of(params.in("conv_out"), channels, 2 * config.latentChannels(), 3, init);
        project = Conv.of(params.in("out_proj"), 2 * config.latentChannels(), 2 * config.latentChannels(), 1, init);
    }

    /// The sizes.
    public Config config() {
        return config;
    }

    /// Names, shapes and initial values of what it learns.
    public Params params() {
        return params;
    }

    /// Records the network on `x`'s tape.
    public Gaussian forward(Tensor x) {
        return Gaussian.of(moments(x, Probe.NONE));
    }

    /// Records the network up to the 2 c channels of means and logarithms of variances, letting `probe` see the
    /// outputs of its layers under their names in files.
    ///
    /// @throws IllegalArgumentException when `x` is not (N, 3, H, W) with H and W multiples of f
    public Tensor moments(Tensor x, Probe probe) {
        int f = config.compression();
        if (x.shape().rank() != 4 || x.dim(1) != 3 || x.dim(2) % f != 0 || x.dim(3) % f != 0) {
            throw new IllegalArgumentException(
                    "SsddEncoder: expected x (N, 3, H, W), H and W multiples of " + f + ", but got " + x.shape());
        }
        return x.tape().in("encoder", () -> {
            Tensor h = seen(probe, "conv_in", convIn.forward(x));
            for (Level level : levels) {
                for (int j = 0; j < level.blocks.size(); j++) {
                    h = seen(
                            probe,
                            level.name + ".block." + j,
                            level.blocks.get(j).forward(h));
                }
                if (level.downsample.isPresent()) {
                    h = seen(
                            probe,
                            level.name + ".downsample",
                            level.downsample.get().forward(h));
                }
            }
            h = seen(probe, "mid.block_1", middle1.forward(h));
            h = seen(probe, "mid.attn_1", attention.forward(h));
            h = seen(probe, "mid.block_2", middle2.forward(h));
            h = seen(probe, "norm_out", normOut.forward(h));
            h = seen(probe, "conv_out", convOut.forward(h.silu()));
            return seen(probe, "out_proj", project.forward(h)); // (N, 2 c, h, w)
        });
    }

    private static Tensor seen(Probe probe, String name, Tensor tensor) {
        probe.see(name, tensor);
        return tensor;
    }
}
