package org.vortexel.diffusion.guide;

import org.vortexel.diffusion.Branches;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Denoiser;
import org.vortexel.diffusion.Estimate;
import org.vortexel.diffusion.Estimator;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.TimeGrid;
import org.vortexel.tensor.NdArray;

/// CFG++: the clean picture is taken from the guided answer, but the noise it is mixed with again from
/// the
/// answer without the condition, so that no step leaves the paths of unguided sampling:
///
/// `x' = alpha' · x0(m_u + strength · (m_c - m_u)) + sigma' · eps(m_u)`
///
/// In the paper `m` is noise and the schedule preserves variance, which gives its DDIM form. Nothing in
/// the
/// idea wants either. For a rectified flow `alpha = 1 - t`, `sigma = t`, `m = v`, `x0 = x - t v` and
/// `eps = x + (1 - t) v`, so that the same line becomes
///
/// ```
/// x' = (1 - t')(x - t v_u - t strength (v_c - v_u)) + t' (x + (1 - t) v_u)
///    = x + (t' - t) v_u - t (1 - t') strength (v_c - v_u)
/// ```
///
/// while guidance of scale `s` would give `x + (t' - t) v_u - (t - t') s (v_c - v_u)`. So CFG++ is
/// guidance
/// whose scale follows the time, `s(t) = strength · t (1 - t') / (t - t')`: nothing much at both ends,
/// most
/// in the middle, and with shorter steps the same strength pulls more in all; [#asStrongAs] turns one
/// into
/// the other.
///
/// All levels are those of the pixel, so times may differ from place to place. Wants a sampler whose
/// step is
/// one mixture of picture and noise: [org.vortexel.diffusion.Euler] or [org.vortexel.diffusion.Ddim].
///
/// Source: Chung et al. 2024, [arXiv:2406.08070](https://arxiv.org/abs/2406.08070), algorithm 2; the
/// form for
/// flows is derived here.
///
/// @param strength `lambda`, 0 (the condition is not heard) to 1 (the clean picture is that of the
/// condition)
public record CfgPlusPlus(double strength) {
    public CfgPlusPlus {
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("the guidance of CFG++ is from 0 to 1 but is " + strength);
        }
    }

    /// The CFG++ that pulls as much as guidance does over a whole run, if the two answers differ by the
    /// same
    /// at every step; 1 where that would be more than 1.
    ///
    /// @param scale of classifier-free guidance, at least 0
    /// @param prediction what the network outputs
    /// @param grid the steps
    public static CfgPlusPlus asStrongAs(double scale, Prediction prediction, TimeGrid grid) {
        double guidance = 0;
        double own = 0;
        for (Interval step : grid) {
            double picture =
                    step.to().of(0).alpha() * prediction.x0(0, 1, step.from().of(0));
            double noise =
                    step.to().of(0).sigma() * prediction.eps(0, 1, step.from().of(0));
            guidance += Math.abs(picture + noise);
            own += Math.abs(picture);
        }
        return new CfgPlusPlus(Math.min(1, scale * guidance / own));
    }

    /// Settles what a network is asked.
    ///
    /// @param condition what the pictures should show
    /// @param instead the null condition or the negative prompt, for as many pictures
    public Estimator guide(
            Denoiser denoiser, Prediction prediction, Clip clip, Condition condition, Condition instead) {
        Condition both = condition.and(instead);
        return (x, interval) -> {
            Branches out = Branches.ask(denoiser, x, interval.timesteps(), both);
            Estimator.checkFinite(out.with(), "the network's output");
            Estimator.checkFinite(out.without(), "the network's output without the condition");
            NdArray guided = Guidance.of(strength).combine(out, x.shape());
            Estimate picture = Estimate.of(prediction, x, guided, interval.from(), clip);
            Estimate noise = Estimate.of(prediction, x, out.without(), interval.from(), clip);
            return new Estimate(picture.x0(), noise.eps(), picture.variance());
        };
    }
}
