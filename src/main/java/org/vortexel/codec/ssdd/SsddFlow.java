package org.vortexel.codec.ssdd;

import org.vortexel.nn.Probe;
import org.vortexel.op.Tensor;

/// The flow that a decoder learns: straight lines from pictures at t = 0 to noise at t = 1.
///
/// `x_t = (1 - t) x + t eps`, the network says `x - eps`, and so `x_t + t v` is its estimate of the picture.
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961), section 3; Lipman et al. 2023,
/// [arXiv:2210.02747](https://arxiv.org/abs/2210.02747).
public final class SsddFlow {
    private SsddFlow() {}

    /// What one pass over noisy pictures gives.
    ///
    /// @param noisy `x_t` (N, 3, H, W)
    /// @param velocity what the network says (N, 3, H, W)
    /// @param estimate of the clean pictures (N, 3, H, W), not clamped
    /// @param error `velocity - (x - eps)` (N, 3, H, W)
    public record Step(Tensor noisy, Tensor velocity, Tensor estimate, Tensor error) {
        /// The mean of the squared error, one number.
        public Tensor loss() {
            return error.square().mean(false);
        }

        /// The same of what the error has beside grey: its mean over the colours is taken off. A loss with more
        /// of it has its minimum at the same velocity, and colours, which vary less than brightness, are
        /// learnt sooner.
        public Tensor tint() {
            return error.sub(error.mean(true, 1)).square().mean(false);
        }
    }

    /// Records a pass of the decoder.
    ///
    /// @param x clean pictures (N, 3, H, W) in [-1, 1]
    /// @param noise standard normal (N, 3, H, W)
    /// @param t times (N) in [0, 1]
    /// @param z latents (N, c, H/f, W/f)
    /// @param probe sees the decoder's layers
    public static Step record(SsddDecoder decoder, Tensor x, Tensor noise, Tensor t, Tensor z, Probe probe) {
        Tensor time = t.reshape(-1, 1, 1, 1); // (N, 1, 1, 1)
        Tensor direction = x.sub(noise);
        Tensor noisy = x.sub(direction.mul(time));
        Tensor velocity = decoder.forward(noisy, t.mul(1000f), z, probe);
        return new Step(noisy, velocity, noisy.add(velocity.mul(time)), velocity.sub(direction));
    }
}
