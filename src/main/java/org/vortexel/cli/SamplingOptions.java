package org.vortexel.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vortexel.diffusion.Sampler;
import org.vortexel.dit.DitModel;
import org.vortexel.pipeline.Request;
import picocli.CommandLine.Option;

/// How the commands that evaluate draw: what the user says, and else what the model says.
final class SamplingOptions {
    @Option(names = "--steps", description = "denoising steps (default: the model's)")
    private @Nullable Integer steps;

    @Option(names = "--guidance", description = "scale of guidance, 1 for none (default: the model's)")
    private @Nullable Double guidance;

    @Option(names = "--sampler", description = "euler, heun, ddim, dpm++, ... (default: the model's)")
    private String sampler = "";

    /// Refuses what no model may be asked for.
    ///
    /// @throws IllegalArgumentException naming the option
    void check() {
        if (steps != null && steps < 1) {
            throw new IllegalArgumentException("--steps must be at least 1 but is " + steps);
        }
        if (guidance != null && !(guidance >= 0)) {
            throw new IllegalArgumentException("--guidance is at least 0 but is " + guidance);
        }
        if (!sampler.isEmpty()) {
            Sampler.named(sampler);
        }
        request("any", "", 1, 0);
    }

    /// The pictures of one prompt.
    ///
    /// @param count how many
    /// @param seed of the first
    Request request(String prompt, String style, int count, long seed) {
        int asked = steps == null ? 0 : steps;
        double scale = guidance == null ? -1 : guidance;
        return new Request(List.of(prompt), "", style, count, seed, asked, scale, sampler, 0, 0);
    }

    /// What a model whose own way is `own` does.
    DitModel.Sampling of(DitModel.Sampling own) {
        return new DitModel.Sampling(
                sampler.isEmpty() ? own.sampler() : sampler,
                steps == null ? own.steps() : steps,
                guidance == null ? own.guidance() : guidance);
    }
}
