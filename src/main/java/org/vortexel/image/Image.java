package org.vortexel.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A picture: `width` × `height` pixels of three bytes, red, green, blue, rows from the top. Immutable.
///
/// Networks see the same picture as floats of shape (3, H, W) in [-1, 1]: byte `b` is `b / 127.5 - 1`, and a float
/// `v` is the byte `floor((clamp(v) + 1) · 127.5 + 0.5)`, half rounded up, so bytes survive the way there and back.
public final class Image {
    private static final String[] CHANNELS = {"red", "green", "blue"};

    private final int width;
    private final int height;
    private final byte[] rgb;

    private Image(int width, int height, byte[] rgb) {
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /// The picture of these bytes (copied), `rgb[(y · width + x) · 3 + channel]`.
    ///
    /// @throws IllegalArgumentException if a size is below 1 or the number of bytes is not `width · height · 3`
    public static Image of(int width, int height, byte[] rgb) {
        checkSize(width, height);
        if (rgb.length != width * height * 3) {
            throw new IllegalArgumentException("an image of " + width + " x " + height + " needs " + width * height * 3
                    + " bytes but got " + rgb.length);
        }
        return new Image(width, height, rgb.clone());
    }

    /// A picture of one colour, each channel 0 … 255.
    public static Image filled(int width, int height, int red, int green, int blue) {
        checkSize(width, height);
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return new Image(width, height, rgb);
    }

    /// The picture of the floats `pixels[offset …]`, shape (3, H, W), clamped to [-1, 1].
    ///
    /// @throws IllegalArgumentException if a value is not finite; the sentence names channel, x and y
    public static Image fromFloats(float[] pixels, int offset, int width, int height) {
        checkSize(width, height);
        int plane = width * height;
        if (offset < 0 || pixels.length - offset < 3 * plane) {
            throw new IllegalArgumentException("an image of " + width + " x " + height + " needs " + 3 * plane
                    + " floats from offset " + offset + " but the array holds " + pixels.length);
        }
        byte[] rgb = new byte[3 * plane];
        for (int channel = 0; channel < 3; channel++) {
            for (int i = 0; i < plane; i++) {
                float value = pixels[offset + channel * plane + i];
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException("the " + CHANNELS[channel] + " of pixel (x " + i % width + ", y "
                            + i / width + ") is " + value + ", not a finite number");
                }
                rgb[i * 3 + channel] = toByte(value);
            }
        }
        return new Image(width, height, rgb);
    }

    /// The pictures of a batch, shape (N, 3, H, W), clamped to [-1, 1].
    ///
    /// @throws IllegalArgumentException if the shape is another, or a value is not finite
    public static List<Image> fromBatch(NdArray batch) {
        Shape shape = batch.shape();
        if (shape.rank() != 4 || shape.dim(1) != 3) {
            throw new IllegalArgumentException("a batch of images has the shape (N, 3, H, W) but got " + shape);
        }
        int height = shape.dim(2);
        int width = shape.dim(3);
        List<Image> images = new ArrayList<>();
        for (int n = 0; n < shape.dim(0); n++) {
            images.add(fromFloats(batch.data(), n * 3 * height * width, width, height));
        }
        return images;
    }

    /// This picture as an array of shape (3, H, W) in [-1, 1].
    public NdArray toArray() {
        NdArray array = NdArray.zeros(Shape.of(3, height, width));
        toFloats(array.data(), 0);
        return array;
    }

    /// Writes this picture as floats of shape (3, H, W) in [-1, 1] to `out[offset …]`.
    public void toFloats(float[] out, int offset) {
        int plane = width * height;
        for (int channel = 0; channel < 3; channel++) {
            for (int i = 0; i < plane; i++) {
                out[offset + channel * plane + i] = toFloat(rgb[i * 3 + channel]);
            }
        }
    }

    /// The float in [-1, 1] of one byte (read as 0 … 255).
    public static float toFloat(byte value) {
        return (value & 0xFF) / 127.5f - 1f;
    }

    private static byte toByte(float value) {
        float clamped = Math.clamp(value, -1f, 1f);
        return (byte) (int) Math.floor((clamped + 1.0) * 127.5 + 0.5);
    }

    /// Pixels in a row.
    public int width() {
        return width;
    }

    /// Rows.
    public int height() {
        return height;
    }

    /// A copy of the bytes, `rgb[(y · width + x) · 3 + channel]`.
    public byte[] rgb() {
        return rgb.clone();
    }

    /// One channel (0 red, 1 green, 2 blue) of one pixel, 0 … 255.
    public int channel(int x, int y, int channel) {
        return rgb[(y * width + x) * 3 + channel] & 0xFF;
    }

    /// The part of `width` × `height` pixels whose top left corner is (x, y).
    ///
    /// @throws IllegalArgumentException if the part does not lie inside the picture
    public Image cropped(int x, int y, int width, int height) {
        checkSize(width, height);
        if (x < 0 || y < 0 || x > this.width - width || y > this.height - height) {
            throw new IllegalArgumentException("a part of " + width + " x " + height + " at (" + x + ", " + y
                    + ") does not lie inside an image of " + this.width + " x " + this.height);
        }
        byte[] part = new byte[width * height * 3];
        for (int row = 0; row < height; row++) {
            System.arraycopy(rgb, ((y + row) * this.width + x) * 3, part, row * width * 3, width * 3);
        }
        return new Image(width, height, part);
    }

    /// The largest square in the middle.
    public Image centreSquare() {
        int side = Math.min(width, height);
        return cropped((width - side) / 2, (height - side) / 2, side, side);
    }

    /// This picture at another size: every new pixel is the average of the area it covers in the old picture.
    /// Shrinking loses no pixel; enlarging by a whole factor repeats pixels, as a preview of small pictures should.
    public Image resized(int width, int height) {
        checkSize(width, height);
        if (width == this.width && height == this.height) {
            return this;
        }
        Cover columns = Cover.of(this.width, width);
        Cover rows = Cover.of(this.height, height);
        byte[] result = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    double sum = 0;
                    for (int v = rows.first[y]; v <= rows.last[y]; v++) {
                        double line = 0;
                        for (int u = columns.first[x]; u <= columns.last[x]; u++) {
                            line += columns.weight(x, u) * (rgb[(v * this.width + u) * 3 + channel] & 0xFF);
                        }
                        sum += rows.weight(y, v) * line;
                    }
                    result[(y * width + x) * 3 + channel] = (byte) (int) Math.floor(sum + 0.5);
                }
            }
        }
        return new Image(width, height, result);
    }

    /// Along one axis: new pixel `i` covers the old pixels `first[i] … last[i]`, each with the share that it covers
    /// of them.
    private record Cover(int[] first, int[] last, double scale) {
        static Cover of(int from, int to) {
            double scale = (double) from / to;
            int[] first = new int[to];
            int[] last = new int[to];
            for (int i = 0; i < to; i++) {
                first[i] = (int) ((long) i * from / to);
                last[i] = (int) (((long) (i + 1) * from - 1) / to);
            }
            return new Cover(first, last, scale);
        }

        double weight(int i, int pixel) {
            double begin = Math.max(i * scale, pixel);
            double end = Math.min((i + 1) * scale, pixel + 1.0);
            return (end - begin) / scale;
        }
    }

    private static void checkSize(int width, int height) {
        if (width < 1 || height < 1 || (long) width * height * 3 > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("an image cannot be " + width + " x " + height + " pixels");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Image image && width == image.width && Arrays.equals(rgb, image.rgb);
    }

    @Override
    public int hashCode() {
        return 31 * width + Arrays.hashCode(rgb);
    }

    @Override
    public String toString() {
        return "Image " + width + " x " + height;
    }
}
