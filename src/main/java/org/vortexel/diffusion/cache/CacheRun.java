package org.vortexel.diffusion.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/// The books of a [FeatureCache] during one sampling run: which features are kept where, and what the next step is to
/// do. Holds no numbers. Used by one thread.
public final class CacheRun {
    private final FeatureCache cache;
    private final int steps;
    private List<Past> past = List.of();
    private int index;
    private double drift;

    /// A run of `steps` steps.
    public CacheRun(FeatureCache cache, int steps) {
        this.cache = cache;
        this.steps = steps;
    }

    /// What is kept, newest first.
    public List<Past> past() {
        return past;
    }

    /// The next step, at its own index.
    public CacheStep next() {
        return next(index, () -> 0);
    }

    /// The next step.
    ///
    /// @param at a coordinate that grows from step to step
    /// @param change the relative change of the network's input since the step before; asked for only by caches
    /// that watch it, and from the second step on
    /// @throws IllegalArgumentException when `at` does not grow
    public CacheStep next(double at, DoubleSupplier change) {
        if (!past.isEmpty() && !(at > past.getFirst().at())) {
            throw new IllegalArgumentException("forecasts go forward, but step " + index + " is at " + at + ", after "
                    + past.getFirst().at());
        }
        int step = index++;
        if (cache.watchesInput() && step > 0) {
            drift += cache.drift(change.getAsDouble());
        }
        boolean computed = past.isEmpty() || cache.computes(step, steps, drift);
        drift = computed ? 0 : drift;
        List<Past> before = past;
        boolean keeps = cache.slots() > 0 && step >= cache.firstKept() && (computed || cache.keepsForecasts());
        int slot = keeps ? keep(at, computed) : -1;
        return computed ? new CacheStep.Compute(slot) : new CacheStep.Forecast(cache, before, at, slot);
    }

    private int keep(double at, boolean computed) {
        List<Past> all = new ArrayList<>(past);
        all.addFirst(new Past(at, computed, -1));
        List<Past> others = cache.kept(all).stream().filter(p -> p.slot() >= 0).toList();
        int free = IntStream.range(0, cache.slots())
                .filter(slot -> others.stream().noneMatch(p -> p.slot() == slot))
                .findFirst()
                .orElseThrow();
        List<Past> now = new ArrayList<>(others);
        now.addFirst(new Past(at, computed, free));
        past = List.copyOf(now);
        return free;
    }
}
