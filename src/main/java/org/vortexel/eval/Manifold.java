package org.vortexel.eval;

import java.util.Arrays;
import org.vortexel.tensor.NdArray;

/// How far drawn pictures lie where real ones lie, and the other way round. A set's manifold is the union of balls,
/// one around each picture, that reach to its k-th nearest neighbour in the set.
///
/// Source: Kynkäänniemi et al. 2019, [arXiv:1904.06991](https://arxiv.org/abs/1904.06991), equations 1 and 2
/// (precision, recall); Naeem et al. 2020, [arXiv:2002.09797](https://arxiv.org/abs/2002.09797), equations 3 and 4
/// (density, coverage).
///
/// @param precision share of drawn pictures inside some real ball
/// @param recall share of real pictures inside some drawn ball
/// @param density real balls that a drawn picture is inside of, on average, divided by k; may exceed 1
/// @param coverage share of real balls with some drawn picture inside
public record Manifold(double precision, double recall, double density, double coverage) {
    /// Compares two sets by Euclidean distance; the border of a ball belongs to it.
    ///
    /// @param real (N, D)
    /// @param drawn (M, D)
    /// @param k which neighbour a ball reaches to, at least 1 and below N and M
    public static Manifold of(NdArray real, NdArray drawn, int k) {
        Features.checkTogether(real, drawn, k + 1);
        double[] realRadii = squaredRadii(real, k);
        double[] drawnRadii = squaredRadii(drawn, k);
        boolean[] covered = new boolean[realRadii.length];
        boolean[] recalled = new boolean[realRadii.length];
        int precise = 0;
        long inside = 0;
        for (int j = 0; j < drawnRadii.length; j++) {
            int balls = 0;
            for (int i = 0; i < realRadii.length; i++) {
                double distance = Features.squaredDistance(real, i, drawn, j);
                if (distance <= realRadii[i]) {
                    balls++;
                    covered[i] = true;
                }
                recalled[i] |= distance <= drawnRadii[j];
            }
            precise += balls > 0 ? 1 : 0;
            inside += balls;
        }
        return new Manifold(
                (double) precise / drawnRadii.length,
                share(recalled),
                (double) inside / ((long) k * drawnRadii.length),
                share(covered));
    }

    /// The squared distance of every row to its k-th nearest other row.
    static double[] squaredRadii(NdArray features, int k) {
        if (k < 1) {
            throw new IllegalArgumentException("a ball reaches to neighbour 1 or a later one, not to " + k);
        }
        Features.check(features, k + 1);
        int rows = features.shape().dim(0);
        double[] radii = new double[rows];
        double[] others = new double[rows];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < rows; j++) {
                others[j] = i == j ? -1 : Features.squaredDistance(features, i, features, j);
            }
            Arrays.sort(others); // the row itself comes first
            radii[i] = others[k];
        }
        return radii;
    }

    private static double share(boolean... marks) {
        int count = 0;
        for (boolean mark : marks) {
            count += mark ? 1 : 0;
        }
        return (double) count / marks.length;
    }
}
