package org.vortexel.diffusion.cache;

import java.util.Arrays;
import org.apache.commons.math3.util.MathArrays;
import org.vortexel.tensor.Philox;

/// Points cut into clusters by k-means: every point belongs to the nearest centre, every centre is the mean of its
/// points.
///
/// Source: Lloyd 1982; first centres as in Arthur and Vassilvitskii 2007, *k-means++*.
///
/// @param labels the cluster of every point
/// @param centers one row per cluster
/// @param inertia the sum of squared distances of points to their centres
public record Partition(int[] labels, double[][] centers, double inertia) {
    private static final int ITERATIONS = 100;

    /// The best of several runs from random first centres, each chosen far from those before it.
    ///
    /// @param points one row per point
    /// @param clusters at most as many as there are points
    /// @param restarts at least 1
    /// @param seed the same seed gives the same clusters
    public static Partition of(double[][] points, int clusters, int restarts, long seed) {
        if (clusters < 1 || clusters > points.length || restarts < 1) {
            throw new IllegalArgumentException(
                    points.length + " points cannot make " + clusters + " clusters in " + restarts + " runs");
        }
        Partition best = from(points, spread(points, clusters, new Philox(seed, 0)));
        for (int run = 1; run < restarts; run++) {
            Partition next = from(points, spread(points, clusters, new Philox(seed, run)));
            best = next.inertia < best.inertia ? next : best;
        }
        return best;
    }

    /// Lloyd's iterations from given centres until no point changes its cluster, 100 at most. A cluster that lost
    /// all its points starts again at the point farthest from its centre.
    ///
    /// @param first not modified
    public static Partition from(double[][] points, double[][] first) {
        double[][] centers = Arrays.stream(first).map(double[]::clone).toArray(double[][]::new);
        int[] labels = new int[points.length];
        Arrays.fill(labels, -1);
        for (int i = 0; i < ITERATIONS; i++) {
            int[] next = nearest(points, centers);
            if (Arrays.equals(next, labels)) {
                break;
            }
            labels = next;
            means(points, labels, centers);
        }
        double inertia = 0;
        for (int i = 0; i < points.length; i++) {
            inertia += squared(points[i], centers[labels[i]]);
        }
        return new Partition(labels, centers, inertia);
    }

    /// How many clusters there are.
    public int clusters() {
        return centers.length;
    }

    /// The points of a cluster, ascending.
    public int[] members(int cluster) {
        int[] members = new int[labels.length];
        int count = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == cluster) {
                members[count++] = i;
            }
        }
        return Arrays.copyOf(members, count);
    }

    /// How well the clusters stand apart, -1 … 1: the mean over points of `(b - a) / max(a, b)`, `a` the mean
    /// distance to the own cluster, `b` to the nearest other one. A point alone counts 0.
    ///
    /// Source: Rousseeuw 1987.
    ///
    /// @param points those that were cut
    public double silhouette(double[][] points) {
        int[] sizes = new int[clusters()];
        for (int label : labels) {
            sizes[label]++;
        }
        double sum = 0;
        for (int i = 0; i < points.length; i++) {
            double[] distance = new double[clusters()];
            for (int j = 0; j < points.length; j++) {
                distance[labels[j]] += MathArrays.distance(points[i], points[j]);
            }
            int own = labels[i];
            double other = Double.POSITIVE_INFINITY;
            for (int c = 0; c < clusters(); c++) {
                other = c == own || sizes[c] == 0 ? other : Math.min(other, distance[c] / sizes[c]);
            }
            if (sizes[own] > 1 && other < Double.POSITIVE_INFINITY) {
                double mine = distance[own] / (sizes[own] - 1);
                double larger = Math.max(mine, other);
                sum += larger == 0 ? 0 : (other - mine) / larger;
            }
        }
        return sum / points.length;
    }

    /// How far two partitions of the same points agree, whatever their clusters are called: 1 for the same, about
    /// 0 for chance.
    ///
    /// Source: Hubert and Arabie 1985, the adjusted Rand index.
    public static double agreement(int[] a, int[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(a.length + " labels cannot agree with " + b.length);
        }
        int rows = Arrays.stream(a).max().orElse(0) + 1;
        int columns = Arrays.stream(b).max().orElse(0) + 1;
        long[][] shared = new long[rows][columns];
        long[] inA = new long[rows];
        long[] inB = new long[columns];
        for (int i = 0; i < a.length; i++) {
            shared[a[i]][b[i]]++;
            inA[a[i]]++;
            inB[b[i]]++;
        }
        double both = Arrays.stream(shared).mapToDouble(Partition::pairs).sum();
        double pairsA = pairs(inA);
        double pairsB = pairs(inB);
        double all = pairs(a.length);
        double expected = all == 0 ? 0 : pairsA * pairsB / all;
        double most = (pairsA + pairsB) / 2;
        return most == expected ? 1 : (both - expected) / (most - expected);
    }

    private static double pairs(long... counts) {
        double sum = 0;
        for (long count : counts) {
            sum += count * (count - 1) / 2.0;
        }
        return sum;
    }

    private static int[] nearest(double[][] points, double[][] centers) {
        int[] labels = new int[points.length];
        for (int i = 0; i < points.length; i++) {
            double least = Double.POSITIVE_INFINITY;
            for (int c = 0; c < centers.length; c++) {
                double distance = squared(points[i], centers[c]);
                if (distance < least) {
                    least = distance;
                    labels[i] = c;
                }
            }
        }
        return labels;
    }

    private static void means(double[][] points, int[] labels, double[][] centers) {
        double[][] sums = new double[centers.length][centers[0].length];
        int[] sizes = new int[centers.length];
        for (int i = 0; i < points.length; i++) {
            sizes[labels[i]]++;
            sums[labels[i]] = Stencil.plus(sums[labels[i]], points[i]);
        }
        for (int c = 0; c < centers.length; c++) {
            centers[c] = sizes[c] > 0
                    ? Stencil.times(1.0 / sizes[c], sums[c])
                    : points[farthest(points, labels, centers)].clone();
        }
    }

    private static int farthest(double[][] points, int[] labels, double[][] centers) {
        int farthest = 0;
        for (int i = 1; i < points.length; i++) {
            farthest = squared(points[i], centers[labels[i]]) > squared(points[farthest], centers[labels[farthest]])
                    ? i
                    : farthest;
        }
        return farthest;
    }

    /// Centres drawn one after the other, a point's chance growing with its squared distance to those already
    /// there.
    private static double[][] spread(double[][] points, int clusters, Philox random) {
        double[][] centers = new double[clusters][];
        centers[0] = points[random.below(points.length, 0)];
        double[] distances = new double[points.length];
        Arrays.fill(distances, Double.POSITIVE_INFINITY);
        for (int c = 1; c < clusters; c++) {
            for (int i = 0; i < points.length; i++) {
                distances[i] = Math.min(distances[i], squared(points[i], centers[c - 1]));
            }
            double drawn = random.uniform(c) * Arrays.stream(distances).sum();
            int chosen = 0;
            for (double sum = distances[0]; sum <= drawn && chosen < points.length - 1; sum += distances[chosen]) {
                chosen++;
            }
            centers[c] = points[chosen];
        }
        return centers;
    }

    private static double squared(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }
}
