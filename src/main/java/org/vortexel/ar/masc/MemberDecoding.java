package org.vortexel.ar.masc;

import org.vortexel.ar.Uniforms;
import org.vortexel.codebook.Codebook;
import org.vortexel.codebook.Partition;

/// From clusters back to codes, each position by itself.
public sealed interface MemberDecoding permits MemberDecoding.Uniform, MemberDecoding.Frequent, MemberDecoding.Medoid {
    /// One code of a cluster.
    ///
    /// @param uniform in `[0, 1)`
    int code(int cluster, double uniform);

    /// The codes of a batch of pictures, (N)(T) to (N)(T).
    default int[][] codes(int[][] clusters, Uniforms uniforms) {
        int[][] codes = new int[clusters.length][];
        for (int n = 0; n < clusters.length; n++) {
            codes[n] = new int[clusters[n].length];
            for (int t = 0; t < codes[n].length; t++) {
                codes[n][t] = code(clusters[n][t], uniforms.at(n, t));
            }
        }
        return codes;
    }

    /// Every member equally likely: the paper's default, and behind all its numbers.
    ///
    /// @param partition codes and clusters
    record Uniform(Partition partition) implements MemberDecoding {
        @Override
        public int code(int cluster, double uniform) {
            return partition.member(cluster, uniform);
        }
    }

    /// Members as likely as they are in the training pictures; equally likely where none of them occurs. Not in the
    /// paper.
    ///
    /// @param partition codes and clusters
    /// @param counts how often each code occurs
    record Frequent(Partition partition, long[] counts) implements MemberDecoding {
        public Frequent {
            if (counts.length != partition.codes()) {
                throw new IllegalArgumentException(counts.length + " counts do not go with a " + partition);
            }
        }

        @Override
        public int code(int cluster, double uniform) {
            int[] members = partition.members()[cluster];
            long total = 0;
            for (int id : members) {
                total += counts[id];
            }
            double sum = 0;
            for (int id : members) {
                sum += counts[id];
                if (counts[id] > 0 && sum / total > uniform) {
                    return id;
                }
            }
            return partition.member(cluster, uniform);
        }
    }

    /// The member with the smallest sum of distances from the others, the lowest among equals: draws nothing. Not
    /// in the paper.
    ///
    /// @param codes the medoid of every cluster
    record Medoid(int[] codes) implements MemberDecoding {
        /// The medoids of a partition.
        public static Medoid of(Partition partition, Codebook codebook) {
            int[] medoids = new int[partition.clusters()];
            for (int c = 0; c < medoids.length; c++) {
                int[] members = partition.members()[c];
                double smallest = Double.POSITIVE_INFINITY;
                for (int id : members) {
                    double sum = 0;
                    for (int other : members) {
                        sum += codebook.distance(id, other);
                    }
                    if (sum < smallest) {
                        smallest = sum;
                        medoids[c] = id;
                    }
                }
            }
            return new Medoid(medoids);
        }

        @Override
        public int code(int cluster, double uniform) {
            return codes[cluster];
        }
    }
}
