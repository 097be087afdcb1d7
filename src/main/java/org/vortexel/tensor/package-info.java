/// Arrays of numbers and their shapes: the ground floor, which depends on nothing.
///
/// Read [Shape] and [NdArray] first.
///
/// ```
/// Shape (N, T, D) --+--> NdArray: a float[] in row-major order
/// seed, stream -----+--> Philox:  the same noise on every machine
/// ```
///
/// *Decisions*
///
/// - Storage is a plain `float[]`: the JIT vectorises loops over it, and TornadoVM takes it as a kernel parameter.
///   Memory segments were 4 to 13 times slower in element-wise loops.
/// - Arrays are always dense and row-major; a view with strides would push index arithmetic into every kernel.
/// - Random numbers are counter-based, so any element can be made alone, in any order, on any thread.
@NullMarked
package org.vortexel.tensor;

import org.jspecify.annotations.NullMarked;
