package org.vortexel.codebook;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Codes dealt into clusters. Clusters are numbered in order of their smallest member, so equal partitions are
/// equal.
///
/// @param labels the cluster of every code
/// @param members the codes of every cluster, ascending, none empty
public record Partition(int[] labels, int[][] members) {
    /// The partition in which codes share a cluster exactly when they share a name.
    public static Partition of(int... names) {
        Map<Integer, Integer> numbers = new HashMap<>();
        int[] labels = new int[names.length];
        int[] sizes = new int[names.length];
        for (int i = 0; i < names.length; i++) {
            labels[i] = numbers.computeIfAbsent(names[i], _ -> numbers.size());
            sizes[labels[i]]++;
        }
        int[][] members = new int[numbers.size()][];
        for (int c = 0; c < members.length; c++) {
            members[c] = new int[sizes[c]];
        }
        Arrays.fill(sizes, 0);
        for (int i = 0; i < labels.length; i++) {
            members[labels[i]][sizes[labels[i]]++] = i;
        }
        return new Partition(labels, members);
    }

    /// Every code by itself: what MASC is compared with, and what it is when off.
    public static Partition identity(int codes) {
        int[] names = new int[codes];
        Arrays.setAll(names, i -> i);
        return of(names);
    }

    /// How many clusters, k.
    public int clusters() {
        return members.length;
    }

    /// How many codes, K.
    public int codes() {
        return labels.length;
    }

    /// The clusters of codes: what a model is trained to predict.
    ///
    /// @throws IllegalArgumentException when an id is no code
    public int[] clustersOf(int... ids) {
        int[] clusters = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= labels.length) {
                throw new IllegalArgumentException("there are " + labels.length + " codes but got id " + ids[i]);
            }
            clusters[i] = labels[ids[i]];
        }
        return clusters;
    }

    /// One member of a cluster, each equally likely.
    ///
    /// @param uniform in `[0, 1)`
    public int member(int cluster, double uniform) {
        int[] own = members[cluster];
        return own[Math.min((int) (uniform * own.length), own.length - 1)];
    }

    /// The mean over `ids` of the logarithm of their clusters' sizes: what to add to a cross-entropy over clusters
    /// to compare it with one over codes, if members are drawn evenly.
    public double meanLogSize(int... ids) {
        double sum = 0;
        for (int cluster : clustersOf(ids)) {
            sum += Math.log(members[cluster].length);
        }
        return sum / ids.length;
    }

    /// The mean of the members of every cluster: (k)(d).
    public double[][] centres(Codebook codebook) {
        int width = codebook.width();
        double[][] centres = new double[clusters()][width];
        for (int c = 0; c < centres.length; c++) {
            for (int id : members[c]) {
                for (int j = 0; j < width; j++) {
                    centres[c][j] += codebook.codes().data()[id * width + j];
                }
            }
            for (int j = 0; j < width; j++) {
                centres[c][j] /= members[c].length;
            }
        }
        return centres;
    }

    /// The sum of squared distances of codes from the centres of their clusters.
    public double inertia(Codebook codebook) {
        double[][] centres = centres(codebook);
        int width = codebook.width();
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; j < width; j++) {
                double difference = codebook.codes().data()[i * width + j] - centres[labels[i]][j];
                sum += difference * difference;
            }
        }
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Partition partition && Arrays.equals(labels, partition.labels);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(labels);
    }

    /// `Partition of 16384 codes into 8192 clusters`.
    @Override
    public String toString() {
        return "Partition of " + codes() + " codes into " + clusters() + " clusters";
    }
}
