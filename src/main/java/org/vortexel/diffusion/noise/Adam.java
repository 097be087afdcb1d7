package org.vortexel.diffusion.noise;

import org.vortexel.tensor.NdArray;

/// Adam on one array, on the host; moments in double. Mutable, for one array and one run.
///
/// Source: Kingma and Ba 2015, [arXiv:1412.6980](https://arxiv.org/abs/1412.6980), algorithm 1.
public final class Adam {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    private final double rate;
    private final double[] mean;
    private final double[] square;
    private int steps;

    /// An optimiser at rest.
    ///
    /// @param rate how far an element moves at most in one step, about
    /// @param size how many elements there are
    public Adam(double rate, int size) {
        this.rate = rate;
        this.mean = new double[size];
        this.square = new double[size];
    }

    /// Moves `x` against its gradient; `x` is written, the gradient only read.
    public void step(NdArray x, NdArray gradient) {
        steps++;
        double correct1 = 1 - Math.pow(BETA1, steps);
        double correct2 = 1 - Math.pow(BETA2, steps);
        for (int i = 0; i < mean.length; i++) {
            double g = gradient.data()[i];
            mean[i] = BETA1 * mean[i] + (1 - BETA1) * g;
            square[i] = BETA2 * square[i] + (1 - BETA2) * g * g;
            x.data()[i] -= (float) (rate * mean[i] / correct1 / (Math.sqrt(square[i] / correct2) + EPS));
        }
    }
}
