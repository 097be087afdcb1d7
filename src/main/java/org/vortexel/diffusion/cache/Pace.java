package org.vortexel.diffusion.cache;

import java.util.List;
import java.util.stream.IntStream;

/// Which steps of a run are computed and which are forecast.
public sealed interface Pace permits Cadence, Pace.Even, Pace.Found {
    /// Whether step `index` of `steps` is computed.
    boolean computes(int index, int steps);

    /// The steps that are computed.
    default Placement placement(int steps) {
        return new Placement(IntStream.range(0, steps)
                .filter(i -> i == 0 || computes(i, steps))
                .boxed()
                .toList());
    }

    /// How many of `steps` are computed.
    default int count(int steps) {
        int count = 0;
        for (int i = 0; i < steps; i++) {
            count += computes(i, steps) ? 1 : 0;
        }
        return count;
    }

    /// As many steps as a [Cadence] computes, spread evenly: the first of the run, and the last half a gap
    /// before its end, so that forecasts reach no further there than elsewhere. With 10 of 50: 0, 5, 11, 16,
    /// 21, 26, 32, 37, 42 and 48.
    ///
    /// A cadence spends three steps in a row on the start, and its last forecasts may reach a whole interval
    /// ahead where pictures change fastest. This is our own addition, in no paper.
    ///
    /// @param cadence what decides how many
    record Even(Cadence cadence) implements Pace {
        @Override
        public boolean computes(int index, int steps) {
            int count = cadence.count(steps);
            if (count >= steps || index == 0) {
                return true;
            }
            if (count == 1) {
                return false;
            }
            double gap = steps * (1 - 0.5 / count) / (count - 1);
            return Math.round(Math.round(index / gap) * gap) == index && Math.round(index / gap) < count;
        }
    }

    /// As many steps as a [Cadence] computes, where a [Placement] was found to serve best; spread evenly where
    /// none was looked for.
    ///
    /// @param cadence what decides how many
    /// @param steps of the runs that placements are for
    /// @param placements of any counts of computed steps
    record Found(Cadence cadence, int steps, List<Placement> placements) implements Pace {
        public Found {
            placements = List.copyOf(placements);
        }

        @Override
        public boolean computes(int index, int run) {
            if (run == steps) {
                int count = cadence.count(run);
                for (Placement placement : placements) {
                    if (placement.computed().size() == count) {
                        return placement.computed().contains(index);
                    }
                }
            }
            return new Even(cadence).computes(index, run);
        }
    }
}
