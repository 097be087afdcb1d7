package org.vortexel.diffusion.cache;

/// A feature that is kept, without its numbers.
///
/// @param at where on the axis of forecasts it was taken: the step's index, or any coordinate that grows from step to
/// step
/// @param computed whether the network computed it; otherwise it is itself a forecast
/// @param slot where in the ring its numbers are
public record Past(double at, boolean computed, int slot) {}
