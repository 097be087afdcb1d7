package org.vortexel.diffusion.noise;

import org.vortexel.tensor.NdArray;

/// Of several candidates for each picture, those that lie farthest apart: diversity without gradients, at the price
/// of looking at all candidates.
///
/// The first picture takes its first candidate. Every further one takes the candidate whose nearest among those
/// chosen is farthest away; of equals, the first.
public final class Farthest {
    private Farthest() {}

    /// The index of each picture's candidate.
    ///
    /// @param points (pictures · candidates, …): the candidates of the first picture, then those of the second, …
    /// @param candidates for each picture, at least 1
    /// @return `candidates` or less for each picture, counted from 0
    public static int[] choose(NdArray points, int candidates) {
        int all = points.shape().dim(0);
        if (candidates < 1 || all % candidates != 0) {
            throw new IllegalArgumentException(
                    all + " points do not divide into pictures of " + candidates + " candidates");
        }
        int[] chosen = new int[all / candidates];
        for (int i = 1; i < chosen.length; i++) {
            double farthest = -1;
            for (int c = 0; c < candidates; c++) {
                double nearest = Double.POSITIVE_INFINITY;
                for (int j = 0; j < i; j++) {
                    nearest = Math.min(nearest, distance(points, i * candidates + c, j * candidates + chosen[j]));
                }
                if (nearest > farthest) {
                    farthest = nearest;
                    chosen[i] = c;
                }
            }
        }
        return chosen;
    }

    private static double distance(NdArray points, int a, int b) {
        int size = points.data().length / points.shape().dim(0);
        double sum = 0;
        for (int k = 0; k < size; k++) {
            double d = (double) points.data()[a * size + k] - points.data()[b * size + k];
            sum += d * d;
        }
        return sum;
    }
}
