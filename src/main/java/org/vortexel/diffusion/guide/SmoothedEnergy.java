package org.vortexel.diffusion.guide;

import org.vortexel.diffusion.Branches;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Denoiser;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.tensor.NdArray;

/// Smoothed energy guidance (SEG): beside the condition's pull, away from what the same network answers
/// when
/// the queries of some self-attention are blurred over the picture,
///
/// `out = out_u + scale · (out_c - out_u) + strength · (out_c - out_blurred)`
///
/// The blurred answer has the condition too. At strength 0 this is classifier-free guidance to the bit,
/// at
/// scale 1 the condition alone is heard and the blurred answer is all that guides.
///
/// Source: Hong 2024, [arXiv:2408.00760](https://arxiv.org/abs/2408.00760), section 4; combined with
/// classifier-free guidance as in its public code.
///
/// @param scale of classifier-free guidance
/// @param strength at least 0, 3 in the paper
public record SmoothedEnergy(double scale, double strength) {
    public SmoothedEnergy {
        if (!Double.isFinite(scale)) {
            throw new IllegalArgumentException("the guidance scale must be a number but is " + scale);
        }
        if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the strength of SEG is at least 0 but is " + strength);
        }
    }

    /// Settles what two networks are asked.
    ///
    /// @param blurred the same network with blurred queries
    /// @param condition what the pictures should show
    /// @param instead the null condition or the negative prompt, for as many pictures; not looked at
    /// when the
    /// scale is 1
    public GuidedDenoiser guide(Denoiser denoiser, Denoiser blurred, Condition condition, Condition instead) {
        if (scale == 1) {
            return (x, timesteps) -> {
                NdArray with = denoiser.predict(x, timesteps, condition);
                return away(
                        with,
                        with,
                        blurred.predict(x, timesteps, condition),
                        x.shape().dim(1));
            };
        }
        Condition both = condition.and(instead);
        return (x, timesteps) -> {
            Branches out = Branches.ask(denoiser, x, timesteps, both);
            NdArray guided = Guidance.of(scale).combine(out, x.shape());
            return away(
                    guided,
                    out.with(),
                    blurred.predict(x, timesteps, condition),
                    x.shape().dim(1));
        };
    }

    private NdArray away(NdArray guided, NdArray with, NdArray blurred, int channels) {
        NdArray out = guided.copy();
        int outputs = out.shape().dim(1);
        int plane = out.shape().size(2, out.shape().rank());
        for (int i = 0; i < out.data().length; i++) {
            if (i / plane % outputs < channels) { // a learnt variance is never guided
                out.data()[i] = (float) (out.data()[i] + strength * ((double) with.data()[i] - blurred.data()[i]));
            }
        }
        return out;
    }
}
