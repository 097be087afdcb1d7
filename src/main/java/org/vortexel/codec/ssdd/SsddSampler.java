package org.vortexel.codec.ssdd;

import java.util.Arrays;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Decodes latents from noise in any number of steps; a distilled decoder needs one.
///
/// `x += v(x, 1000 t_i, z) (t_i - t_(i+1))` from pure noise at `t_0 = 1` to `t_K = 0`, with `t_i = ((K - i) /
/// K)²`, so that steps are shorter where there is less noise.
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961), section 3.
public final class SsddSampler implements AutoCloseable {
    private final Shape picture;
    private final Player player;

    /// A sampler for batches of pictures of one shape.
    ///
    /// @param picture (N, 3, H, W)
    public SsddSampler(Device device, SsddDecoder decoder, Weights weights, Shape picture) {
        this.picture = picture;
        int f = decoder.config().compression();
        int n = picture.dim(0);
        Recorder recorder = new Recorder();
        recorder.output(
                "v",
                decoder.forward(
                        recorder.input("x", picture),
                        recorder.input("t", Shape.of(n)),
                        recorder.input(
                                "z",
                                Shape.of(
                                        n,
                                        decoder.config().latentChannels(),
                                        picture.dim(2) / f,
                                        picture.dim(3) / f))));
        player = device.load(recorder.program(), weights);
    }

    /// The times of `steps` steps, from 1 to 0: `steps + 1` numbers.
    ///
    /// @throws IllegalArgumentException when `steps` is below 1
    public static double[] times(int steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("decoding wants at least 1 step but got " + steps);
        }
        double[] times = new double[steps + 1];
        for (int i = 0; i <= steps; i++) {
            double left = (double) (steps - i) / steps;
            times[i] = left * left;
        }
        return times;
    }

    /// Pictures (N, 3, H, W), about [-1, 1], not clamped.
    ///
    /// @param z latents (N, c, H/f, W/f)
    /// @param noise standard normal (N, 3, H, W); the same noise gives the same pictures
    /// @throws ArithmeticException when a number is not finite, with the step and the layer where that began
    public NdArray decode(NdArray z, NdArray noise, int steps) {
        double[] times = times(steps);
        NdArray x = noise.copy();
        player.set("z", z);
        float[] t = new float[picture.dim(0)];
        for (int i = 0; i < steps; i++) {
            Arrays.fill(t, (float) (1000 * times[i]));
            float[] v = velocity(player.set("x", x).set("t", t), i, steps).data();
            float step = (float) (times[i] - times[i + 1]);
            for (int j = 0; j < v.length; j++) {
                x.data()[j] += step * v[j];
            }
        }
        return x;
    }

    private static NdArray velocity(Player ready, int step, int steps) {
        try {
            return ready.runFinite("v");
        } catch (ArithmeticException e) {
            throw new ArithmeticException("decoding step " + (step + 1) + " of " + steps + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        player.close();
    }
}
