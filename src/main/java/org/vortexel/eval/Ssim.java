package org.vortexel.eval;

import org.vortexel.image.Image;

/// Structural similarity of two pictures: 1 when equal, near 0 when unrelated. Means, variances and the covariance
/// are taken in a window around every pixel.
///
/// `ssim = (2 mₐ m_b + c₁)(2 s_ab + c₂) / ((mₐ² + m_b² + c₁)(sₐ² + s_b² + c₂))`, `c₁ = (0.01 R)²`, `c₂ = (0.03 R)²`
/// for pixels of range `R`; the mean over all pixels whose window lies inside the picture, and over red, green and
/// blue.
///
/// Source: Wang et al. 2004, *Image quality assessment*, equation 13; scikit-image `structural_similarity`.
///
/// @param window weights along one side, an odd number of them, summing to 1; the window is their outer product
/// @param unbias what variances are multiplied by: `n / (n - 1)` for a sample of `n`, 1 for the population
public record Ssim(double[] window, double unbias) {
    private static final double RANGE = 255;

    /// The paper's window: 11 × 11, Gaussian with standard deviation 1.5.
    public static Ssim gaussian() {
        double[] window = new double[11];
        double sum = 0;
        for (int i = 0; i < window.length; i++) {
            window[i] = Math.exp(-0.5 * (i - 5) * (i - 5) / (1.5 * 1.5));
            sum += window[i];
        }
        for (int i = 0; i < window.length; i++) {
            window[i] /= sum;
        }
        return new Ssim(window, 1);
    }

    /// All pixels of `size` × `size` alike, variances of a sample.
    public static Ssim uniform(int size) {
        double[] window = new double[size];
        java.util.Arrays.fill(window, 1.0 / size);
        return new Ssim(window, (double) size * size / ((double) size * size - 1));
    }

    /// The similarity of two pictures of one size, at least as wide and high as the window.
    public double of(Image a, Image b) {
        checkSameSize(a, b);
        double sum = 0;
        for (int channel = 0; channel < 3; channel++) {
            sum += mean(map(plane(a, channel), plane(b, channel), a.width(), RANGE), a.width(), a.height());
        }
        return sum / 3;
    }

    static void checkSameSize(Image a, Image b) {
        if (a.width() != b.width() || a.height() != b.height()) {
            throw new IllegalArgumentException(a + " and " + b + " cannot be compared pixel by pixel");
        }
    }

    private static double[] plane(Image image, int channel) {
        double[] plane = new double[image.width() * image.height()];
        for (int i = 0; i < plane.length; i++) {
            plane[i] = image.channel(i % image.width(), i / image.width(), channel);
        }
        return plane;
    }

    /// The mean of a map without the border where windows reach outside.
    double mean(double[] map, int width, int height) {
        int border = window.length / 2;
        if (width <= 2 * border || height <= 2 * border) {
            throw new IllegalArgumentException("pictures of " + width + " x " + height + " are smaller than the window"
                    + " of " + window.length + " x " + window.length);
        }
        double sum = 0;
        for (int y = border; y < height - border; y++) {
            for (int x = border; x < width - border; x++) {
                sum += map[y * width + x];
            }
        }
        return sum / ((double) (width - 2 * border) * (height - 2 * border));
    }

    /// The similarity around every pixel of two planes; beyond the border they go on as in a mirror.
    double[] map(double[] a, double[] b, int width, double range) {
        double c1 = Math.pow(0.01 * range, 2);
        double c2 = Math.pow(0.03 * range, 2);
        double[] meanA = blurred(a, width);
        double[] meanB = blurred(b, width);
        double[] squareA = blurred(product(a, a), width);
        double[] squareB = blurred(product(b, b), width);
        double[] mixed = blurred(product(a, b), width);
        double[] map = new double[a.length];
        for (int i = 0; i < map.length; i++) {
            double varianceA = unbias * (squareA[i] - meanA[i] * meanA[i]);
            double varianceB = unbias * (squareB[i] - meanB[i] * meanB[i]);
            double covariance = unbias * (mixed[i] - meanA[i] * meanB[i]);
            map[i] = (2 * meanA[i] * meanB[i] + c1)
                    * (2 * covariance + c2)
                    / ((meanA[i] * meanA[i] + meanB[i] * meanB[i] + c1) * (varianceA + varianceB + c2));
        }
        return map;
    }

    private static double[] product(double[] a, double[] b) {
        double[] product = new double[a.length];
        for (int i = 0; i < product.length; i++) {
            product[i] = a[i] * b[i];
        }
        return product;
    }

    private double[] blurred(double[] plane, int width) {
        int height = plane.length / width;
        double[] wide = new double[plane.length];
        double[] out = new double[plane.length];
        int reach = window.length / 2;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int k = -reach; k <= reach; k++) {
                    wide[y * width + x] += window[k + reach] * plane[y * width + mirrored(x + k, width)];
                }
            }
        }
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int k = -reach; k <= reach; k++) {
                    out[y * width + x] += window[k + reach] * wide[mirrored(y + k, height) * width + x];
                }
            }
        }
        return out;
    }

    /// `… 1 0 | 0 1 2 …`.
    private static int mirrored(int i, int size) {
        int folded = Math.floorMod(i, 2 * size);
        return folded < size ? folded : 2 * size - 1 - folded;
    }
}
