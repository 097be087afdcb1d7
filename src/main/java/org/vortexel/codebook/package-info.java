/// The geometry of a tokenizer's codebook: its tree of clusters (MASC), cuts of the tree, and rival partitions. May
/// depend on `device.host` (threads), `checkpoint` and `tensor`.
///
/// Read [Agglomeration], then [ClusterTree].
///
/// ```
/// Codebook (K, d) --Agglomeration--> ClusterTree --cut(k)--> Partition: code <-> cluster
///                 --Rivals.kMeans, Rivals.random-----------> Partition
/// ```
///
/// *Decisions*
///
/// - The nearest-neighbour chain finds the whole tree in O(K²); every k is then a cut of one tree, and cuts are
///   nested.
/// - Distances lie in whole rows, one array a row: 1.07 GB for 16,384 codes in single precision,
///   and no array that outgrows an `int`. A merge writes one row; others take over what changed
///   when they are looked at next. Above 20,000 codes only a triangle is kept. Sums are taken in
///   double precision.
/// - A partition numbers its clusters in order of their smallest member, so that equal partitions have equal
///   labels.
/// - Golden k-means runs are Lloyd's iterations from given rows, which Commons Math does not offer; the rival in
///   experiments is Commons Math's, seeded by k-means++.
///
/// Source: *MASC: Manifold-Aligned Semantic Clustering*, 2025, [arXiv:2510.04220](https://arxiv.org/abs/2510.04220).
@NullMarked
package org.vortexel.codebook;

import org.jspecify.annotations.NullMarked;
