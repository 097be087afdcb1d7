package org.vortexel.diffusion;

import java.util.List;
import java.util.function.Supplier;
import org.vortexel.tensor.NdArray;

/// How to walk from noise to data: which times to visit, how strong the first noise is, and one step. It never sees the
/// network, only what the network believes ([Estimate]); it keeps nothing, what it wants to remember travels in
/// [Step#past()]. Every step is a weighted sum of a few arrays whose weights are the formula of the paper, so it works
/// the same for one noise level and for one per token.
///
/// `x` always stays at the scale the network is fed, `alpha · x0 + sigma · eps`.
public sealed interface Sampler permits Euler, Heun, Ddim, Ddpm, DpmSolver, UniPc {
    /// The way through `count` steps of the schedule.
    default TimeGrid timesteps(NoiseSchedule schedule, int count) {
        return schedule.grid(count);
    }

    /// What normal noise is multiplied with to become the first `x`.
    default double priorScale(NoiseSchedule schedule, TimeGrid grid) {
        return 1;
    }

    /// One step across an interval.
    ///
    /// @param past what the step before gave back, the newest first; empty at the start
    /// @param x the pictures at `interval.from()`; not modified
    /// @param estimate what the network believes about `x`
    /// @param noise fresh normal noise of the shape of `x`; deterministic samplers do not ask for it
    Step step(List<Past> past, NdArray x, Estimate estimate, Interval interval, Supplier<NdArray> noise);

    /// A point already visited.
    ///
    /// @param levels the levels of `x`
    /// @param x the pictures there
    /// @param estimate what the network believed there
    record Past(NoiseLevels levels, NdArray x, Estimate estimate) {}

    /// What a step gives.
    ///
    /// @param x the pictures at `interval.to()`
    /// @param past to be handed to the next step
    record Step(NdArray x, List<Past> past) {
        public Step {
            past = List.copyOf(past);
        }
    }

    /// The sampler of the given name with its usual settings: `euler`, `heun`, `ddim`, `ddpm`, `dpm++`, `dpm++sde`
    /// or `unipc`.
    ///
    /// @throws IllegalArgumentException when there is none
    static Sampler named(String name) {
        return switch (name) {
            case "euler" -> new Euler();
            case "heun" -> new Heun();
            case "ddim" -> new Ddim(0);
            case "ddpm" -> new Ddpm(Ddpm.Variance.SMALL);
            case "dpm++" -> new DpmSolver(false, DpmSolver.Order2.MIDPOINT);
            case "dpm++sde" -> new DpmSolver(true, DpmSolver.Order2.MIDPOINT);
            case "unipc" -> new UniPc(2, UniPc.Basis.BH2);
            default ->
                throw new IllegalArgumentException("there is no sampler '" + name
                        + "'; known are euler, heun, ddim, ddpm, dpm++, dpm++sde and unipc");
        };
    }
}
