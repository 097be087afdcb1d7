package org.vortexel.eval;

import org.vortexel.image.Image;

/// Peak signal-to-noise ratio of two pictures, in decibels: `10 log₁₀(255² / mean squared difference of bytes)`.
public final class Psnr {
    private Psnr() {}

    /// The ratio for two pictures of one size; infinite when they are equal.
    public static double of(Image a, Image b) {
        Ssim.checkSameSize(a, b);
        byte[] left = a.rgb();
        byte[] right = b.rgb();
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            double difference = (left[i] & 0xFF) - (right[i] & 0xFF);
            sum += difference * difference;
        }
        return 10 * Math.log10(255.0 * 255.0 * left.length / sum);
    }
}
