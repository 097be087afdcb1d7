package org.vortexel.pipeline;

import org.vortexel.diffusion.Ddim;
import org.vortexel.diffusion.Euler;
import org.vortexel.diffusion.Heun;
import org.vortexel.diffusion.Sampler;

/// Which choices of a request go with each other; all that is not named here does.
final class Pairs {
    private Pairs() {}

    /// Refuses what does not go together.
    ///
    /// @param request with its cache settled
    /// @param named the sampler
    /// @throws IllegalArgumentException with the reason, where a pair does not
    static void check(Request request, String named) {
        Sampler sampler = Sampler.named(named);
        boolean single = sampler instanceof Euler || sampler instanceof Ddim;
        boolean cached = !(request.cache() instanceof Caching.Off);
        Guide guide = request.guide();
        Diversity diversity = request.diversity();
        if (sampler instanceof Heun && cached) {
            throw new IllegalArgumentException(
                    "no feature cache goes with the sampler heun, which asks twice at the same time");
        }
        if (request.cache() instanceof Caching.TeaCache && !(diversity instanceof Diversity.Off)) {
            throw new IllegalArgumentException(
                    "teacache draws pictures one by one, since the steps that it computes hang"
                            + " on the picture, so that --diverse, which draws them together, does not go with it");
        }
        if (request.asynchronous() instanceof Asynchronous.On && !single) {
            throw new IllegalArgumentException("AsynDM wants a sampler of single steps, euler or ddim, not " + named);
        }
        if (guide instanceof Guide.CfgPlusPlus && !single) {
            throw new IllegalArgumentException("CFG++ wants a sampler of single steps, euler or ddim, not " + named);
        }
        if (guide instanceof Guide.Zigzag && !single) {
            throw new IllegalArgumentException(
                    "Z-Sampling wants a sampler that goes back as it goes on, euler or ddim, not " + named);
        }
        if (guide instanceof Guide.CfgPlusPlus && diversity instanceof Diversity.Particles) {
            throw new IllegalArgumentException("CFG++ takes picture and noise from two answers of the network, so that"
                    + " --diverse particles, which pushes one, does not go with it");
        }
        if (guide instanceof Guide.SmoothedEnergy && cached) {
            throw new IllegalArgumentException("no feature cache goes with SEG, which would magnify the difference"
                    + " between forecast and computed features");
        }
        if (guide instanceof Guide.Zigzag && cached) {
            throw new IllegalArgumentException(
                    "no feature cache goes with Z-Sampling, which asks several times at the same time");
        }
        if (diversity instanceof Diversity.Cno cno
                && cno.way() == Diversity.Gradient.FULL
                && (guide instanceof Guide.Semantic || guide instanceof Guide.SmoothedEnergy)) {
            throw new IllegalArgumentException("--gradient full goes through cfg, cfg++ and z, not through s-cfg and"
                    + " seg, which mix more than the network's two answers");
        }
    }
}
