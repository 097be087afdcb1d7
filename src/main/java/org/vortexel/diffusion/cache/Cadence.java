package org.vortexel.diffusion.cache;

/// Which steps of a run are computed and which are forecast: the first `warmup` steps, and from the last of them
/// every `interval`-th. Warm-up 3 and interval 6 of 50 steps compute 0, 1, 2, 8, 14, 20, 26, 32, 38 and 44.
///
/// @param interval 1 computes every step
/// @param warmup how many steps at the start are always computed, at least 1
/// @param last whether the last step is always computed
public record Cadence(int interval, int warmup, boolean last) implements Pace {
    public Cadence {
        if (interval < 1 || warmup < 1) {
            throw new IllegalArgumentException(
                    "a cadence wants an interval and a warm-up of at least 1 but got " + interval + " and " + warmup);
        }
    }

    /// A cadence that treats the last step like the others.
    public Cadence(int interval, int warmup) {
        this(interval, warmup, false);
    }

    @Override
    public boolean computes(int index, int steps) {
        return index < warmup || (index - (warmup - 1)) % interval == 0 || (last && index == steps - 1);
    }
}
