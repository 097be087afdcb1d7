package org.vortexel.codebook;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.StoredTensor;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.tensor.Shape;

/// Which clusters of codes were merged, lowest first. A cluster is named by its smallest member.
///
/// @param lower the smaller name of the two clusters of each merge, which the merged cluster keeps
/// @param higher the larger name
/// @param height how far the two were apart; never falls
public record ClusterTree(int[] lower, int[] higher, double[] height) {
    private static final String MERGES = "codebook.tree.merges";
    private static final String HEIGHTS = "codebook.tree.heights";
    private static final String HASH = "codebook.sha256";

    /// Checks the merges.
    ///
    /// @throws IllegalArgumentException when they do not join all codes, or a height falls
    public ClusterTree {
        int n = lower.length + 1;
        boolean[] gone = new boolean[n];
        boolean fits = higher.length == n - 1 && height.length == n - 1;
        for (int i = 0; fits && i < n - 1; i++) {
            fits = lower[i] >= 0
                    && lower[i] < higher[i]
                    && higher[i] < n
                    && !gone[higher[i]]
                    && (i == 0 || height[i] >= height[i - 1]);
            if (fits) {
                gone[higher[i]] = true;
            }
        }
        if (!fits) {
            throw new IllegalArgumentException("these merges are not a tree of " + n + " codes");
        }
    }

    /// How many codes, K.
    public int count() {
        return lower.length + 1;
    }

    /// The partition into `clusters` clusters: what is left after the lowest `K - clusters` merges.
    ///
    /// @throws IllegalArgumentException when `clusters` is not in `1 … K`
    public Partition cut(int clusters) {
        if (clusters < 1 || clusters > count()) {
            throw new IllegalArgumentException(
                    "a tree of " + count() + " codes cannot be cut into " + clusters + " clusters");
        }
        int[] parent = IntStream.range(0, count()).toArray();
        for (int i = 0; i < count() - clusters; i++) {
            parent[root(parent, higher[i])] = root(parent, lower[i]);
        }
        int[] names = new int[count()];
        for (int i = 0; i < names.length; i++) {
            names[i] = root(parent, i);
        }
        return Partition.of(names);
    }

    private static int root(int[] parent, int slot) {
        int root = slot;
        while (parent[root] != root) {
            parent[root] = parent[parent[root]];
            root = parent[root];
        }
        return root;
    }

    /// The tree as tensors, to be stored beside a tokenizer's weights. Heights are rounded to single precision; the
    /// order of merges, and so every cut, is kept exactly.
    public List<StoredTensor> tensors() {
        int[] merges = new int[2 * lower.length];
        float[] heights = new float[lower.length];
        for (int i = 0; i < lower.length; i++) {
            merges[2 * i] = lower[i];
            merges[2 * i + 1] = higher[i];
            heights[i] = (float) height[i];
        }
        return List.of(
                new StoredTensor.Ints(MERGES, Shape.of(lower.length, 2), merges),
                new StoredTensor.Floats(HEIGHTS, StorageType.F32, Shape.of(lower.length), heights));
    }

    /// Writes the tree with the hash of the codes it was grown from.
    ///
    /// @throws java.io.UncheckedIOException when writing fails; an old file is then unchanged
    public void save(Path path, Codebook codebook) {
        SafeTensorsWriter.write(path, tensors(), Map.of(HASH, codebook.hash()));
    }

    /// Reads a tree for a codebook.
    ///
    /// @throws WeightsException when the file holds no tree of as many codes, or one that was grown from other
    /// codes
    public static ClusterTree load(Path path, Codebook codebook) {
        try (SafeTensors file = SafeTensors.open(path)) {
            ClusterTree tree = read(file);
            String hash = file.metadata().getOrDefault(HASH, "");
            if (tree.count() != codebook.count() || !hash.equals(codebook.hash())) {
                throw WeightsException.file(path.toString(), "the tree was grown from another codebook");
            }
            return tree;
        }
    }

    /// Reads the tree from a file that holds [#tensors].
    ///
    /// @throws WeightsException when it is not there or damaged
    public static ClusterTree read(SafeTensors file) {
        int[] merges = file.ints(MERGES);
        double[] heights = file.doubles(HEIGHTS);
        if (merges.length != 2 * heights.length) {
            throw WeightsException.file(
                    file.source(), merges.length + " ends of merges do not go with " + heights.length + " heights");
        }
        try {
            return new ClusterTree(
                    IntStream.range(0, heights.length).map(i -> merges[2 * i]).toArray(),
                    IntStream.range(0, heights.length)
                            .map(i -> merges[2 * i + 1])
                            .toArray(),
                    heights);
        } catch (IllegalArgumentException e) {
            throw WeightsException.file(file.source(), String.valueOf(e.getMessage()), e);
        }
    }
}
