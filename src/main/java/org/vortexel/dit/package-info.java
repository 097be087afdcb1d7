/// The diffusion transformer: class-conditioned as published, or text-conditioned with cross-attention.
/// May depend on `nn`, `op`, `program`, `tensor`.
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
/// - Both models are one class: the condition is a case of [DitConfig.Condition]. Names are the official DiT keys, and
///   PixArt's where DiT has no cross-attention.
/// - Timesteps may differ per token ((N, T) instead of (N)); then the modulation is computed per token.
/// - The text model keeps a modulation matrix per block (adaLN-Zero). With few tokens it costs almost no time, and
///   gives the model room to remember; the shared table of PixArt saves memory, which a small model does not need.
@NullMarked
package org.vortexel.dit;

import org.jspecify.annotations.NullMarked;
