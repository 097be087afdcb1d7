package org.vortexel.train;

/// AdamW with warm-up and cosine decay, gradient clipping, and an exponential moving average of the weights.
///
/// @param learningRate the highest rate
/// @param finalLearningRate the rate at the last step
/// @param warmup steps of linear growth from 0
/// @param beta1 decay of the first moment
/// @param beta2 decay of the second moment
/// @param weightDecay decoupled decay of matrices; vectors and tables are not decayed
/// @param clip largest norm of all gradients together
/// @param average decay of the moving average
public record Optimiser(
        double learningRate,
        double finalLearningRate,
        int warmup,
        double beta1,
        double beta2,
        double weightDecay,
        double clip,
        double average) {
    public Optimiser {
        if (!(learningRate > 0 && finalLearningRate >= 0 && Double.isFinite(learningRate + finalLearningRate))) {
            throw new IllegalArgumentException("learningRate must be positive and finalLearningRate at least 0");
        }
        if (warmup < 0 || !(weightDecay >= 0) || !(clip > 0)) {
            throw new IllegalArgumentException("warmup and weightDecay must be at least 0 and clip must be positive");
        }
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && average >= 0 && average < 1)) {
            throw new IllegalArgumentException("beta1, beta2 and average must be in [0, 1)");
        }
    }

    /// The learning rate of step `step` (from 0) of `steps`.
    public double rate(int step, int steps) {
        if (step < warmup) {
            return learningRate * (step + 1) / warmup;
        }
        double done = (double) (step - warmup) / Math.max(1, steps - warmup);
        return finalLearningRate + (learningRate - finalLearningRate) * 0.5 * (1 + Math.cos(Math.PI * done));
    }

    /// The decay of the average at step `step`: it begins small, so that the first weights are soon
    /// forgotten.
    public double averageDecay(int step) {
        return Math.min(average, (1.0 + step) / (10 + step));
    }
}
