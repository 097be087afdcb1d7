/// MASC: a transformer over clusters of codes, and ways from a cluster back to a code.
///
/// Read [BranchGpt], then [MemberDecoding] and [Refiner].
///
/// *Decisions*
///
/// - Nothing of the transformer changes but its vocabulary; cluster ids are its inputs and its targets.
/// - A cluster's member is drawn after the loop, from uniform numbers of a stream of their own: the clusters of a
///   seed stay the same whatever decodes them.
/// - The published refinement network is an interface without a training recipe. Ours: one decoder layer on the
///   states of the frozen transformer, logits outside the cluster hidden. *Departs from the paper* where the paper
///   says nothing.
///
/// Source: *MASC: Manifold-Aligned Semantic Clustering*, 2025, [arXiv:2510.04220](https://arxiv.org/abs/2510.04220).
@NullMarked
package org.vortexel.ar.masc;

import org.jspecify.annotations.NullMarked;
