package org.vortexel.diffusion;

/// Whether the predicted clean picture is held inside the pixel range `[-1, 1]`. Only for pixels: latents have no
/// range.
public enum Clip {
    /// Leave it.
    NONE,
    /// Clip `x0` and keep the predicted noise (diffusers).
    X0,
    /// Clip `x0` and take the noise that then explains `x` (DiT, ADM).
    X0_AND_NOISE
}
