package org.vortexel.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything a training run depends on; one JSON file. Two runs of one config on one device end with the same bits.
///
/// @param subject what is trained on what
/// @param optimiser how weights move
/// @param batch pictures a step
/// @param steps steps in all
/// @param seed of initial weights, order, noise and timesteps
/// @param checkpointEvery steps between checkpoints
/// @param sampleEvery steps between samples and releases
/// @param out folder of the run
public record TrainConfig(
        Subject subject,
        Optimiser optimiser,
        int batch,
        int steps,
        long seed,
        int checkpointEvery,
        int sampleEvery,
        String out) {
    /// Which pictures of an image folder are trained on.
    ///
    /// @param folder the image folder, with its `metadata.jsonl`
    /// @param styles the styles to keep; empty keeps all
    /// @param skinTones whether pictures with a skin tone are kept
    /// @param splits the splits to keep; empty keeps all
    /// @param further more image folders, of which the same is kept; none if not given
    public record Data(
            String folder,
            List<String> styles,
            boolean skinTones,
            List<String> splits,
            @Nullable List<String> further) {
        public Data {
            styles = List.copyOf(styles);
            splits = List.copyOf(splits);
            further = further == null ? null : List.copyOf(further);
        }

        /// Pictures of one folder.
        public Data(String folder, List<String> styles, boolean skinTones, List<String> splits) {
            this(folder, styles, skinTones, splits, null);
        }
    }

    public TrainConfig {
        if (batch < 1 || steps < 1 || checkpointEvery < 1 || sampleEvery < 1) {
            throw new IllegalArgumentException("batch, steps, checkpointEvery and sampleEvery must be positive");
        }
    }

    /// The same run looked at more or less often, or written elsewhere; its bits are the same.
    TrainConfig seen(int checkpointEvery, int sampleEvery, String out) {
        return new TrainConfig(subject, optimiser, batch, steps, seed, checkpointEvery, sampleEvery, out);
    }
}
