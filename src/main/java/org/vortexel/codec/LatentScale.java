package org.vortexel.codec;

import org.vortexel.tensor.NdArray;

/// How an encoder's latents are brought to about zero mean and unit variance: `(z - mean) / deviation`, one
/// pair of numbers for all channels.
///
/// @param mean over all numbers of the latents of a data set
/// @param deviation over the same, above 0
public record LatentScale(double mean, double deviation) {
    /// Leaves latents as they are.
    public static final LatentScale NONE = new LatentScale(0, 1);

    /// Checks the numbers.
    ///
    /// @throws IllegalArgumentException when they are not finite or the deviation is not above 0
    public LatentScale {
        if (!Double.isFinite(mean) || !Double.isFinite(deviation) || !(deviation > 0)) {
            throw new IllegalArgumentException(
                    "latents are scaled by a finite mean and a deviation above 0, not " + mean + " and " + deviation);
        }
    }

    /// What brings the given latents, all numbers together, to zero mean and unit variance.
    public static LatentScale of(Iterable<NdArray> latents) {
        double sum = 0;
        double squares = 0;
        long count = 0;
        for (NdArray latent : latents) {
            for (float z : latent.data()) {
                sum += z;
                squares += (double) z * z;
            }
            count += latent.data().length;
        }
        double mean = sum / count;
        return new LatentScale(mean, Math.sqrt((squares - count * mean * mean) / (count - 1)));
    }

    /// The encoder's numbers as a diffusion model sees them.
    public NdArray scaled(NdArray z) {
        return map(z, 1 / deviation, -mean / deviation);
    }

    /// The numbers that the decoder wants.
    public NdArray unscaled(NdArray z) {
        return map(z, deviation, mean);
    }

    private static NdArray map(NdArray z, double factor, double term) {
        NdArray out = NdArray.zeros(z.shape());
        for (int i = 0; i < out.data().length; i++) {
            out.data()[i] = (float) (z.data()[i] * factor + term);
        }
        return out;
    }
}
