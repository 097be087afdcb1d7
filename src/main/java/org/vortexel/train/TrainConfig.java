package org.vortexel.train;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.TimeSampling;
import org.vortexel.dit.DitConfig;

/// Everything a training run depends on; one JSON file. Two runs of one config on one device end with the same bits.
///
/// @param data which pictures
/// @param network the model's sizes
/// @param start the folder of a model of these sizes whose weights the run begins with; none begins with random ones
/// @param prediction what the network predicts
/// @param loss how steps are weighted
/// @param timesteps where in `[0, 1]` training looks: `mean` above 0 looks more at noise
/// @param optimiser how weights move
/// @param batch pictures a step
/// @param steps steps in all
/// @param dropout how often a caption is replaced by the empty one, for guidance
/// @param seed of initial weights, order, noise and timesteps
/// @param checkpointEvery steps between checkpoints
/// @param sampleEvery steps between sample grids
/// @param out folder of the run
public record TrainConfig(
        Data data,
        DitConfig network,
        @Nullable String start,
        Prediction prediction,
        Loss loss,
        TimeSampling.LogitNormal timesteps,
        Optimiser optimiser,
        int batch,
        int steps,
        double dropout,
        long seed,
        int checkpointEvery,
        int sampleEvery,
        String out) {
    private static final int COLOURS = 3;

    /// Which pictures of an image folder are trained on.
    ///
    /// @param folder the image folder, with its `metadata.jsonl`
    /// @param styles the styles to keep; empty keeps all
    /// @param skinTones whether pictures with a skin tone are kept
    /// @param splits the splits to keep; empty keeps all
    public record Data(String folder, List<String> styles, boolean skinTones, List<String> splits) {}

    /// How the squared error of a step is weighted.
    public enum Loss {
        /// All timesteps alike.
        UNIFORM,
        /// As the error of the velocity, whatever the network predicts: `1 / max(t, 0.05)²` for a predicted
        /// picture.
        VELOCITY
    }

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
                throw new IllegalArgumentException(
                        "warmup and weightDecay must be at least 0 and clip must be positive");
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

    public TrainConfig {
        if (batch < 1 || steps < 1 || checkpointEvery < 1 || sampleEvery < 1) {
            throw new IllegalArgumentException("batch, steps, checkpointEvery and sampleEvery must be positive");
        }
        if (network.channels() != COLOURS) {
            throw new IllegalArgumentException(
                    "the trainer's pictures have " + COLOURS + " channels but the network has " + network.channels());
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1) but is " + dropout);
        }
        if (!(network.condition() instanceof DitConfig.Text)) {
            throw new IllegalArgumentException("the trainer wants a network with a text condition");
        }
        if (network.learnSigma()) {
            throw new IllegalArgumentException(
                    "learnSigma must be false: the trainer walks a rectified flow, whose steps have no variance to learn");
        }
    }
}
