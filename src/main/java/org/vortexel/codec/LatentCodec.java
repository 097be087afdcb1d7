package org.vortexel.codec;

import org.vortexel.tensor.NdArray;

/// Pictures to latents and back.
///
/// | what    | shape            | values                                                                        |
/// |---------|------------------|-------------------------------------------------------------------------------|
/// | picture | (N, 3, H, W)     | [-1, 1]; H and W are multiples of [#compression()]                             |
/// | latent  | (N, c, H/f, W/f) | scaled to about zero mean and unit variance, as a diffusion model likes them   |
///
/// Large pictures are worked on in overlapping tiles, so that memory stays bounded. Used by one thread at a time.
public interface LatentCodec extends AutoCloseable {
    /// f, pixels of a picture per pixel of its latent along a side.
    int compression();

    /// c, the channels of a latent.
    int latentChannels();

    /// The latents of pictures: the mean of what the encoder says.
    ///
    /// @throws IllegalArgumentException when the shape does not fit
    NdArray encode(NdArray pictures);

    /// The pictures of latents, within [-1, 1].
    ///
    /// @param seed of the noise, for decoders that start from some; the others ignore it. Picture `i` of the batch
    /// uses `seed + i`, so that it looks the same in any batch
    /// @throws IllegalArgumentException when the shape does not fit
    NdArray decode(NdArray latents, long seed);

    @Override
    void close();
}
