package org.vortexel.cli;

import org.jspecify.annotations.Nullable;
import org.vortexel.diffusion.noise.ContrastiveLoss;
import org.vortexel.diffusion.noise.NoiseRefiner;
import org.vortexel.pipeline.Diversity;
import picocli.CommandLine.Option;

/// The options that keep pictures of one prompt from being alike.
final class DiverseOptions {
    private static final int ITERATIONS = 3;
    private static final double RATE = 0.01;
    private static final double TEMPERATURE = 0.1;
    private static final int WINDOWS = 16;
    private static final int CANDIDATES = 4;
    private static final double CADS_NOISE = 0.15;
    private static final double PARTICLES = 30;
    private static final int LARGEST_GROUP = 8;

    @Option(
            names = "--diverse",
            description =
                    "keep the pictures of one prompt from being alike: cno (contrastive noise optimisation),"
                            + " repulsive or antithetic (coupled noise), best-of (of candidates), cads or particles; off by default")
    private String method = "off";

    @Option(names = "--diverse-steps", description = "steps of cno on the noise (default: 3)")
    private @Nullable Integer iterations;

    @Option(names = "--diverse-rate", description = "rate of these steps (default: 0.01)")
    private @Nullable Double rate;

    @Option(
            names = "--diverse-gamma",
            description = "below 1 holds pictures of cno closer to what they were (default: balanced)")
    private @Nullable Double gamma;

    @Option(names = "--diverse-windows", description = "cno compares so many by so many windows (default: 16)")
    private @Nullable Integer windows;

    @Option(
            names = "--gradient",
            description = "stop, or full for cno through the network, which costs more (default: stop)")
    private Diversity.@Nullable Gradient gradient;

    @Option(names = "--candidates", description = "of best-of, for each picture (default: 4)")
    private @Nullable Integer candidates;

    @Option(
            names = "--diverse-strength",
            description = "strength of the noise of cads (default: 0.15) or of the force of particles (default: 30)")
    private @Nullable Double strength;

    /// Whether anything was said.
    boolean isGiven() {
        return !method.equals("off")
                || iterations != null
                || rate != null
                || gamma != null
                || windows != null
                || gradient != null
                || candidates != null
                || strength != null;
    }

    /// The choice.
    ///
    /// @param count pictures of each prompt
    Diversity choice(int count) {
        boolean cno = method.equals("cno");
        belongs("--diverse-steps", iterations, cno);
        belongs("--diverse-rate", rate, cno);
        belongs("--diverse-gamma", gamma, cno);
        belongs("--diverse-windows", windows, cno);
        belongs("--gradient", gradient, cno);
        belongs("--candidates", candidates, method.equals("best-of"));
        belongs("--diverse-strength", strength, method.equals("cads") || method.equals("particles"));
        return switch (method) {
            case "off" -> new Diversity.Off();
            case "cno" -> {
                int group = Math.clamp(count, 2, LARGEST_GROUP);
                yield new Diversity.Cno(
                        iterations == null ? ITERATIONS : iterations,
                        rate == null ? RATE : rate,
                        TEMPERATURE,
                        gamma == null ? ContrastiveLoss.balance(TEMPERATURE, group) : gamma,
                        windows == null ? WINDOWS : windows,
                        gradient == Diversity.Gradient.FULL ? gradient : null,
                        null);
            }
            case "repulsive" -> new Diversity.Coupled(NoiseRefiner.Coupling.REPULSIVE, null);
            case "antithetic" -> new Diversity.Coupled(NoiseRefiner.Coupling.ANTITHETIC, null);
            case "best-of" -> new Diversity.BestOf(candidates == null ? CANDIDATES : candidates, null);
            case "cads" -> new Diversity.Cads(strength == null ? CADS_NOISE : strength, null);
            case "particles" -> new Diversity.Particles(strength == null ? PARTICLES : strength, null);
            default ->
                throw new IllegalArgumentException("there is no way '" + method
                        + "' to diverse pictures; known are cno, repulsive, antithetic, best-of, cads and particles");
        };
    }

    private void belongs(String option, @Nullable Object value, boolean does) {
        if (value != null && !does) {
            throw new IllegalArgumentException(option + " does not belong to --diverse " + method);
        }
    }
}
