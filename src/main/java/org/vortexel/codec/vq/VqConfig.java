package org.vortexel.codec.vq;

import java.util.List;

/// The sizes of a [VqTokenizer].
///
/// @param codes how many codes, K
/// @param codeWidth numbers of a code, d
/// @param normalized whether codes and encoded vectors are compared, and decoded, at length 1
/// @param channels of the finest level
/// @param encoderMultipliers channels of each level of the encoder in multiples of `channels`, finest first; each
/// level but the last halves the picture
/// @param decoderMultipliers the same of the decoder, finest first too
/// @param encoderBlocks residual blocks of a level of the encoder
/// @param decoderBlocks residual blocks of a level of the decoder
/// @param latentChannels channels between the networks and the projections to and from a code
/// @param groups of every group norm
/// @param commitment weight of the commitment loss, β
/// @param entropy weight of the entropy loss
public record VqConfig(
        int codes,
        int codeWidth,
        boolean normalized,
        int channels,
        List<Integer> encoderMultipliers,
        List<Integer> decoderMultipliers,
        int encoderBlocks,
        int decoderBlocks,
        int latentChannels,
        int groups,
        float commitment,
        float entropy) {
    /// Checks the sizes.
    ///
    /// @throws IllegalArgumentException when one does not fit
    public VqConfig {
        encoderMultipliers = List.copyOf(encoderMultipliers);
        decoderMultipliers = List.copyOf(decoderMultipliers);
        if (codes < 1
                || codeWidth < 1
                || channels < 1
                || groups < 1
                || channels % groups != 0
                || encoderBlocks < 1
                || decoderBlocks < 1
                || latentChannels < 1
                || encoderMultipliers.isEmpty()
                || encoderMultipliers.size() != decoderMultipliers.size()
                || encoderMultipliers.stream().anyMatch(m -> m < 1)
                || decoderMultipliers.stream().anyMatch(m -> m < 1)) {
            throw new IllegalArgumentException("a tokenizer wants positive sizes, channels in multiples of its "
                    + groups
                    + " groups and as many levels in the decoder as in the encoder, but got " + channels + " times "
                    + encoderMultipliers + " and " + decoderMultipliers);
        }
    }

    /// VQ-16 of the paper: compression 16, 16384 codes of 8 numbers, 72 million parameters.
    public static VqConfig vq16() {
        return published(List.of(1, 1, 2, 2, 4));
    }

    /// VQ-8 of the paper: compression 8, 16384 codes of 8 numbers, 70 million parameters.
    public static VqConfig vq8() {
        return published(List.of(1, 2, 2, 4));
    }

    private static VqConfig published(List<Integer> multipliers) {
        return new VqConfig(16384, 8, true, 128, multipliers, multipliers, 2, 3, 256, 32, 0.25f, 0);
    }

    /// A small tokenizer for pictures of 32 to 64 pixels: compression 4.
    ///
    /// @param codes K
    public static VqConfig small(int codes) {
        List<Integer> multipliers = List.of(1, 2, 2);
        return new VqConfig(codes, 8, true, 32, multipliers, multipliers, 2, 3, 64, 32, 0.25f, 0);
    }

    /// f, pixels of the picture per token along a side.
    public int compression() {
        return 1 << (encoderMultipliers.size() - 1);
    }
}
