package org.vortexel.codebook;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class ClusterTreeTest {
    private static Codebook codes(int width, float... numbers) {
        return new Codebook(NdArray.of(Shape.of(numbers.length / width, width), numbers));
    }

    private static ClusterTree grow(Codebook codebook, Linkage linkage) {
        return new Agglomeration(linkage, false, 1).grow(codebook);
    }

    @Test
    void sixPointsOnALine() {
        ClusterTree tree = grow(codes(1, 0, 1, 3.5f, 7, 8.2f, 20), Linkage.AVERAGE);
        assertArrayEquals(new double[] {1, 1.2, 3, 6.1, 16.06}, tree.height(), 1e-6);
        assertArrayEquals(new int[] {0, 0, 1, 2, 2, 3}, tree.cut(4).labels());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 2}, tree.cut(3).labels());
        assertArrayEquals(new int[] {0, 0, 0, 0, 0, 1}, tree.cut(2).labels());
    }

    @Test
    void sixPointsInThePlane() {
        ClusterTree tree = grow(codes(2, 0, 0, 1, 0, 0, 1.5f, 6, 0, 6, 2, 3, 5), Linkage.AVERAGE);
        assertArrayEquals(new double[] {1, 1.651388, 2, 5.036796, 5.637896}, tree.height(), 1e-6);
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 2}, tree.cut(3).labels());
    }

    /// The greedy algorithm, as the paper has it.
    private static double[] greedy(Codebook codebook, Linkage linkage) {
        int n = codebook.count();
        double[][] d = new double[n][n];
        int[] size = new int[n];
        Arrays.fill(size, 1);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                d[i][j] = i == j ? Double.POSITIVE_INFINITY : codebook.distance(i, j);
            }
        }
        double[] heights = new double[n - 1];
        for (int m = 0; m < n - 1; m++) {
            int s = 0;
            int t = 1;
            for (int i = 0; i < n; i++) {
                for (int j = i + 1; j < n; j++) {
                    if (d[i][j] < d[s][t]) {
                        s = i;
                        t = j;
                    }
                }
            }
            heights[m] = d[s][t];
            double st = d[s][t];
            for (int u = 0; u < n; u++) {
                if (u != s && u != t && size[u] > 0 && Double.isFinite(d[s][u])) {
                    d[s][u] = linkage.merged(d[s][u], d[t][u], st, size[s], size[t], size[u]);
                    d[u][s] = d[s][u];
                }
            }
            size[s] += size[t];
            size[t] = 0;
            for (int u = 0; u < n; u++) {
                d[t][u] = Double.POSITIVE_INFINITY;
                d[u][t] = Double.POSITIVE_INFINITY;
            }
        }
        return heights;
    }

    @ParameterizedTest
    @EnumSource(Linkage.class)
    void theChainGivesTheHeightsOfTheGreedyAlgorithm(Linkage linkage) {
        for (int seed = 0; seed < 10; seed++) {
            Codebook codebook = new Codebook(Philox.of(seed).normal(Shape.of(7 + 5 * seed, 1 + seed % 8)));
            assertArrayEquals(greedy(codebook, linkage), grow(codebook, linkage).height(), 1e-9);
        }
    }

    @Test
    void cutsAreNestedAndTheirEndsAreTrivial() {
        Codebook codebook = new Codebook(Philox.of(3).normal(Shape.of(50, 4))).normalized();
        ClusterTree tree = Agglomeration.masc(2).grow(codebook);
        assertEquals(Partition.identity(50), tree.cut(50));
        assertEquals(1, tree.cut(1).clusters());
        for (int k = 2; k <= 50; k++) {
            Partition fine = tree.cut(k);
            Partition coarse = tree.cut(k - 1);
            assertEquals(k, fine.clusters());
            for (int[] members : fine.members()) {
                assertEquals(
                        1,
                        Arrays.stream(members)
                                .map(id -> coarse.labels()[id])
                                .distinct()
                                .count());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> tree.cut(0));
        assertThrows(IllegalArgumentException.class, () -> tree.cut(51));
    }

    @Test
    void equalCodesAreMergedFirst() {
        ClusterTree tree = grow(codes(1, 5, 1, 5, 9, 5), Linkage.AVERAGE);
        assertArrayEquals(new int[] {0, 1, 0, 2, 0}, tree.cut(3).labels());
        assertEquals(0, tree.height()[1]);
    }

    @Test
    void aTreeSurvivesItsFileAndIsRefusedForOtherCodes(@TempDir Path folder) {
        Codebook codebook = new Codebook(Philox.of(3).normal(Shape.of(30, 4)));
        ClusterTree tree = Agglomeration.masc(1).grow(codebook);
        Path path = folder.resolve("tree.safetensors");
        tree.save(path, codebook);
        ClusterTree loaded = ClusterTree.load(path, codebook);
        for (int k = 1; k <= 30; k++) {
            assertEquals(tree.cut(k), loaded.cut(k));
        }
        Codebook other = new Codebook(Philox.of(4).normal(Shape.of(30, 4)));
        assertThrows(WeightsException.class, () -> ClusterTree.load(path, other));
    }

    @Test
    void brokenCodesAndTreesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> codes(1, 1, Float.NaN));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ClusterTree(new int[] {0, 0}, new int[] {1, 1}, new double[] {1, 2}));
    }

    @Test
    void clustersOfNearCodesAreTighterThanThoseOfRivals() {
        Codebook codebook = new Codebook(Philox.of(8).normal(Shape.of(200, 8))).normalized();
        Partition masc = Agglomeration.masc(1).grow(codebook).cut(100);
        Partition random = Rivals.random(200, 100, 1);
        Partition shuffled = Rivals.randomLike(masc, 1);
        Partition kMeans = Rivals.kMeans(codebook, 100, 2, 1);
        assertEquals(100, kMeans.clusters());
        assertEquals(sizes(masc), sizes(shuffled));
        assertTrue(Arrays.stream(random.members()).allMatch(m -> m.length == 2));
        assertTrue(masc.inertia(codebook) < 0.5 * shuffled.inertia(codebook));
        assertTrue(kMeans.inertia(codebook) < 0.5 * random.inertia(codebook));
        assertEquals(Rivals.kMeans(codebook, 100, 2, 1), kMeans);
        assertEquals(Math.log(2), random.meanLogSize(3, 4, 5), 1e-12);
    }

    private static java.util.List<Integer> sizes(Partition partition) {
        return Arrays.stream(partition.members()).map(m -> m.length).sorted().toList();
    }

    /// Large enough for several ranges of clusters to be brought up to date at once.
    @Test
    void theTreeIsTheSameFromASquareATriangleAndAnyNumberOfThreads() {
        Codebook codebook = new Codebook(Philox.of(8).normal(Shape.of(2500, 3))).normalized();
        ClusterTree square = new Agglomeration(Linkage.AVERAGE, true, 3).grow(codebook, 2500);
        ClusterTree triangle = new Agglomeration(Linkage.AVERAGE, true, 1).grow(codebook, 2499);
        assertArrayEquals(triangle.lower(), square.lower());
        assertArrayEquals(triangle.higher(), square.higher());
        assertArrayEquals(triangle.height(), square.height());
    }
}
