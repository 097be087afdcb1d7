/// Codecs: pictures to latents and back. May depend on `nn`, `op`, `program`, `device`, `checkpoint`, `diffusion`
/// and `image`.
///
/// Read [Gaussian], then `ssdd.SsddDecoder`; for token ids, `vq.VqTokenizer`.
///
/// ```
/// picture (N, 3, H, W) --encoder--> Gaussian over (N, c, H/f, W/f) --mean or a draw--> latent --decoder--> picture
/// ```
@NullMarked
package org.vortexel.codec;

import org.jspecify.annotations.NullMarked;
