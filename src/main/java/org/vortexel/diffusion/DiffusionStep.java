package org.vortexel.diffusion;

import org.vortexel.tensor.NdArray;

/// What happened in one step of the [DiffusionLoop].
///
/// @param interval the way that was crossed; `interval.index() + 1` of `interval.count()` steps are done
/// @param x the pictures after the step; after the last step the result
/// @param x0 the clean pictures that the network saw in this step: a preview
public record DiffusionStep(Interval interval, NdArray x, NdArray x0) {}
