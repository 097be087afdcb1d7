/// Transformers that draw a picture token by token, and how tokens are drawn. May depend on `codebook`, `nn`, `op`,
/// `program`, `device`, `checkpoint` and `tensor`.
///
/// Read [TokenGenerator], then [Gpt]; [ArModel] is a trained one in its folder.
///
/// ```
/// prompt --prefix--> (N, P, D) --+
///                                +--> transformer --> logits of the next token --guidance, sampling--> token
/// tokens so far -----------------+        ^                                                              |
///                                         +---- KvCache: keys and values of the past <---------- fed back +
/// ```
///
/// *Decisions*
///
/// - One token is one run of one recorded program. Its position is an input, everything that depends on it (rotary
///   angles, which keys are seen) is looked up in constant tables, and the cache is an input that the program
///   writes in place: so the program is compiled once, and a device may still pack the weights, which do not
///   change.
/// - The prefix goes through that program too, position by position. A parallel pass would be faster for long
///   captions but would need a second program on the same cache.
/// - With fewer heads of keys than of queries the cache holds the fewer, and queries that share keys stand as
///   several queries of one token: nothing is repeated.
/// - The padding of a caption stands in front of it, as in the published recipe, and is hidden as
///   keys; the last state, from which the first token is predicted, is always one of the caption.
/// - Drawing is by the inverse of the distribution function over ids in ascending order, one uniform number a
///   token: a given seed gives the same picture in any batch.
@NullMarked
package org.vortexel.ar;

import org.jspecify.annotations.NullMarked;
