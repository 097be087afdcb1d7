package org.vortexel.codebook;

import java.util.stream.IntStream;

/// The shape of a partition's clusters.
///
/// @param clusters k
/// @param largest members of the largest
/// @param single clusters of one code
/// @param replacement mean distance of a code from a member of its cluster, each equally likely,
/// itself among them
/// @param widest the largest distance of two members
public record Geometry(int clusters, int largest, int single, double replacement, double widest) {
    /// Measures a partition.
    public static Geometry of(Partition partition, Codebook codebook) {
        double sum = 0;
        double widest = 0;
        for (int[] members : partition.members()) {
            for (int a : members) {
                double own = 0;
                for (int b : members) {
                    double distance = codebook.distance(a, b);
                    own += distance;
                    widest = Math.max(widest, distance);
                }
                sum += own / members.length;
            }
        }
        IntStream sizes =
                IntStream.range(0, partition.clusters()).map(c -> partition.members()[c].length);
        int[] all = sizes.toArray();
        return new Geometry(
                partition.clusters(),
                IntStream.of(all).max().orElse(0),
                (int) IntStream.of(all).filter(s -> s == 1).count(),
                sum / partition.codes(),
                widest);
    }
}
