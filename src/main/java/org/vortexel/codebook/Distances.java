package org.vortexel.codebook;

import org.vortexel.device.host.WorkerPool;

/// Distances of all pairs.
sealed interface Distances permits Distances.Square, Distances.Single, Distances.Twice {
    /// Above so many codes only a triangle is kept: 1.6 GB of a square are enough.
    int MOST_SQUARE = 20_000;

    double get(int i, int j);

    void set(int i, int j, double value);

    /// Distances of all pairs of codes, computed in double precision.
    ///
    /// @param mostSquare above so many codes only a triangle is kept
    static Distances of(Codebook codebook, boolean single, int mostSquare, WorkerPool pool) {
        int n = codebook.count();
        Distances distances;
        if (!single) {
            distances = new Twice(new double[n][]);
        } else {
            distances = n <= mostSquare ? new Square(new float[n][n]) : new Single(new float[n][]);
        }
        double[][] columns = columns(codebook);
        pool.run(n, i -> {
            switch (distances) {
                case Square(float[][] rows) -> fill(rows[i], i, columns);
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

    /// The codes number by number: (d)(K).
    private static double[][] columns(Codebook codebook) {
        double[][] columns = new double[codebook.width()][codebook.count()];
        for (int i = 0; i < codebook.count() * codebook.width(); i++) {
            columns[i % codebook.width()][i / codebook.width()] =
                    codebook.codes().data()[i];
        }
        return columns;
    }

    /// The distances of code `i` from all, as [Codebook#distance] adds them up, in loops that a
    /// compiler turns into vectors.
    private static void fill(float[] row, int i, double[][] columns) {
        double[] squares = new double[row.length];
        for (double[] column : columns) {
            double own = column[i];
            for (int j = 0; j < squares.length; j++) {
                double difference = own - column[j];
                squares[j] += difference * difference;
            }
        }
        for (int j = 0; j < row.length; j++) {
            row[j] = (float) Math.sqrt(squares[j]);
        }
    }

    /// In single precision, each kept twice, so that a row lies in one piece. Setting one changes
    /// its row only; see [Agglomeration] for how columns follow.
    ///
    /// @param rows row `i` holds the distances from all
    record Square(float[][] rows) implements Distances {
        @Override
        public double get(int i, int j) {
            return rows[i][j];
        }

        @Override
        public void set(int i, int j, double value) {
            rows[i][j] = (float) value;
        }
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
