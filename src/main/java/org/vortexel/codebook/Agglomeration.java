package org.vortexel.codebook;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.vortexel.device.host.WorkerPool;

/// Grows the tree of clusters bottom-up by the nearest-neighbour chain, in O(K²) time.
///
/// A chain of clusters, each the nearest neighbour of the one before, ends where two are nearest to each other;
/// these are merged and the chain goes on from what is left of it. For a reducible [Linkage] the merges are those
/// of the greedy algorithm, in another order, so sorting them by height gives its tree.
///
/// Deterministic, at any thread count.
///
/// Source: Benzécri 1982 and Murtagh 1983 for the chain; the clustering is algorithm 1 of MASC,
/// [arXiv:2510.04220](https://arxiv.org/abs/2510.04220).
///
/// @param linkage how far two clusters are apart
/// @param single whether distances are kept in single precision: faster, heights right to about
/// 1e-7
/// @param threads that compute distances
public record Agglomeration(Linkage linkage, boolean single, int threads) {
    /// As MASC does it: average linkage, single precision.
    public static Agglomeration masc(int threads) {
        return new Agglomeration(Linkage.AVERAGE, true, threads);
    }

    /// The tree of a codebook's codes, as they are given; see [Codebook#normalized].
    ///
    /// Memory: 4 K² bytes, in single precision above 20,000 codes 2 K².
    public ClusterTree grow(Codebook codebook) {
        return grow(codebook, Distances.MOST_SQUARE);
    }

    /// The same with another bound of what is kept as a square.
    ClusterTree grow(Codebook codebook, int mostSquare) {
        try (WorkerPool pool = WorkerPool.of(threads)) {
            return new Growth(Distances.of(codebook, single, mostSquare, pool), codebook.count(), linkage).run();
        }
    }

    /// The state of one run.
    private static final class Growth {
        private final Distances distances;
        private final Linkage linkage;
        private final int[] size;
        private final int[] active; // slots still in use, ascending
        private int left;
        private final int[] lower;
        private final int[] higher;
        private final double[] height;
        private int merges;
        private final int[] changed; // the merge that made a cluster, from 1
        private final int[] seen; // how many merges its row knows of

        Growth(Distances distances, int count, Linkage linkage) {
            this.distances = distances;
            this.linkage = linkage;
            size = new int[count];
            changed = new int[count];
            seen = new int[count];
            Arrays.fill(size, 1);
            active = IntStream.range(0, count).toArray();
            left = count;
            lower = new int[count - 1];
            higher = new int[count - 1];
            height = new double[count - 1];
        }

        ClusterTree run() {
            int[] chain = new int[size.length + 1];
            int length = 0;
            while (left > 1) {
                if (length == 0) {
                    chain[length++] = active[0];
                }
                int top = chain[length - 1];
                int before = length > 1 ? chain[length - 2] : -1;
                int nearest = nearest(top, before);
                if (nearest == before) {
                    merge(Math.min(top, before), Math.max(top, before));
                    length -= 2;
                } else {
                    chain[length++] = nearest;
                }
            }
            return sorted();
        }

        /// The nearest other cluster: `before` where it is as near as any, which ends the chain, else the
        /// lowest slot.
        private int nearest(int slot, int before) {
            if (distances instanceof Distances.Square(float[][] rows)) {
                refresh(rows, slot);
                return nearest(rows[slot], slot, before);
            }
            int best = before;
            double smallest = before < 0 ? Double.POSITIVE_INFINITY : distances.get(slot, before);
            for (int i = 0; i < left; i++) {
                int other = active[i];
                if (other != slot) {
                    double distance = distances.get(slot, other);
                    if (distance < smallest || best < 0) {
                        smallest = distance;
                        best = other;
                    }
                }
            }
            return best;
        }

        /// The same on a row in one piece.
        private int nearest(float[] row, int slot, int before) {
            int best = before;
            float smallest = before < 0 ? Float.POSITIVE_INFINITY : row[before];
            for (int i = 0; i < left; i++) {
                int other = active[i];
                float distance = row[other];
                if ((distance < smallest || best < 0) && other != slot) {
                    smallest = distance;
                    best = other;
                }
            }
            return best;
        }

        /// Takes over the distances from clusters that were merged since this row was last looked
        /// at. A merge writes its own row only: the column of a square costs a miss of the cache
        /// for every number.
        private void refresh(float[][] rows, int slot) {
            float[] row = rows[slot];
            int since = seen[slot];
            for (int i = 0; i < left; i++) {
                int other = active[i];
                if (changed[other] > since) {
                    row[other] = rows[other][slot];
                }
            }
            seen[slot] = merges;
        }

        private void merge(int s, int t) {
            if (distances instanceof Distances.Square(float[][] rows)) {
                refresh(rows, s);
                refresh(rows, t);
            }
            double st = distances.get(s, t);
            lower[merges] = s;
            higher[merges] = t;
            height[merges++] = st;
            int gone = Arrays.binarySearch(active, 0, left, t);
            System.arraycopy(active, gone + 1, active, gone, left - gone - 1);
            left--;
            for (int i = 0; i < left; i++) {
                int u = active[i];
                if (u != s) {
                    double su = distances.get(s, u);
                    double tu = distances.get(t, u);
                    distances.set(s, u, linkage.merged(su, tu, st, size[s], size[t], size[u]));
                }
            }
            changed[s] = merges;
            seen[s] = merges;
            size[s] += size[t];
        }

        /// The merges by height, those found earlier first among equals.
        private ClusterTree sorted() {
            int[] order = IntStream.range(0, merges)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> height[i]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            return new ClusterTree(
                    Arrays.stream(order).map(i -> lower[i]).toArray(),
                    Arrays.stream(order).map(i -> higher[i]).toArray(),
                    Arrays.stream(order).mapToDouble(i -> height[i]).toArray());
        }
    }
}
