/// Layers: records of parameters with a `forward` that records ops. May depend on `op`, `program` and `tensor`.
///
/// Read [Linear], then [Params].
///
/// ```
/// Params (names, shapes, initial values) --> layers hold Parameters --> forward(x) records ops on x's tape
///        |
///        +--> Weights: the numbers, drawn from a seed or read from a checkpoint
/// ```
///
/// *Decisions*
///
/// - A layer has no numbers, only names: the same layer object records programs for any batch size and any device.
/// - Parameter names are the state-dict keys of the public checkpoints, so that a file loads without a mapping.
@NullMarked
package org.vortexel.nn;

import org.jspecify.annotations.NullMarked;
