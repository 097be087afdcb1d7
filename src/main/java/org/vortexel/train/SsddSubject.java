package org.vortexel.train;

import org.jspecify.annotations.Nullable;
import org.vortexel.codec.ssdd.SsddConfig;
import org.vortexel.codec.ssdd.SsddEncoder;
import org.vortexel.codec.ssdd.SsddModel;
import org.vortexel.diffusion.TimeSampling;

/// An SSDD decoder, with its encoder or on a frozen one, on pictures.
///
/// Without a teacher it learns the flow from noise to pictures. With one, it learns to do in a single step what
/// the teacher does in several, from the same noise; `start` is the teacher and where the student begins.
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961).
///
/// @param data which pictures
/// @param size their side in pixels, a multiple of the latent's compression
/// @param encoder the encoder's sizes
/// @param decoder the decoder's sizes
/// @param start the folder of a codec whose weights the run begins with; parts of other sizes begin with random ones,
/// but a frozen encoder must be there; none begins with random ones
/// @param frozenEncoder whether the encoder stays as it is
/// @param teacherSteps 0 to learn the flow; or the steps of the teacher, the paper's being 7
/// @param weights of the loss's terms
/// @param timesteps where in `[0, 1]` the flow is learnt; with a mean above 0, where there is more noise, latents
/// soon have to say more; the paper's if not given
public record SsddSubject(
        TrainConfig.Data data,
        int size,
        SsddEncoder.Config encoder,
        SsddConfig decoder,
        @Nullable String start,
        boolean frozenEncoder,
        int teacherSteps,
        Terms weights,
        TimeSampling.@Nullable LogitNormal timesteps)
        implements Subject {

    /// How much the terms of the loss count.
    ///
    /// @param flow mean squared error of the velocity
    /// @param perceptual MobileNetV2 perceptual distance of the estimated picture
    /// @param alignment one minus the cosine between the decoder's tokens and MobileNetV2's map of block 9
    /// @param divergence of the latents from the standard normal distribution, if the encoder is trained
    /// @param tint the squared error once more, of what is not grey; 0 in the paper. It does not move the
    /// minimum, and lets a short run see colours
    public record Terms(double flow, double perceptual, double alignment, double divergence, double tint) {
        /// The paper's.
        public static final Terms PAPER = new Terms(1, 0.5, 0.25, 1e-6, 0);

        public Terms {
            if (!(flow >= 0 && perceptual >= 0 && alignment >= 0 && divergence >= 0 && tint >= 0)) {
                throw new IllegalArgumentException("the weights of a loss must be at least 0");
            }
        }
    }

    /// Where the paper learns the flow.
    private static final TimeSampling.LogitNormal PAPER_TIMES = new TimeSampling.LogitNormal(0, 1);

    /// Where the flow is learnt.
    TimeSampling.LogitNormal times() {
        return timesteps == null ? PAPER_TIMES : timesteps;
    }

    public SsddSubject {
        SsddModel.Config.check(encoder, decoder);
        if (size < 16 || size % 16 != 0 || size % decoder.compression() != 0) {
            throw new IllegalArgumentException("the size of pictures must be a multiple of 16 and of the compression "
                    + decoder.compression() + " but is " + size);
        }
        if (teacherSteps < 0) {
            throw new IllegalArgumentException("teacherSteps must be at least 0 but is " + teacherSteps);
        }
        if (start == null && (frozenEncoder || teacherSteps > 0)) {
            throw new IllegalArgumentException("a frozen encoder and a teacher are read from start, which is missing");
        }
    }
}
