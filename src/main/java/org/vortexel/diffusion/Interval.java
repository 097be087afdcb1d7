package org.vortexel.diffusion;

import org.vortexel.tensor.Shape;

/// One stretch of the way from noise to data: one prediction of the network, one step of the sampler.
///
/// @param index counted from 0
/// @param count how many there are in all
/// @param timesteps what the network is told
/// @param from the levels of the `x` that goes in
/// @param to the levels of the `x` that comes out, in the same regions or in one
public record Interval(int index, int count, Timesteps timesteps, NoiseLevels from, NoiseLevels to) {
    /// How many regions have levels of their own.
    public int regions() {
        return Math.max(from.regions(), to.regions());
    }

    /// The region of every element of `x`; see [NoiseLevels#regionOf(Shape)].
    public int[] regionOf(Shape x) {
        return (from.regions() >= to.regions() ? from : to).regionOf(x);
    }

    /// Whether a region ends at the level at which it began: then its `x` stays as it is.
    public boolean stays(int region) {
        return from.of(region).equals(to.of(region));
    }

    /// The step of a region in [NoiseLevel#lambda()]; infinite when it begins at pure noise or ends clean.
    public double h(int region) {
        return to.of(region).lambda() - from.of(region).lambda();
    }

    /// Whether some region ends with more noise than it began with.
    public boolean goesBack() {
        for (int region = 0; region < regions(); region++) {
            if (to.of(region).ratio() > from.of(region).ratio()) {
                return true;
            }
        }
        return false;
    }

    /// This interval from its end to its beginning, with the same times told to the network.
    public Interval back() {
        return new Interval(index, count, timesteps, to, from);
    }

    /// Whether nothing follows.
    public boolean last() {
        return index == count - 1;
    }
}
