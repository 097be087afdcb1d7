/// Ways to guide other than classifier-free guidance ([org.vortexel.diffusion.Guidance]), as rivals of
/// AsynDM
/// and for whoever likes their pictures better. May depend on `diffusion` and `tensor`.
///
/// Read [CfgPlusPlus] first, the shortest; then [SemanticGuidance] with [Segments].
///
/// | way                | changes                                        | asks a step of        |
/// |--------------------|------------------------------------------------|-----------------------|
/// | [CfgPlusPlus]      | what the picture is mixed with again           | 2 answers             |
/// | [SemanticGuidance] | the scale, part by part of the picture         | 2 answers, attention  |
/// | [SmoothedEnergy]   | adds a pull away from a blurred network        | 3 answers             |
/// | [Zigzag]           | the way: there, back without condition, there  | 2 + 1 + 2 answers     |
///
/// *Decisions*
///
/// - Where two answers become one, the result is a [org.vortexel.diffusion.GuidedDenoiser] and goes
/// with
///   every sampler. CFG++ needs two, one for the picture and one for the noise, and so is an
///   [org.vortexel.diffusion.Estimator]; a sampler class of its own for it was turned down, as it would
/// know
///   the network.
/// - None of them knows which network it asks: attention comes from a supplier, the blurred network is
/// one
///   more denoiser.
@NullMarked
package org.vortexel.diffusion.guide;

import org.jspecify.annotations.NullMarked;
