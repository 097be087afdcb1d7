/// The diffusion transformer: class-conditioned as published, or text-conditioned with cross-attention.
/// May depend on `diffusion`, `device`, `checkpoint`, `nn`, `op`, `program`, `tensor`.
///
/// Read [Dit] from top to bottom, then [DitBlock].
///
/// ```
/// x (N, C, H, W) --> patches + positions --> blocks (self-attention, [cross-attention], MLP) --> patches --> x
///                                               ^             ^
/// t (N) or (N, T) --> sin-cos --> MLP ----------+             |
/// label, or pooled caption vector --------------+             |
/// caption token states (N, L, S) --> projection --------------+
/// ```
///
/// *Decisions*
///
/// - Both models are one class: the condition is a case of [DitConfig.Condition]. Names are the official DiT keys,
///   and PixArt's where DiT has no cross-attention.
/// - Timesteps may differ per token ((N, T) instead of (N)); then the modulation is computed per token
/// or, where
///   tokens share few times, once for each of these and looked up ([Modulator]).
/// - The text model keeps a modulation matrix per block (adaLN-Zero). With few tokens it costs almost no time, and
///   gives the model room to remember; the shared table of PixArt saves memory, which a small model does not need.
/// - A feature cache meets the network in one place, `Features`: a step that computes and a step that forecasts are
///   two programs that share rings of features on the device. Only a table of weights travels to a forecast step. A
///   switch inside one program was turned down: programs have no control flow, and what is forecast should cost
///   nothing.
/// - Attention is looked at through a probe; what nobody watches is left out of the program ([Watch]).
/// The
///   blurred queries of SEG are one more case of `Features`, and a network of their own ([QueryBlur]).
/// - The computing program of a cache has the ops of the plain one and stores beside them, so that an interval of 1
///   is no cache to the bit.
@NullMarked
package org.vortexel.dit;

import org.jspecify.annotations.NullMarked;
