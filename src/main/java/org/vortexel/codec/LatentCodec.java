package org.vortexel.codec;

import java.util.stream.LongStream;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

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
    /// @param seeds of the noise, one a picture, for decoders that start from some; the others ignore them. A
    /// picture looks the same in any batch
    /// @throws IllegalArgumentException when the shape does not fit
    NdArray decode(NdArray latents, long... seeds);

    /// The pictures of latents, picture `i` with the seed `seed + i`.
    ///
    /// @throws IllegalArgumentException when the shape does not fit
    default NdArray decodeFrom(NdArray latents, long seed) {
        return decode(
                latents, LongStream.range(seed, seed + latents.shape().dim(0)).toArray());
    }

    /// Refuses pictures that [#encode] cannot take.
    ///
    /// @throws IllegalArgumentException when the shape is not (N, 3, H, W) with H and W multiples of f
    default void checkPictures(Shape shape) {
        int f = compression();
        if (shape.rank() != 4 || shape.dim(1) != 3 || shape.dim(2) % f != 0 || shape.dim(3) % f != 0) {
            throw new IllegalArgumentException(
                    "the encoder expected pictures (N, 3, H, W), H and W multiples of " + f + ", but got " + shape);
        }
    }

    /// Refuses latents that [#decode] cannot take.
    ///
    /// @throws IllegalArgumentException when the shape is not (N, c, h, w)
    default void checkLatents(Shape shape) {
        if (shape.rank() != 4 || shape.dim(1) != latentChannels()) {
            throw new IllegalArgumentException(
                    "the decoder expected latents (N, " + latentChannels() + ", h, w) but got " + shape);
        }
    }

    /// Keeps every number within [-1, 1]; changes `pictures` and gives them back.
    static NdArray clamped(NdArray pictures) {
        float[] data = pictures.data();
        for (int i = 0; i < data.length; i++) {
            data[i] = Math.clamp(data[i], -1f, 1f);
        }
        return pictures;
    }

    @Override
    void close();
}
