/// The autoencoder of latent diffusion, whose decoder is the one that SSDD is compared with.
///
/// Read [AutoencoderKl].
@NullMarked
package org.vortexel.codec.kl;

import org.jspecify.annotations.NullMarked;
