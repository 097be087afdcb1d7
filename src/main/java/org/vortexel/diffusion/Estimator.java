package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;

/// Gives what a network believes about `x`, its condition and the way of guiding settled: all that the
/// [DiffusionLoop] knows of a network. A [GuidedDenoiser] is one whose picture and noise explain the
/// same
/// `x`; some ways of guiding take the two from different answers.
@FunctionalInterface
public interface Estimator {
    /// What is believed about pictures `(N, C, …)` at the levels from which `interval` leads on.
    ///
    /// @throws ArithmeticException when a network's output is not a finite number
    Estimate estimate(NdArray x, Interval interval);

    /// What a network believes whose answer says both.
    static Estimator of(GuidedDenoiser network, Prediction prediction, Clip clip) {
        return (x, interval) -> {
            NdArray output = network.predict(x, interval.timesteps());
            Estimate estimate = Estimate.of(prediction, x, output, interval.from(), clip);
            checkFinite(output, "the network's output");
            return estimate;
        };
    }

    /// Stops what is no longer a number.
    ///
    /// @throws ArithmeticException when a number of `array` is not finite
    static void checkFinite(NdArray array, String name) {
        int bad = array.firstNonFinite();
        if (bad >= 0) {
            throw new ArithmeticException(
                    name + " is " + array.data()[bad] + " at element " + bad + " of " + array.shape());
        }
    }
}
