package org.vortexel.train;

import java.util.stream.IntStream;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// What drawn pictures suffer and real ones do not: they are blurred, noisy, off in colour, a little
/// off their place. Real pictures are disturbed so that a network that judges drawn ones minds what
/// they show.
///
/// Every picture is shifted by up to two pixels, its border repeated; half of them are blurred, a
/// quarter of them drawn at half the size; every channel is scaled and shifted by up to a tenth, and
/// noise of up to a tenth is added. They are never mirrored: left and right matter.
final class Disturbance {
    private static final int SHIFT = 2;
    private static final double BLURRED = 0.5;
    private static final double COARSE = 0.25;
    private static final double COLOUR = 0.1;
    private static final double NOISE = 0.1;

    private static final long DISTURBANCE = 5L << 40; // the first of the seed's streams that are used

    // Where a picture's choices are in its stream; its noise comes after them.
    private static final int CHOICES = 16;

    private Disturbance() {}

    /// Disturbed copies.
    ///
    /// @param pictures (N, 3, S, S) in [-1, 1]
    /// @param seed of everything that is left to chance
    /// @param streams one a picture; the same stream disturbs in the same way
    static NdArray of(NdArray pictures, long seed, long... streams) {
        int n = pictures.shape().dim(0);
        int side = pictures.shape().dim(2);
        NdArray out = NdArray.zeros(pictures.shape());
        IntStream.range(0, n) // each picture by itself, so that cores do not matter
                .parallel()
                .forEach(i -> disturb(
                        pictures.data(),
                        out.data(),
                        i * 3 * side * side,
                        side,
                        new Philox(seed, DISTURBANCE + streams[i])));
        return out;
    }

    private static void disturb(float[] from, float[] to, int start, int side, Philox random) {
        int right = random.below(2 * SHIFT + 1, 0) - SHIFT;
        int down = random.below(2 * SHIFT + 1, 1) - SHIFT;
        boolean coarse = random.uniform(2) < COARSE;
        double blur = random.uniform(3) < BLURRED ? random.uniform(4) : 0;
        double noise = NOISE * random.uniform(5) * random.uniform(6);
        float[] normal = random.stream(random.stream() ^ Long.MIN_VALUE)
                .normal(Shape.of(3 * side * side))
                .data();
        float[] channel = new float[side * side];
        for (int c = 0; c < 3; c++) {
            int begin = start + c * side * side;
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    channel[y * side + x] =
                            from[begin + Math.clamp(y - down, 0, side - 1) * side + Math.clamp(x - right, 0, side - 1)];
                }
            }
            if (coarse) {
                halve(channel, side);
            }
            double gain = 1 + COLOUR * (2 * random.uniform(CHOICES + c) - 1);
            double offset = COLOUR * (2 * random.uniform(CHOICES + 3 + c) - 1);
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    double value = channel[y * side + x];
                    if (blur > 0) {
                        value += blur * (mean(channel, side, y, x) - value);
                    }
                    value = gain * value + offset + noise * normal[c * side * side + y * side + x];
                    to[begin + y * side + x] = (float) Math.clamp(value, -1, 1);
                }
            }
        }
    }

    /// Every square of two by two pixels becomes its mean.
    private static void halve(float[] channel, int side) {
        for (int y = 0; y + 1 < side; y += 2) {
            for (int x = 0; x + 1 < side; x += 2) {
                int at = y * side + x;
                float mean = (channel[at] + channel[at + 1] + channel[at + side] + channel[at + side + 1]) / 4;
                channel[at] = mean;
                channel[at + 1] = mean;
                channel[at + side] = mean;
                channel[at + side + 1] = mean;
            }
        }
    }

    /// The mean of a pixel and its eight neighbours.
    private static double mean(float[] channel, int side, int y, int x) {
        double sum = 0;
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                sum += channel[Math.clamp(y + dy, 0, side - 1) * side + Math.clamp(x + dx, 0, side - 1)];
            }
        }
        return sum / 9;
    }
}
