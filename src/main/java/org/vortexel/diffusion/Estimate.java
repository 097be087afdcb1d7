package org.vortexel.diffusion;

import org.jspecify.annotations.Nullable;
import org.vortexel.tensor.NdArray;

/// What the network believes about an `x`, whatever it was trained to output: the only thing a [Sampler] is told.
///
/// @param x0 the clean picture, the shape of `x`
/// @param eps the noise, the shape of `x`
/// @param variance the second half of the channels of a network that also learns its variance, the shape of `x`
public record Estimate(NdArray x0, NdArray eps, @Nullable NdArray variance) {
    /// Reads the network's output.
    ///
    /// @param x the noisy pictures `(N, C, …)`
    /// @param output `(N, C, …)`, or `(N, 2C, …)` with a learnt variance in the second half
    /// @param levels the levels of `x`
    public static Estimate of(Prediction prediction, NdArray x, NdArray output, NoiseLevels levels, Clip clip) {
        boolean learnt = x.shape().rank() > 1
                && output.shape().rank() > 1
                && output.shape().dim(1) == 2 * x.shape().dim(1);
        NdArray mean = learnt ? half(output, 0) : output;
        if (!mean.shape().equals(x.shape())) {
            throw new IllegalArgumentException(
                    "the network was given x " + x.shape() + " but its output is " + output.shape());
        }
        int[] region = levels.regionOf(x.shape());
        NdArray x0 = NdArray.zeros(x.shape());
        NdArray eps = NdArray.zeros(x.shape());
        for (int i = 0; i < region.length; i++) {
            NoiseLevel level = levels.of(region[i]);
            double xi = x.data()[i];
            double clean = prediction.x0(xi, mean.data()[i], level);
            double noise = prediction.eps(xi, mean.data()[i], level);
            if (clip != Clip.NONE && Math.abs(clean) > 1) {
                clean = Math.signum(clean);
                noise = clip == Clip.X0_AND_NOISE ? Prediction.X0.eps(xi, clean, level) : noise;
            }
            x0.data()[i] = (float) clean;
            eps.data()[i] = (float) noise;
        }
        return new Estimate(x0, eps, learnt ? half(output, 1) : null);
    }

    private static NdArray half(NdArray output, int which) {
        int batch = output.shape().dim(0);
        int channels = output.shape().dim(1) / 2;
        NdArray half = NdArray.zeros(output.shape().with(1, channels));
        int size = half.shape().size(1, half.shape().rank());
        for (int n = 0; n < batch; n++) {
            System.arraycopy(output.data(), (2 * n + which) * size, half.data(), n * size, size);
        }
        return half;
    }
}
