/// SSDD: an encoder and a diffusion decoder that needs a single step.
///
/// Read [SsddDecoder], then [AdaptiveBlock].
///
/// Source: Vallaeys, Verbeek and Cord 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961).
@NullMarked
package org.vortexel.codec.ssdd;

import org.jspecify.annotations.NullMarked;
