/// Pictures to grids of token ids and back: the vector-quantised tokenizer of LlamaGen.
///
/// Read [VqTokenizer], then [VectorQuantizer].
///
/// ```
/// picture (N, 3, H, W) --encoder--> vectors (N, d, h, w) --nearest code--> ids (N, h, w)
/// ids (N, h, w) --code--> (N, d, h, w) --decoder--> picture (N, 3, H, W)
/// ```
///
/// *Decisions*
///
/// - Ids come out of a program as whole floats, exact up to 2^24 codes: every computed tensor holds floats, and a
///   second kind of buffer for one op's result would touch every device.
/// - Distances are sums of squared differences, not `|x|² + |e|² - 2 x e`: no cancellation, and the same bits on
///   every device.
/// - A file's `quantize.codebook_used` is left out; it logs usage while training and plays no part in the
///   arithmetic.
///
/// Source: Sun et al. 2024, [arXiv:2406.06525](https://arxiv.org/abs/2406.06525), section 2.1.
@NullMarked
package org.vortexel.codec.vq;

import org.jspecify.annotations.NullMarked;
