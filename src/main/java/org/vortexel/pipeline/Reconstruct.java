package org.vortexel.pipeline;

import java.util.Arrays;
import org.vortexel.codec.LatentCodec;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A picture through a codec and back.
///
/// @param codec stays open
public record Reconstruct(LatentCodec codec) {
    /// The picture that the codec makes of `picture`, of the same size. Sides that are no multiples of
    /// the codec's compression are continued with their last pixels for the way through.
    ///
    /// @param seed of the noise that decoding begins from
    public Image of(Image picture, long seed) {
        int f = codec.compression();
        int width = Math.ceilDiv(picture.width(), f) * f;
        int height = Math.ceilDiv(picture.height(), f) * f;
        float[] pixels = new float[3 * picture.width() * picture.height()];
        picture.toFloats(pixels, 0);
        NdArray padded = NdArray.zeros(Shape.of(1, 3, height, width));
        for (int line = 0; line < 3 * height; line++) {
            int channel = line / height;
            int y = Math.min(line % height, picture.height() - 1);
            int from = (channel * picture.height() + y) * picture.width();
            int to = line * width;
            System.arraycopy(pixels, from, padded.data(), to, picture.width());
            Arrays.fill(padded.data(), to + picture.width(), to + width, pixels[from + picture.width() - 1]);
        }
        Image decoded =
                Image.fromBatch(codec.decodeFrom(codec.encode(padded), seed)).getFirst();
        return decoded.cropped(0, 0, picture.width(), picture.height());
    }
}
