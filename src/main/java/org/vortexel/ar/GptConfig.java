package org.vortexel.ar;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// The sizes of a [Gpt].
///
/// @param vocabulary how many tokens there are, V
/// @param grid tokens of a picture along a side; a picture has T = grid² of them
/// @param width D
/// @param depth blocks
/// @param heads heads of queries
/// @param keyHeads heads of keys and values, a divisor of `heads`
/// @param hidden width inside the feed-forward layers
/// @param ropeBase base of the rotary frequencies
/// @param normEps added to mean squares
/// @param prefix what the tokens follow
/// @param prefixRope how queries and keys of the prefix are turned
public record GptConfig(
        int vocabulary,
        int grid,
        int width,
        int depth,
        int heads,
        int keyHeads,
        int hidden,
        double ropeBase,
        float normEps,
        Prefix prefix,
        PrefixRope prefixRope) {
    /// What the tokens of a picture follow.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Classes.class, name = "classes"),
        @JsonSubTypes.Type(value = Captions.class, name = "captions")
    })
    public sealed interface Prefix permits Classes, Captions {
        /// How many positions it takes, P.
        int length();
    }

    /// A class label.
    ///
    /// @param count how many classes; label `count` is the null class
    public record Classes(int count) implements Prefix {
        @Override
        public int length() {
            return 1;
        }
    }

    /// A caption, as another network encoded it.
    ///
    /// @param length its token states, P
    /// @param width numbers of a state
    public record Captions(int length, int width) implements Prefix {}

    /// The rotary embedding of the prefix, which has no place on the grid.
    public enum PrefixRope {
        /// Cosines and sines of 0, as in the published code and checkpoints: queries and keys become 0,
        /// every key of the prefix scores 0.
        ZERO,
        /// Not turned.
        IDENTITY
    }

    private static final double BASE = 10000;
    private static final float EPS = 1e-5f;
    private static final int CODES = 16384;
    private static final int IMAGENET = 1000;

    /// Checks the sizes.
    ///
    /// @throws IllegalArgumentException when one does not fit
    public GptConfig {
        if (vocabulary < 1
                || grid < 1
                || depth < 1
                || heads < 1
                || keyHeads < 1
                || hidden < 1
                || prefix.length() < 1
                || heads % keyHeads != 0
                || width % (4 * heads) != 0) {
            throw new IllegalArgumentException("a GPT wants positive sizes, heads in multiples of " + keyHeads
                    + " heads of keys and a width in multiples of 4 times " + heads + " heads but got " + width);
        }
    }

    /// A model of the family: as many heads of keys as of queries, hidden width `2/3 * 4 D` in multiples of
    /// 256, a label.
    public static GptConfig of(int width, int depth, int heads) {
        return new GptConfig(
                CODES,
                16,
                width,
                depth,
                heads,
                heads,
                hidden(width, 256),
                BASE,
                EPS,
                new Classes(IMAGENET),
                PrefixRope.ZERO);
    }

    /// GPT-B, 111 million parameters.
    public static GptConfig b() {
        return of(768, 12, 12);
    }

    /// GPT-L, 343 million parameters.
    public static GptConfig l() {
        return of(1024, 24, 16);
    }

    /// GPT-XL, 775 million parameters.
    public static GptConfig xl() {
        return of(1280, 36, 20);
    }

    /// GPT-XXL, 1.4 billion parameters.
    public static GptConfig xxl() {
        return of(1536, 48, 24);
    }

    /// GPT-XXXL, 3.9 billion parameters.
    public static GptConfig xxxl() {
        return of(2560, 48, 40);
    }

    /// GPT-1B, 1.2 billion parameters.
    public static GptConfig b1() {
        return of(2048, 22, 32);
    }

    /// GPT-3B, 3.1 billion parameters.
    public static GptConfig b3() {
        return of(3200, 24, 32);
    }

    /// GPT-7B, 6.6 billion parameters.
    public static GptConfig b7() {
        return of(4096, 32, 32);
    }

    /// The hidden width of a feed-forward layer: `2/3 * 4 width`, rounded up to a multiple.
    public static int hidden(int width, int multiple) {
        return Math.ceilDiv(2 * (4 * width) / 3, multiple) * multiple;
    }

    /// The same sizes with another vocabulary.
    public GptConfig withVocabulary(int other) {
        return new GptConfig(other, grid, width, depth, heads, keyHeads, hidden, ropeBase, normEps, prefix, prefixRope);
    }

    /// The same sizes on another grid.
    public GptConfig withGrid(int other) {
        return new GptConfig(
                vocabulary, other, width, depth, heads, keyHeads, hidden, ropeBase, normEps, prefix, prefixRope);
    }

    /// The same sizes after another prefix.
    public GptConfig withPrefix(Prefix other) {
        return new GptConfig(
                vocabulary, grid, width, depth, heads, keyHeads, hidden, ropeBase, normEps, other, prefixRope);
    }

    /// Tokens of a picture, T.
    public int tokens() {
        return grid * grid;
    }

    /// Numbers of a head.
    public int headWidth() {
        return width / heads;
    }
}
