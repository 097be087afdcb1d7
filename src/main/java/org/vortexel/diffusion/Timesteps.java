package org.vortexel.diffusion;

import java.util.Arrays;

/// The times told to the network, in training steps (see [NoiseSchedule]): one for all tokens of a picture, or one per
/// token. A network computes its modulation once per picture or once per token accordingly; equal per-token times give
/// the same numbers as the shared one.
public sealed interface Timesteps permits Timesteps.Shared, Timesteps.PerToken {
    /// Every time, pictures outermost.
    double[] times();

    /// These times twice over, for a batch that stacks two halves.
    Timesteps twice();

    /// The largest time.
    default double max() {
        return Arrays.stream(times()).max().orElseThrow();
    }

    /// The smallest time.
    default double min() {
        return Arrays.stream(times()).min().orElseThrow();
    }

    /// One time per picture, `(N)`, or a single one for the whole batch.
    ///
    /// @param times at least one
    record Shared(double... times) implements Timesteps {
        public Shared {
            if (times.length == 0) {
                throw new IllegalArgumentException("shared timesteps want at least one time");
            }
        }

        /// The time of picture `index`.
        public double of(int index) {
            return times.length == 1 ? times[0] : times[index];
        }

        @Override
        public Timesteps twice() {
            return times.length == 1 ? this : new Shared(doubled(times));
        }
    }

    /// One time per token, `(N, rows · columns)`, tokens row by row. A token covers a patch of the picture:
    /// `height / rows` by `width / columns` pixels in every channel.
    ///
    /// @param rows tokens from top to bottom
    /// @param columns tokens from left to right
    /// @param times a whole number of grids, one per picture
    record PerToken(int rows, int columns, double... times) implements Timesteps {
        public PerToken {
            if (rows < 1 || columns < 1 || times.length == 0 || times.length % (rows * columns) != 0) {
                throw new IllegalArgumentException("per-token timesteps want a whole number of " + rows + " by "
                        + columns + " grids but got " + times.length + " times");
            }
        }

        /// How many pictures there are.
        public int batch() {
            return times.length / (rows * columns);
        }

        @Override
        public Timesteps twice() {
            return new PerToken(rows, columns, doubled(times));
        }
    }

    private static double[] doubled(double... times) {
        double[] twice = Arrays.copyOf(times, 2 * times.length);
        System.arraycopy(times, 0, twice, times.length, times.length);
        return twice;
    }
}
