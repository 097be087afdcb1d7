/// Training: one recorded program per step (forward, loss, backward, clipping, AdamW, average), and what
/// surrounds it. May depend on every package above it, `pipeline` and `cli` excepted.
///
/// Read [TrainConfig], then [Task] and [Trainer], then [TrainingProgram].
///
/// ```
/// pictures, captions --> Task.feed --(noise, timesteps, dropped captions: functions of seed and step)--+
///                                                                                                      v
/// TrainState (weights, average, moments, step) <--> TrainingProgram: loss, gradients, clip, AdamW, average
///       |                                                                                              |
///       +--> checkpoint (one file, atomic)                       metrics.jsonl, loss plot, samples <---+
/// ```
///
/// *Decisions*
///
/// - Nothing random is remembered: batch, noise and timesteps of step `s` are functions of the seed and of `s`. A run
///   that was killed and resumed therefore ends with the same bits.
/// - A checkpoint is one file that holds everything, so that it is whole or not there.
/// - A [Task] may measure its averaged weights along a run, on pictures that are held out
///   ([Measures]): arms of an experiment are compared by curves, not by their last step alone.
/// - Token ids are computed once per tokenizer and folder, and the file says of which
///   ([TokenPictures]).
/// - [LearntVariance] is a loss on its own. [Trainer] does not offer it: every model that is trained here walks a
///   rectified flow, which `model.json` and the samplers take for granted, and its steps have no variance to learn.
@NullMarked
package org.vortexel.train;

import org.jspecify.annotations.NullMarked;
