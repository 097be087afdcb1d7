package org.vortexel.codebook;

import org.vortexel.device.host.WorkerPool;

/// Distances of all pairs, each kept once.
sealed interface Distances permits Distances.Single, Distances.Twice {
    double get(int i, int j);

    void set(int i, int j, double value);

    /// Distances of all pairs of codes, computed in double precision.
    static Distances of(Codebook codebook, boolean single, WorkerPool pool) {
        int n = codebook.count();
        Distances distances = single ? new Single(new float[n][]) : new Twice(new double[n][]);
        pool.run(n, i -> {
            switch (distances) {
                case Single(float[][] rows) -> {
                    rows[i] = new float[i];
                    for (int j = 0; j < i; j++) {
                        rows[i][j] = (float) codebook.distance(i, j);
                    }
                }
                case Twice(double[][] rows) -> {
                    rows[i] = new double[i];
                    for (int j = 0; j < i; j++) {
                        rows[i][j] = codebook.distance(i, j);
                    }
                }
            }
        });
        return distances;
    }

    /// In single precision.
    ///
    /// @param rows row `i` holds the distances from `0 … i - 1`
    record Single(float[][] rows) implements Distances {
        @Override
        public double get(int i, int j) {
            return i > j ? rows[i][j] : rows[j][i];
        }

        @Override
        public void set(int i, int j, double value) {
            rows[Math.max(i, j)][Math.min(i, j)] = (float) value;
        }
    }

    /// In double precision.
    ///
    /// @param rows row `i` holds the distances from `0 … i - 1`
    record Twice(double[][] rows) implements Distances {
        @Override
        public double get(int i, int j) {
            return i > j ? rows[i][j] : rows[j][i];
        }

        @Override
        public void set(int i, int j, double value) {
            rows[Math.max(i, j)][Math.min(i, j)] = value;
        }
    }
}
