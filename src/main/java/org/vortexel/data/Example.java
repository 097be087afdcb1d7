package org.vortexel.data;

import org.vortexel.tensor.NdArray;

/// A picture as a network sees it, with its words.
///
/// @param entry the words
/// @param image shape (3, S, S) in [-1, 1]
public record Example(Entry entry, NdArray image) {}
