package org.vortexel.train;

import java.nio.file.Path;
import java.util.Map;
import org.vortexel.device.Player;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;

/// A [Subject] at work: what the trainer asks of whatever it trains. Used by one thread.
///
/// What a step is fed is a function of the run's seed and the number of the step, so that a run that was
/// interrupted goes on with the same bits.
public interface Task {
    /// What is minimised.
    ///
    /// @param loss one number
    /// @param parts single numbers that the log shows beside it, by name
    record Objective(Tensor loss, Map<String, Tensor> parts) {
        /// A loss of one part.
        public static Objective of(Tensor loss) {
            return new Objective(loss, Map.of());
        }
    }

    /// What is learnt.
    Params params();

    /// The numbers it begins with.
    Weights initial();

    /// What the loss reads and nobody changes, under names that [#params] does not have; empty for most.
    Weights frozen();

    /// Records the inputs of a step and the loss.
    Objective record(Recorder recorder);

    /// Gives a step its inputs.
    ///
    /// @param step from 0
    void feed(int step, Player player);

    /// Writes a model that is ready for use.
    ///
    /// @param weights of [#params], averaged over the run
    void release(Weights weights, Path folder);

    /// Measures a model, for `measures.json`; nothing for most.
    ///
    /// @param weights of [#params], averaged over the run
    default Map<String, Double> measure(Weights weights) {
        return Map.of();
    }

    /// Writes pictures that show how far the model is.
    ///
    /// @param weights of [#params], averaged over the run
    void draw(Weights weights, Path file);
}
