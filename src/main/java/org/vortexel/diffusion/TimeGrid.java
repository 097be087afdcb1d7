package org.vortexel.diffusion;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// The way from noise to data, cut into the intervals that a sampler crosses one after the other.
///
/// @param intervals in order, each of them counted in [Interval#index()]
public record TimeGrid(List<Interval> intervals) implements Iterable<Interval> {
    public TimeGrid {
        intervals = List.copyOf(intervals);
    }

    /// Intervals end to end: the network is told `times[i]` while going from `levels[i]` to `levels[i + 1]`.
    public static TimeGrid chain(double[] times, NoiseLevel... levels) {
        if (levels.length != times.length + 1) {
            throw new IllegalArgumentException(
                    times.length + " times want " + (times.length + 1) + " levels but got " + levels.length);
        }
        List<Interval> intervals = new ArrayList<>();
        for (int i = 0; i < times.length; i++) {
            intervals.add(new Interval(
                    i,
                    times.length,
                    new Timesteps.Shared(times[i]),
                    NoiseLevels.shared(levels[i]),
                    NoiseLevels.shared(levels[i + 1])));
        }
        return new TimeGrid(intervals);
    }

    /// How many intervals there are.
    public int count() {
        return intervals.size();
    }

    /// The interval of the given index.
    public Interval get(int index) {
        return intervals.get(index);
    }

    /// The time told to the network in interval `index`.
    public double time(int index) {
        return get(index).timesteps().max();
    }

    /// The level at which interval `index` begins; `count()` asks for the end of the last.
    public NoiseLevel level(int index) {
        return index < count() ? get(index).from().of(0) : get(index - 1).to().of(0);
    }

    @Override
    public Iterator<Interval> iterator() {
        return intervals.iterator();
    }
}
