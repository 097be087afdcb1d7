package org.vortexel.dit;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// The sizes of a diffusion transformer.
///
/// @param size height and width of the picture or latent, a multiple of `patch`
/// @param channels C of the picture or latent
/// @param patch side of a patch; (size / patch)² tokens
/// @param width D, a multiple of 4 and of `heads`
/// @param depth number of blocks
/// @param heads attention heads
/// @param mlpRatio hidden width of the MLP over D
/// @param learnSigma whether 2C channels come out, the second half for the variance
/// @param learnedPositions whether the position table is trained; otherwise it is the fixed sin-cos table
/// @param condition what pictures are asked for with
public record DitConfig(
        int size,
        int channels,
        int patch,
        int width,
        int depth,
        int heads,
        float mlpRatio,
        boolean learnSigma,
        boolean learnedPositions,
        Condition condition) {
    private static final int MOST = 16384;
    private static final int DEEPEST = 1024;

    /// What a picture is asked for with.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Classes.class, name = "classes"),
        @JsonSubTypes.Type(value = Text.class, name = "text")
    })
    public sealed interface Condition permits Classes, Text {}

    /// One of `count` labels; label `count` is the null class of guidance.
    ///
    /// @param count number of classes
    public record Classes(int count) implements Condition {}

    /// Token states of a text encoder.
    ///
    /// @param states S, the width of the states
    /// @param tokens L, how many states a caption has, padding included
    /// @param queries learnt queries that pool the states into one vector
    /// @param crossEvery blocks `0, crossEvery, 2 crossEvery …` attend to the states; 0 for none
    /// @param canvas hidden width of the caption canvas, 0 for none; see [CaptionCanvas]
    public record Text(int states, int tokens, int queries, int crossEvery, int canvas) implements Condition {
        public Text {
            if (states < 1 || tokens < 1 || queries < 1 || crossEvery < 0 || canvas < 0) {
                throw new IllegalArgumentException("a text condition wants positive sizes");
            }
        }
    }

    public DitConfig {
        if (size < 1 || channels < 1 || patch < 1 || width < 1 || depth < 1 || heads < 1 || !(mlpRatio > 0)) {
            throw new IllegalArgumentException("every size of a Dit must be positive");
        }
        if (size > MOST || channels > MOST || width > MOST || depth > DEEPEST || mlpRatio > MOST) {
            throw new IllegalArgumentException(
                    "no size of a Dit may be more than " + MOST + ", and no depth more than " + DEEPEST);
        }
        if (size % patch != 0) {
            throw new IllegalArgumentException("size " + size + " is not a multiple of patch " + patch);
        }
        if (width % heads != 0 || width % 4 != 0) {
            throw new IllegalArgumentException("width " + width + " must be a multiple of 4 and of heads " + heads);
        }
    }

    /// DiT-S with patches of `patch`, for 32x32x4 latents and 1000 classes.
    public static DitConfig small(int patch) {
        return imageNet(patch, 384, 12, 6);
    }

    /// DiT-B with patches of `patch`.
    public static DitConfig base(int patch) {
        return imageNet(patch, 768, 12, 12);
    }

    /// DiT-L with patches of `patch`.
    public static DitConfig large(int patch) {
        return imageNet(patch, 1024, 24, 16);
    }

    /// DiT-XL with patches of `patch`: 675 million trained parameters.
    public static DitConfig extraLarge(int patch) {
        return imageNet(patch, 1152, 28, 16);
    }

    private static DitConfig imageNet(int patch, int width, int depth, int heads) {
        return new DitConfig(32, 4, patch, width, depth, heads, 4, true, false, new Classes(1000));
    }

    /// Patches along one side.
    public int grid() {
        return size / patch;
    }

    /// T, the number of image tokens.
    public int tokens() {
        return grid() * grid();
    }

    /// Channels that come out: C, or 2C with a learnt variance.
    public int outChannels() {
        return learnSigma ? 2 * channels : channels;
    }

    /// The hidden width of the MLP.
    public int hidden() {
        return Math.round(width * mlpRatio);
    }
}
