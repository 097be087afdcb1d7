package org.vortexel.diffusion.noise;

import java.util.Arrays;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.NoiseLevel;
import org.vortexel.diffusion.NoiseLevels;
import org.vortexel.diffusion.NoiseSchedule;
import org.vortexel.diffusion.Prediction;
import org.vortexel.tensor.NdArray;

/// Pictures of a batch push each other away at every step: from the noise that the network predicts is taken
///
/// `sigma · strength · Σ_{j≠i} 2 k_ij (x_i - x_j) / h_i`, `k_ij = exp(-|x_i - x_j|² / h_i)`
///
/// where `h_i` is the squared lower median distance to the others over `ln(B - 1)`. Two pictures have no such width,
/// so nothing pushes them; neither does anything once there is more picture than noise.
///
/// Source: Corso et al. 2024, [arXiv:2310.13102](https://arxiv.org/abs/2310.13102), in the form of its public code
/// for latents.
///
/// @param strength swept by the authors; the unit is that of the latents
public record ParticleGuidance(double strength) {
    /// The squared width of the kernel of every picture; infinite for two.
    public static double[] widths(NdArray x) {
        int batch = x.shape().dim(0);
        double[] widths = new double[batch];
        for (int i = 0; i < batch; i++) {
            double[] others = new double[batch - 1];
            for (int j = 0; j < batch - 1; j++) {
                others[j] = Math.sqrt(squared(x, i, j < i ? j : j + 1));
            }
            Arrays.sort(others);
            double median = others.length == 0 ? 0 : others[(others.length - 1) / 2];
            widths[i] = median * median / Math.log(batch - 1.0);
        }
        return widths;
    }

    /// What is taken from the predicted noise.
    ///
    /// @param x (N, …) the noisy pictures of one prompt
    /// @param ratio `sigma / alpha`, see [NoiseLevel#ratio()]; below 1 nothing is taken
    public NdArray force(NdArray x, double ratio) {
        NdArray force = NdArray.zeros(x.shape());
        int batch = x.shape().dim(0);
        int size = x.data().length / batch;
        if (batch < 3 || ratio < 1) {
            return force;
        }
        double[] widths = widths(x);
        for (int i = 0; i < batch; i++) {
            double[] sum = new double[size];
            for (int j = 0; j < batch && widths[i] > 0; j++) {
                double kernel = 2 * Math.exp(-squared(x, i, j) / widths[i]) / widths[i];
                for (int k = 0; k < size; k++) {
                    sum[k] += kernel * ((double) x.data()[i * size + k] - x.data()[j * size + k]);
                }
            }
            for (int k = 0; k < size; k++) {
                force.data()[i * size + k] = (float) (ratio * strength * sum[k]);
            }
        }
        return force;
    }

    /// A network whose predicted noise has the force taken from it. All pictures of a batch count as of one
    /// prompt; at pure noise, where the ratio is infinite, nothing is changed.
    public GuidedDenoiser guide(GuidedDenoiser network, NoiseSchedule schedule, Prediction prediction) {
        return (x, timesteps) -> {
            NdArray output = network.predict(x, timesteps);
            NoiseLevel level = NoiseLevels.at(timesteps, schedule).of(0);
            if (level.alpha() == 0) {
                return output;
            }
            NdArray force = force(x, level.ratio());
            NdArray pushed = output.copy();
            int picture = x.data().length / x.shape().dim(0);
            int out = output.data().length / x.shape().dim(0);
            for (int i = 0; i < force.data().length; i++) {
                int o = i / picture * out + i % picture;
                double xi = x.data()[i];
                double eps = prediction.eps(xi, output.data()[o], level) - force.data()[i];
                double x0 = (xi - level.sigma() * eps) / level.alpha();
                pushed.data()[o] = (float) prediction.target(x0, eps, level);
            }
            return pushed;
        };
    }

    private static double squared(NdArray x, int i, int j) {
        int size = x.data().length / x.shape().dim(0);
        double sum = 0;
        for (int k = 0; k < size; k++) {
            double d = (double) x.data()[i * size + k] - x.data()[j * size + k];
            sum += d * d;
        }
        return sum;
    }
}
