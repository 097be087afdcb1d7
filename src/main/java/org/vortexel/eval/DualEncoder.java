package org.vortexel.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vortexel.data.Attribute;
import org.vortexel.nn.Init;
import org.vortexel.nn.LayerNorm;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.nn.TransformerBlock;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// Pictures and captions as directions in one space, such that a picture lies nearest to the caption
/// that tells it; and what a picture's attributes are.
///
/// ```
/// picture -> MobileNetV2, blocks 3, 6, 9 --+--> 36 tokens -> blocks -> mean --+--> direction
///         -> its pixels at 24 x 24 --------+                                  +--> style, tone, hair,
/// group, colour
///
/// caption -> MiniLM token states ------------> L tokens -> blocks -> mean -------> direction
/// ```
///
/// The two pretrained networks are frozen and not part of it. The 36 tokens of a picture are the places
/// of a 6 by 6 grid and keep their places by learnt positions, so that left and right can be told; the
/// mean comes last. Pixels are there because the network's later maps mind shapes more than colours.
///
/// Source of the idea: Radford et al. 2021, [arXiv:2103.00020](https://arxiv.org/abs/2103.00020);
/// frozen towers below trained ones: Zhai et al. 2021,
/// [arXiv:2111.07991](https://arxiv.org/abs/2111.07991).
public final class DualEncoder {
    private static final int SIDE = 96;
    private static final int GRID = 6;
    private static final int CELL = 4;

    /// Tokens of a picture, in rows of 6.
    public static final int PLACES = GRID * GRID;

    /// Numbers of each: block 3 (2 by 2 places of 32), blocks 6 and 9 (64 each), and 4 by 4 pixels.
    public static final int CHANNELS = 4 * 32 + 64 + 64 + 3 * CELL * CELL;

    private static final float EPS = 1e-5f;
    private static final float HIDDEN = -1e9f;
    private static final float LOG_SCALE = 2.66f; // a temperature of 0.07
    private static final float LARGEST_LOG_SCALE = 4.6f; // and of 0.01

    /// The sizes.
    ///
    /// @param size side in pixels at which pictures are looked at, a multiple of 8
    /// @param width of the tokens, a multiple of `heads`
    /// @param imageBlocks transformer blocks on the picture's tokens
    /// @param textBlocks transformer blocks on the caption's tokens
    /// @param heads of the attention
    /// @param ratio of an MLP's hidden width to `width`
    /// @param embedding numbers of a direction
    /// @param tokens of a caption that are read
    /// @param states numbers of a token state
    public record Config(
            int size,
            int width,
            int imageBlocks,
            int textBlocks,
            int heads,
            int ratio,
            int embedding,
            int tokens,
            int states) {
        private static final int MOST = 4096;

        public Config {
            for (int each : new int[] {size, width, heads, ratio, embedding, tokens, states}) {
                if (each < 1 || each > MOST) {
                    throw new IllegalArgumentException(
                            "the sizes of a dual encoder are from 1 to " + MOST + " but one is " + each);
                }
            }
            if (imageBlocks < 0 || textBlocks < 0 || imageBlocks > 64 || textBlocks > 64) {
                throw new IllegalArgumentException("a tower has from 0 to 64 blocks");
            }
            if (width % heads != 0 || size % 8 != 0) {
                throw new IllegalArgumentException(
                        "the width is a multiple of the heads, and the size of pictures one of 8, but they are " + width
                                + ", " + heads + " and " + size);
            }
        }
    }

    /// What is known of some pictures while a program is recorded.
    ///
    /// @param direction (N, E), of any length
    /// @param attributes logits (N, V) of every attribute
    public record Looked(Tensor direction, Map<Attribute, Tensor> attributes) {}

    private final Config config;
    private final Params params = new Params();
    private final MobileNetV2 frozen = MobileNetV2.of(new Params());
    private final Tower image;
    private final Tower text;
    private final Map<Attribute, Linear> heads = new LinkedHashMap<>();
    private final Parameter logScale;

    /// A network of the given sizes.
    ///
    /// @param values the values of every attribute that is told
    public DualEncoder(Config config, Map<Attribute, List<String>> values) {
        this.config = config;
        this.image = Tower.of(params.in("image"), CHANNELS, PLACES, config.imageBlocks(), config);
        this.text = Tower.of(params.in("text"), config.states(), config.tokens(), config.textBlocks(), config);
        new TreeMap<>(values)
                .forEach((attribute, all) -> heads.put(
                        attribute,
                        Linear.of(
                                params.in("heads").in(attribute.name().toLowerCase(Locale.ROOT)),
                                config.width(),
                                all.size())));
        this.logScale = params.declare("log_scale", Shape.of(1), Init.constant(LOG_SCALE));
    }

    /// The sizes.
    public Config config() {
        return config;
    }

    /// What is learnt; the frozen networks are not among it.
    public Params params() {
        return params;
    }

    /// One over the temperature, (1), between 1 and about 100.
    public Tensor scale(Tensor on) {
        return logScale.on(on).clamp(0, LARGEST_LOG_SCALE).exp();
    }

    /// What the frozen network sees of pictures, and pixels, place by place.
    ///
    /// @param pictures (N, 3, S, S) in [-1, 1]
    /// @return (N, T, C), T is [#PLACES] and C is [#CHANNELS]
    public Tensor see(Tensor pictures) {
        Tensor enlarged = Bilinear.BORDERS.resize(pictures, SIDE, SIDE); // (N, 3, 96, 96)
        MobileNetV2.Maps maps = frozen.forward(enlarged.mul(0.5f).add(0.5f));
        Tensor pixels = enlarged.averagePool(SIDE / (GRID * CELL), SIDE / (GRID * CELL)); // (N, 3, 24, 24)
        return Tensor.concat(
                2,
                rows(maps.block3().pixelUnshuffle(2)).layerNorm(EPS),
                rows(maps.block6()).layerNorm(EPS),
                rows(maps.block9()).layerNorm(EPS),
                rows(pixels.pixelUnshuffle(CELL)));
    }

    /// (N, C, 6, 6) to (N, 36, C).
    private static Tensor rows(Tensor map) {
        return map.reshape(map.dim(0), map.dim(1), -1).transpose(1, 2);
    }

    /// Looks at what was seen of pictures.
    ///
    /// @param tokens (N, T, C), from [#see]
    public Looked look(Tensor tokens) {
        Tensor pooled = image.forward(tokens, null); // (N, D)
        Map<Attribute, Tensor> logits = new LinkedHashMap<>();
        heads.forEach((attribute, head) -> logits.put(attribute, head.forward(pooled))); // (N, V)
        return new Looked(image.project().forward(pooled), logits);
    }

    /// Reads captions.
    ///
    /// @param states (N, L, S) token states
    /// @param present (N, L), 1 for tokens and 0 for padding
    /// @return (N, E) directions, of any length
    public Tensor read(Tensor states, Tensor present) {
        return text.project().forward(text.forward(states, present));
    }

    /// From tokens to one vector.
    ///
    /// @param enter I to D
    /// @param positions (T, D)
    /// @param blocks on the tokens
    /// @param norm after them
    /// @param project D to E
    private record Tower(
            Linear enter, Parameter positions, List<TransformerBlock> blocks, LayerNorm norm, Linear project) {
        static Tower of(Params params, int in, int tokens, int depth, Config config) {
            int width = config.width();
            Linear enter = Linear.of(params.in("enter"), in, width);
            Parameter positions = params.declare("positions", Shape.of(tokens, width), Init.normal(0.02f));
            List<TransformerBlock> blocks = new ArrayList<>();
            for (int i = 0; i < depth; i++) {
                blocks.add(TransformerBlock.of(
                        params.in("blocks").in(Integer.toString(i)), width, config.heads(), config.ratio()));
            }
            return new Tower(
                    enter,
                    positions,
                    List.copyOf(blocks),
                    LayerNorm.of(params.in("norm"), width, EPS),
                    Linear.of(params.in("project"), width, config.embedding()));
        }

        /// (N, T, I) to (N, D).
        Tensor forward(Tensor tokens, @Nullable Tensor present) {
            Tensor mask = present == null
                    ? null
                    : present.add(-1f).mul(-HIDDEN).reshape(present.dim(0), 1, 1, present.dim(1));
            Tensor x = enter.forward(tokens).add(positions.on(tokens)); // (N, T, D)
            for (TransformerBlock block : blocks) {
                x = block.forward(x, mask); // (N, T, D)
            }
            Tensor normed = norm.forward(x); // (N, T, D)
            if (present == null) {
                return normed.mean(false, 1); // (N, D)
            }
            Tensor share = present.div(present.sum(true, 1)).reshape(present.dim(0), present.dim(1), 1);
            return normed.mul(share).sum(false, 1); // (N, D)
        }
    }
}
