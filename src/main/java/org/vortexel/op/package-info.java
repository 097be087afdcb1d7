/// The ops: one file each, holding the shape rule, the kernels (forward and backward side by side) and the gradient
/// rule. May depend on `tensor` only.
///
/// Read [LayerNorm] first, for how a room looks, then [Tensor], which is what a model's code handles.
///
/// ```
/// x.matmul(w)          Tensor      what a model says
///    |
/// MatMul.shapes        Op          what comes out, or one sentence about what is wrong
///    |
/// MatMul.lower         Kernel      a static method over float[], split into rows by the device
///    |
/// MatMul.gradient      Op          the ops that give the gradient, recorded on the same tape
/// ```
///
/// *Decisions*
///
/// - A kernel is a static method ending in `(…, int begin, int count)`: the host splits rows over its cores, a GPU
///   takes them all. It never allocates and never throws: shapes were checked when the op was recorded.
/// - Gradients are ops too, so there is one mechanism for training, for noise optimisation and for second uses.
/// - An op that reads its input only where it writes its output says so ([Op#inPlace]); the memory plan does the rest.
@NullMarked
package org.vortexel.op;

import org.jspecify.annotations.NullMarked;
