/// Noise for a batch: CNO, which moves the noise of pictures of one prompt so that they become less alike, and what
/// it is compared with. May depend on `diffusion`, `device`, `program`, `op` and `tensor`.
///
/// Read [NoiseRefiner] first, then [ContrastiveLoss].
///
/// ```
/// unit noise --> NoiseRefiner (Off | Contrastive | Coupled) --> sampler, as always
///                     |  x, the first step                  ^
///                     v                                     |
///                network --> Tweedie estimates --> ContrastiveLoss --gradient--> Adam, a few times
///                                                     (closed form, or through the network: PullBack)
/// ```
///
/// *Decisions*
///
/// - The loss and its gradient are a closed form on the host, in double: a batch has few pictures and few cells.
///   Recording it as ops was turned down; only the network is differentiated by its program.
/// - The estimate is linear in noise and output for every kind of prediction, so both ways of the gradient are the
///   same two factors.
/// - Pictures of different prompts are never compared.
/// - CADS and particle guidance act during sampling and so are not refiners; they wrap the condition and the network.
@NullMarked
package org.vortexel.diffusion.noise;

import org.jspecify.annotations.NullMarked;
