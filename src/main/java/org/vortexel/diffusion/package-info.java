/// Diffusion and rectified flow without the network: noise schedules, times, samplers, guidance, the denoising loop,
/// and the noising that training needs. Plain arithmetic on the host; no kernels, no weights. Depends on `tensor` only.
///
/// Read [Sampler] and [DiffusionLoop] first.
///
/// ```
/// NoiseSchedule --timesteps--> TimeGrid --> Interval (times for the network, levels from/to)
///                                              |
/// InitialNoise --> x ----> Estimator -----> Estimate (x0, eps) --> Sampler.step --> x' -->
/// DiffusionStep
///                   ^    (Guidance x Denoiser)                                       |
///                   +----------------------------------------------------------------+
/// ```
///
/// *Decisions*
///
/// - A level is a pair `(alpha, sigma)`. Variance-preserving diffusion and rectified flow then share every sampler:
///   Euler of either kind, k-diffusion's Euler and DDIM without noise are one line.
/// - `x` stays at the network's scale. k-diffusion keeps `x / alpha` and rescales it before the network; the steps are
///   the same and one concept less is needed here.
/// - Time is counted in training steps for both kinds, because that is what the networks embed; `t` in `[0, 1]` appears
///   only where the papers of rectified flow use it (shift, training times).
/// - A sampler sees an [Estimate], never the raw output: prediction types are converted in one place.
/// - The loop is handed an [Estimator]: a network whose one answer says picture and noise
/// ([GuidedDenoiser]), or one
///   that is guided so that they come from two (CFG++, in `guide`).
/// - A step is a weighted sum whose weights are computed once per region and in double; per-token times are only more
///   regions. A sampler class per time layout was turned down.
/// - Steps are pure and history is a value, so a caller may branch, repeat or abandon a run.
@NullMarked
package org.vortexel.diffusion;

import org.jspecify.annotations.NullMarked;
