package org.vortexel.diffusion.cache;

import java.util.List;

/// Which steps of a run are computed and which are forecast.
public sealed interface Pace permits Cadence, Pace.At {
    /// Whether step `index` of `steps` is computed.
    boolean computes(int index, int steps);

    /// The given steps.
    record At(List<Integer> computed) implements Pace {
        public At {
            computed = List.copyOf(computed);
        }

        @Override
        public boolean computes(int index, int steps) {
            return computed.contains(index);
        }
    }
}
