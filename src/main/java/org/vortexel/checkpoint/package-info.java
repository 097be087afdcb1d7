/// Weights and settings in files: safetensors read and written, JSON configs, files that are never half-written.
///
/// May depend on `program` and what it depends on. Read [SafeTensors] and [WeightSource] first.
///
/// ```
/// file --map--> SafeTensors --header checked--> TensorInfo (name, dtype, shape, bytes)
///                    |
///                    +--> float[] / long[] / NdArray, widened when asked for
///                    +--> WeightSource.weightsOf(program): no name missing or left over
///
/// StoredTensor... --SafeTensorsWriter--> AtomicFile: temporary file, fsync, rename
/// record <--Json--> config.json
/// ```
///
/// *Decisions*
///
/// - The file is mapped, not read: opening a checkpoint costs its header, and a tensor is copied once, when it is
///   asked for.
/// - The header is parsed as a stream of tokens into small records. A tree of nodes would let a hostile header take ten
///   times its size in memory.
/// - A file with gaps, overlaps or bytes left over is refused, as the format demands: nothing can hide in it.
/// - An unknown or missing field in a config is an error. A setting that is spelt wrong must not become a default.
@NullMarked
package org.vortexel.checkpoint;

import org.jspecify.annotations.NullMarked;
