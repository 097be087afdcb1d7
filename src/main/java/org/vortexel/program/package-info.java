/// Record once: ops become a program, gradients are appended to it, buffers are planned. May depend on `op` and
/// `tensor`.
///
/// Read [Recorder], then [Gradients].
///
/// ```
/// model code --> Recorder --(Gradients appends backward ops)--> Program --> MemoryPlan --> a device plays it
/// ```
///
/// *Decisions*
///
/// - A program is a list of ops in order; there is no control flow in it. Loops over steps are Java, outside.
/// - Parameters are looked up by name in [Weights] when a device loads the program, so that training, sampling and
///   evaluation programs of different batch sizes share one set of arrays.
/// - Buffers are whole arrays, reused when what they held is dead, not offsets into one arena: kernels stay free of
///   offsets and TornadoVM gets the arrays it wants.
@NullMarked
package org.vortexel.program;

import org.jspecify.annotations.NullMarked;
