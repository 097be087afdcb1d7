/// How good drawn pictures are: measures of features and pixels, the network that sees the features, and the
/// evaluation of a model on a data set. May depend on everything above it; it does not see `pipeline` and is
/// given a painter.
///
/// Read [StyleEvaluation], then [MobileNetFeatures], then [MobileNetV2].
///
/// ```
/// captions --(Painter)--> drawn --+                               +--> Retrieval: is the nearest picture the right
/// one?
///                                 +--> MobileNetFeatures, pixels --+--> FrechetDistance, Diversity, Manifold
///                                 +--> Judge (DualEncoder) --------+--> alignment, Attributes
/// data set ----------> true, all -+                               +--> PerceptualDistance, Ssim, Psnr
///
/// npm archive --> TfjsModel --> FoldedNorms --> MobileNetV2: blocks 3, 6, 9
/// ```
///
/// *Decisions*
///
/// - The feature network is MobileNetV2 up to block 9, because it is the one with a free licence that a package
///   registry holds. Figures are named after it ("MobileNetV2-block9 FD", "MobileNetV2 perceptual distance"), never
///   FID or LPIPS, which other networks define.
/// - It is a recorded program like any other, so it has gradients; batch norms are folded, as it is never trained.
/// - Its weights are fetched by the user's npm client and known by their hash. They are not shipped.
/// - Neighbours are looked for by nine means of block 9, at 96 × 96 pixels: chosen by measurement, see
///   [MobileNetFeatures].
/// - Whether pictures fit their words is judged by a [DualEncoder] that this project trains (`"kind":
///   "dual-encoder"`), as no CLIP is to be had. Its figures are called alignment, never CLIP score.
/// - Attributes (style, skin tone, ...) are told by heads of the same network. Nearest neighbours, which told them
///   before, know no picture of a combination that nobody has drawn yet.
/// - Ways of drawing are compared prompt by prompt and seed by seed ([Comparison], [PairedTest]).
/// - Every figure of drawn pictures stands beside one of true pictures, of pixels or of chance. A distance alone says
///   nothing.
/// - Measures are computed in double on the host: their inputs are small, and half of their digits may cancel.
@NullMarked
package org.vortexel.eval;

import org.jspecify.annotations.NullMarked;
