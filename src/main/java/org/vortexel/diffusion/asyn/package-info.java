/// AsynDM: a time of its own for every pixel, so that what the prompt speaks of is drawn last and sees the rest
/// clearly. No training, no network; only other ways through the noise. May depend on `diffusion` and `tensor`.
///
/// Read [FieldWalk] first, then [FieldSchedule].
///
/// ```
/// cross-attention maps --> Masks (who owns which pixel) --+
///         ^                                               v
///         |                       times of every pixel --FieldSchedule--> next times
///         |                                                                   |
///      network <--PerToken times-- Interval <--------- FieldWalk <-----------+
/// ```
///
/// *Decisions*
///
/// - A field of times is only another iterator of intervals; samplers and loop are untouched. The loop asks for an
///   interval when the last one is done, so the masks' lag of one step comes from the order of calls.
/// - Masks hold the owner of every pixel, not one array per item: they cannot overlap.
/// - Controls (masks anywhere, masks turned round) are sources around another source, and so follow it
/// step by
///   step.
/// - Curves are continued by closed forms, in double. The exponential is written without its amplitude, which the
///   code divides by.
/// - A field knows nothing of channels and pictures' sizes: a U-Net gets a field of latent pixels, a transformer one
///   of tokens.
/// - For a rectified flow the paper gives no schedule; the field is even in `t` and begins at pure noise everywhere.
@NullMarked
package org.vortexel.diffusion.asyn;

import org.jspecify.annotations.NullMarked;
