package org.vortexel.ar;

import org.vortexel.tensor.NdArray;

/// One token of every picture of a batch, just drawn.
///
/// @param index from 0
/// @param count tokens of a picture, T
/// @param logits (N, V), guided
/// @param tokens (N), what was drawn
public record TokenStep(int index, int count, NdArray logits, int[] tokens) {}
