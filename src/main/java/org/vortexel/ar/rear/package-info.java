/// reAR: a transformer that is trained on a context with errors and whose states are drawn to the codes that a
/// decoder sees. Sampling and the tokenizer stay as they are.
///
/// Read [NoisyContext] and [Alignment]; the method's own backbone is [RearGpt], and `ar.Gpt` takes both as well.
///
/// ```
/// tokens --NoisyContext--> context --> transformer --logits--> cross-entropy with the clean tokens
///                                          |--state after block 0--> head --> cosine with this token's code
///                                          +--state after 3/4-------> head --> cosine with the next one's
/// ```
///
/// *Decisions*
///
/// - Off is a case: noise of ratio 0 gives the very same ids, and without an [Alignment] nothing is recorded.
/// - Where paper and published code differ, both are switches and the code is the default, since the published
///   weights were trained with it: replaced positions count 0 in the encoding term but stay in its denominator
///   ([Alignment.Replaced]); heads have 3 layers and SiLU, not 2 and GELU.
/// - Uniform numbers are arguments; the caller takes them from a stream of their own, so that turning noise on
///   moves nothing else.
///
/// Source: *Rethinking Visual Autoregressive Models via Token-wise Consistency Regularization*, 2025,
/// [arXiv:2510.04450](https://arxiv.org/abs/2510.04450).
@NullMarked
package org.vortexel.ar.rear;

import org.jspecify.annotations.NullMarked;
