package org.vortexel.train;

import org.vortexel.diffusion.Condition;
import org.vortexel.tensor.NdArray;

/// What one training step is given.
///
/// @param noisy (N, C, H, W) pictures with noise
/// @param time (N) timesteps, 0 … 1000
/// @param target (N, C, H, W) what the network should predict
/// @param weight (N) how much each picture's squared error counts
/// @param text N encoded captions
record Batch(NdArray noisy, NdArray time, NdArray target, NdArray weight, Condition.Text text) {}
