package org.vortexel.ar.rear;

/// How much of a context may be replaced at a step of training: all of it up to `start`, nothing from `end` on,
/// linear between.
///
/// Source: [arXiv:2510.04450](https://arxiv.org/abs/2510.04450), eq. 5, `f(t) = max(0, 1 - 4 t / 3)`, which the
/// paper prints with "min".
///
/// @param start the last step of full noise
/// @param end the first step without
public record NoiseAnnealing(double start, double end) {
    /// Checks the steps.
    ///
    /// @throws IllegalArgumentException when the end is before the start
    public NoiseAnnealing {
        if (!(end >= start)) {
            throw new IllegalArgumentException("noise cannot end at step " + end + " before it starts to, at " + start);
        }
    }

    /// The paper's: from the first step down to nothing at three quarters of training.
    public static NoiseAnnealing published(long steps) {
        return new NoiseAnnealing(0, 0.75 * steps);
    }

    /// The largest share that may be replaced, in `[0, 1]`.
    ///
    /// @param step counted from 0 over the whole training, resumed or not
    public double maxRatio(long step) {
        if (step < start) {
            return 1;
        }
        return step >= end ? 0 : 1 - (step - start) / (end - start);
    }
}
