package org.vortexel.codec.kl;

import java.util.List;

/// The sizes of an [AutoencoderKl].
///
/// @param latentChannels c
/// @param channels of each level, finest first, multiples of `groups`; each level but the last halves the picture
/// @param blocks residual blocks of a level of the encoder; the decoder's have one more
/// @param groups of every group norm
/// @param quantConvolutions whether 1 by 1 convolutions stand between the networks and the latent, as in all
/// but the newest models
public record KlConfig(int latentChannels, List<Integer> channels, int blocks, int groups, boolean quantConvolutions) {
    /// Checks the sizes.
    ///
    /// @throws IllegalArgumentException when one does not fit
    public KlConfig {
        channels = List.copyOf(channels);
        if (latentChannels < 1
                || blocks < 1
                || groups < 1
                || channels.isEmpty()
                || channels.stream().anyMatch(c -> c < 1 || c % groups != 0)) {
            throw new IllegalArgumentException("an autoencoder wants positive sizes and channels in multiples of its "
                    + groups + " groups but got " + channels);
        }
    }

    /// The autoencoder of Stable Diffusion 1 and 2, and of DiT: 4 latent channels, compression 8.
    public static KlConfig stableDiffusion() {
        return new KlConfig(4, List.of(128, 256, 512, 512), 2, 32, true);
    }

    /// f, pixels of the picture per pixel of the latent along a side.
    public int compression() {
        return 1 << (channels.size() - 1);
    }
}
