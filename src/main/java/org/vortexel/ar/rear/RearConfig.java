package org.vortexel.ar.rear;

/// The sizes of a [RearGpt].
///
/// @param vocabulary how many tokens, K
/// @param tokens of a picture, T
/// @param classes labels; label `classes` is the null class
/// @param width D
/// @param depth blocks
/// @param heads attention heads
/// @param hidden width inside the feed-forward layers
public record RearConfig(int vocabulary, int tokens, int classes, int width, int depth, int heads, int hidden) {
    private static final int CODES = 1024;

    /// Checks the sizes.
    ///
    /// @throws IllegalArgumentException when one does not fit
    public RearConfig {
        if (vocabulary < 1
                || tokens < 2
                || classes < 0
                || depth < 1
                || heads < 1
                || hidden < 1
                || width < 1
                || width % heads != 0) {
            throw new IllegalArgumentException(
                    "reAR wants positive sizes and a width in multiples of its " + heads + " heads but got " + width);
        }
    }

    /// reAR-S: 20 blocks of 768.
    public static RearConfig s() {
        return new RearConfig(CODES, 256, 1000, 768, 20, 16, 3072);
    }

    /// reAR-B: 24 blocks of 768.
    public static RearConfig b() {
        return new RearConfig(CODES, 256, 1000, 768, 24, 16, 3072);
    }

    /// reAR-L: 24 blocks of 1024.
    public static RearConfig l() {
        return new RearConfig(CODES, 256, 1000, 1024, 24, 16, 4096);
    }
}
