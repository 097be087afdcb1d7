package org.vortexel.train;

import org.jspecify.annotations.Nullable;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.TimeSampling;
import org.vortexel.dit.DitConfig;

/// A text-conditioned diffusion transformer on captioned pictures, or on their latents.
///
/// @param data which pictures
/// @param codec the folder of the codec whose latents are drawn; none draws pixels
/// @param network the model's sizes: those of a latent, if a codec is given
/// @param start the folder of a model of these sizes whose weights the run begins with; none begins with random ones
/// @param prediction what the network predicts
/// @param loss how steps are weighted
/// @param timesteps where in `[0, 1]` training looks: `mean` above 0 looks more at noise
/// @param dropout how often a caption is replaced by the empty one, for guidance
public record DitSubject(
        TrainConfig.Data data,
        @Nullable String codec,
        DitConfig network,
        @Nullable String start,
        Prediction prediction,
        Loss loss,
        TimeSampling.LogitNormal timesteps,
        double dropout)
        implements Subject {
    private static final int COLOURS = 3;

    /// How the squared error of a step is weighted.
    public enum Loss {
        /// All timesteps alike.
        UNIFORM,
        /// As the error of the velocity, whatever the network predicts: `1 / max(t, 0.05)²` for a predicted
        /// picture.
        VELOCITY
    }

    public DitSubject {
        if (codec == null && network.channels() != COLOURS) {
            throw new IllegalArgumentException("the trainer's pictures have " + COLOURS
                    + " channels but the network has " + network.channels() + "; a codec would give latents");
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

    /// The network's text condition.
    DitConfig.Text text() {
        return (DitConfig.Text) network.condition();
    }
}
