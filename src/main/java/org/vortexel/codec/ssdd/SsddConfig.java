package org.vortexel.codec.ssdd;

import java.util.List;

/// The sizes of a decoder.
///
/// | preset     | channels           | layers | heads | parameters with 4 latent channels |
/// |------------|--------------------|--------|-------|-----------------------------------|
/// | extraSmall | 32, 64, 96, 96     | 8      | 4     | 5.0 million                       |
/// | small      | 64, 96, 160, 160   | 8      | 4     | 14.1 million                      |
/// | base       | 64, 128, 192, 192  | 10     | 4     | 21.1 million                      |
/// | medium     | 96, 192, 288, 288  | 12     | 4     | 50.3 million                      |
/// | large      | 96, 192, 384, 384  | 16     | 6     | 90.8 million                      |
/// | extraLarge | 128, 256, 512, 512 | 16     | 8     | 161.3 million                     |
/// | huge       | 192, 384, 768, 768 | 16     | 12    | 362.7 million                     |
///
/// @param latentChannels c, the channels of the latent
/// @param compression f, pixels of the picture per pixel of the latent along a side: 8, 16, 32 …
/// @param channels of the four levels, finest first, multiples of `groups`
/// @param layers transformer blocks in the middle
/// @param heads of their attention; a divisor of the last level's channels
/// @param groups of every group norm
/// @param window attention sees tokens less than so many rows and columns away
public record SsddConfig(
        int latentChannels, int compression, List<Integer> channels, int layers, int heads, int groups, int window) {
    /// Levels of the U: the coarsest has one token for 8 by 8 pixels.
    static final int LEVELS = 4;

    private static final int GROUPS = 32;
    private static final int WINDOW = 8;

    /// Checks the sizes.
    ///
    /// @throws IllegalArgumentException when one does not fit
    public SsddConfig {
        channels = List.copyOf(channels);
        if (channels.size() != LEVELS || channels.stream().anyMatch(c -> c < 1 || groups < 1 || c % groups != 0)) {
            throw new IllegalArgumentException("an SSDD decoder has 4 levels of channels, multiples of its " + groups
                    + " groups, not " + channels);
        }
        if (latentChannels < 1 || layers < 1 || window < 1 || heads < 1 || channels.getLast() % heads != 0) {
            throw new IllegalArgumentException("an SSDD decoder wants positive sizes, and heads that divide "
                    + channels.getLast() + " channels, but got " + heads + " heads");
        }
        if (compression < 8 || Integer.bitCount(compression) != 1) {
            throw new IllegalArgumentException(
                    "the latent's compression must be 8, 16, 32 or a higher power of two but is " + compression);
        }
    }

    /// A decoder whose channels are `base` times the multipliers, rounded up to whole groups.
    ///
    /// @param heads how many, or 0 for one per 64 channels, between 4 and 16
    public static SsddConfig of(
            int latentChannels,
            int compression,
            int base,
            List<Integer> multipliers,
            int layers,
            int heads,
            int groups,
            int window) {
        List<Integer> channels = multipliers.stream()
                .map(m -> Math.ceilDiv(base * m, groups) * groups)
                .toList();
        int usual = Math.clamp(channels.getLast() / 64, 4, 16);
        return new SsddConfig(latentChannels, compression, channels, layers, heads > 0 ? heads : usual, groups, window);
    }

    private static SsddConfig published(int c, int f, int base, int last, int layers, int heads) {
        return of(c, f, base, List.of(1, 2, last, last), layers, heads, GROUPS, WINDOW);
    }

    /// XS, for latents of `c` channels and compression `f`; it is in the published code only.
    public static SsddConfig extraSmall(int c, int f) {
        return published(c, f, 32, 3, 8, 4);
    }

    /// S.
    public static SsddConfig small(int c, int f) {
        return published(c, f, 48, 3, 8, 4);
    }

    /// B.
    public static SsddConfig base(int c, int f) {
        return published(c, f, 64, 3, 10, 0);
    }

    /// M.
    public static SsddConfig medium(int c, int f) {
        return published(c, f, 96, 3, 12, 0);
    }

    /// L.
    public static SsddConfig large(int c, int f) {
        return published(c, f, 96, 4, 16, 0);
    }

    /// XL.
    public static SsddConfig extraLarge(int c, int f) {
        return published(c, f, 128, 4, 16, 0);
    }

    /// H.
    public static SsddConfig huge(int c, int f) {
        return published(c, f, 192, 4, 16, 0);
    }

    /// C, the channels of the finest level and of the context.
    int width() {
        return channels.getFirst();
    }

    /// T, the width of the time embedding.
    int time() {
        return 4 * width();
    }

    /// D, the width of the tokens.
    int tokenWidth() {
        return channels.getLast();
    }
}
