package org.vortexel.train;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.vortexel.codec.LatentCodec;
import org.vortexel.data.PackedImages;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// The latents of all pictures of a data set, encoded once.
///
/// @param all (N, c, h, w), in the order of the pictures
record Latents(NdArray all) {
    private static final int AT_ONCE = 32;

    static Latents of(PackedImages images, LatentCodec codec) {
        int side = images.size() / codec.compression();
        NdArray all = NdArray.zeros(Shape.of(images.count(), codec.latentChannels(), side, side));
        int width = all.shape().size(1, 4);
        int[] indices = IntStream.range(0, images.count()).toArray();
        for (int begin = 0; begin < indices.length; begin += AT_ONCE) {
            int end = Math.min(begin + AT_ONCE, indices.length);
            NdArray some = codec.encode(images.batch(Arrays.copyOfRange(indices, begin, end)));
            System.arraycopy(some.data(), 0, all.data(), begin * width, some.data().length);
        }
        return new Latents(all);
    }

    /// The latents of these pictures.
    NdArray batch(int... indices) {
        NdArray batch = NdArray.zeros(all.shape().with(0, indices.length));
        int width = all.shape().size(1, 4);
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(all.data(), indices[i] * width, batch.data(), i * width, width);
        }
        return batch;
    }
}
