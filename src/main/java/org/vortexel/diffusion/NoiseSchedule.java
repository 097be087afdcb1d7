package org.vortexel.diffusion;

/// How the noise grows with time, and where along that time a sampler stops by default.
///
/// Time is counted in training steps, `0` (data) to [#steps()] (noise), in both kinds: it is the number that the
/// network's time embedding receives. A variance-preserving process knows the whole steps `0 … steps - 1`; a rectified
/// flow knows every real time, and `time / steps` is the `t` of the papers.
///
/// The trainer noises with the very object that the sampler walks along.
public sealed interface NoiseSchedule permits VariancePreserving, RectifiedFlow {
    /// How many training steps the time axis has, usually 1000.
    int steps();

    /// The noise level at a time.
    NoiseLevel level(double time);

    /// `count` sampling steps from noise to data.
    ///
    /// @throws IllegalArgumentException when `count` is not possible with this schedule
    TimeGrid grid(int count);
}
