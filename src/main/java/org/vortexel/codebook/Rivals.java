package org.vortexel.codebook;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.ml.clustering.CentroidCluster;
import org.apache.commons.math3.ml.clustering.Clusterable;
import org.apache.commons.math3.ml.clustering.KMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.clustering.MultiKMeansPlusPlusClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;
import org.apache.commons.math3.random.Well19937c;
import org.vortexel.tensor.Philox;

/// Partitions that MASC's are compared with.
public final class Rivals {
    private static final int ITERATIONS = 300;

    private Rivals() {}

    /// One code, as Commons Math wants it.
    private record Point(int id, double[] getPoint) implements Clusterable {
        @Override
        public double[] getPoint() {
            return getPoint;
        }
    }

    /// k-means, the best of some restarts.
    ///
    /// @param clusters k
    /// @param restarts at least 1; 10 in the paper
    /// @throws IllegalArgumentException when k is not in `1 … K`
    public static Partition kMeans(Codebook codebook, int clusters, int restarts, long seed) {
        checkClusters(codebook.count(), clusters);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < codebook.count(); i++) {
            double[] at = new double[codebook.width()];
            for (int j = 0; j < at.length; j++) {
                at[j] = codebook.codes().get(i, j);
            }
            points.add(new Point(i, at));
        }
        KMeansPlusPlusClusterer<Point> once = new KMeansPlusPlusClusterer<>(
                clusters,
                ITERATIONS,
                new EuclideanDistance(),
                new Well19937c(seed),
                KMeansPlusPlusClusterer.EmptyClusterStrategy.FARTHEST_POINT);
        List<CentroidCluster<Point>> found = new MultiKMeansPlusPlusClusterer<>(once, restarts).cluster(points);
        int[] names = new int[codebook.count()];
        for (int c = 0; c < found.size(); c++) {
            for (Point point : found.get(c).getPoints()) {
                names[point.id()] = c;
            }
        }
        return Partition.of(names);
    }

    /// Lloyd's iterations from given codes, until no label changes: which centre each code is nearest to, the first
    /// among equals.
    ///
    /// Source: Lloyd 1982, *Least squares quantization in PCM*.
    ///
    /// @param first the codes that are the first centres; label `j` belongs to `first[j]`
    public static int[] lloyd(Codebook codebook, int... first) {
        int width = codebook.width();
        float[] data = codebook.codes().data();
        double[][] centres = new double[first.length][width];
        for (int c = 0; c < first.length; c++) {
            for (int j = 0; j < width; j++) {
                centres[c][j] = data[first[c] * width + j];
            }
        }
        int[] labels = new int[codebook.count()];
        Arrays.fill(labels, -1);
        for (int round = 0; round < ITERATIONS; round++) {
            boolean changed = false;
            for (int i = 0; i < labels.length; i++) {
                int nearest = nearest(data, i * width, centres);
                changed |= nearest != labels[i];
                labels[i] = nearest;
            }
            if (!changed) {
                break;
            }
            double[][] sums = new double[first.length][width];
            int[] sizes = new int[first.length];
            for (int i = 0; i < labels.length; i++) {
                sizes[labels[i]]++;
                for (int j = 0; j < width; j++) {
                    sums[labels[i]][j] += data[i * width + j];
                }
            }
            for (int c = 0; c < first.length; c++) {
                for (int j = 0; j < width && sizes[c] > 0; j++) { // an empty cluster keeps its centre
                    centres[c][j] = sums[c][j] / sizes[c];
                }
            }
        }
        return labels;
    }

    private static int nearest(float[] data, int start, double[][] centres) {
        int best = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (int c = 0; c < centres.length; c++) {
            double square = 0;
            for (int j = 0; j < centres[c].length; j++) {
                double difference = data[start + j] - centres[c][j];
                square += difference * difference;
            }
            if (square < smallest) {
                smallest = square;
                best = c;
            }
        }
        return best;
    }

    /// Codes dealt at random into clusters whose sizes differ by at most 1.
    ///
    /// @throws IllegalArgumentException when k is not in `1 … K`
    public static Partition random(int codes, int clusters, long seed) {
        checkClusters(codes, clusters);
        int[] order = Philox.of(seed).permutation(codes);
        int[] names = new int[codes];
        for (int i = 0; i < codes; i++) {
            names[order[i]] = i % clusters;
        }
        return Partition.of(names);
    }

    /// Codes dealt at random into clusters as large as those of another partition, which tells the effect of sizes
    /// from that of geometry.
    public static Partition randomLike(Partition other, long seed) {
        int[] order = Philox.of(seed).permutation(other.codes());
        int[] names = new int[other.codes()];
        for (int i = 0; i < names.length; i++) {
            names[order[i]] = other.labels()[i];
        }
        return Partition.of(names);
    }

    private static void checkClusters(int codes, int clusters) {
        if (clusters < 1 || clusters > codes) {
            throw new IllegalArgumentException(codes + " codes cannot be dealt into " + clusters + " clusters");
        }
    }
}
