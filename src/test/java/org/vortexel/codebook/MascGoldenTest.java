package org.vortexel.codebook;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;

/// Trees, cuts, k-means and member decoding of lixuan27/MASC, SciPy and scikit-learn.
class MascGoldenTest {
    private static final double EXACT = 1e-9;
    private static final double ROUNDED = 1e-5;

    @TestFactory
    Stream<DynamicTest> everythingEqualsTheReference() {
        return Golden.files("masc", "*.io.safetensors").stream()
                .flatMap(path -> kinds(path)
                        .map(kind -> DynamicTest.dynamicTest(path.getFileName() + ", " + kind, () -> {
                            try (Golden golden = Golden.open(path)) {
                                check(
                                        golden.file(),
                                        kind,
                                        golden.about().path("checks").path(kind));
                            }
                        })));
    }

    private static Stream<String> kinds(java.nio.file.Path path) {
        try (SafeTensors file = SafeTensors.open(path)) {
            return file.names().stream()
                    .filter(name -> name.endsWith(".codebook"))
                    .map(name -> name.substring(0, name.indexOf('.')))
                    .toList()
                    .stream();
        }
    }

    private static void check(SafeTensors io, String kind, JsonNode checks) {
        Codebook codebook = new Codebook(io.array(kind + ".codebook"));
        ClusterTree exact = new Agglomeration(Linkage.AVERAGE, false, 2).grow(codebook);
        ClusterTree rounded = Agglomeration.masc(2).grow(codebook);
        Set<String> checked = new TreeSet<>(Set.of(kind + ".codebook"));
        double[] heights = io.doubles(kind + ".linkage.height");
        assertArrayEquals(heights, exact.height(), EXACT);
        assertArrayEquals(heights, rounded.height(), ROUNDED);
        checked.add(kind + ".linkage.height");
        checkMerges(io, kind, exact, checked);
        for (Map.Entry<String, JsonNode> cut : checks.path("k").properties()) {
            String name = kind + ".k" + cut.getKey();
            int k = Integer.parseInt(cut.getKey());
            assertArrayEquals(io.ints(name + ".labels"), exact.cut(k).labels(), name);
            assertArrayEquals(io.ints(name + ".labels"), rounded.cut(k).labels(), name);
            checked.add(name + ".labels");
            int[] labels = Rivals.lloyd(codebook, io.ints(name + ".kmeans.init_rows"));
            if (cut.getValue().path("plain_lloyd_same_labels").asBoolean()) {
                assertArrayEquals(io.ints(name + ".kmeans.labels"), labels, name);
                double inertia = io.doubles(name + ".kmeans.inertia")[0];
                assertEquals(inertia, Partition.of(labels).inertia(codebook), EXACT * inertia, name);
            }
            checked.addAll(Set.of(name + ".kmeans.init_rows", name + ".kmeans.labels", name + ".kmeans.inertia"));
        }
        checkMembers(io, kind, exact, checked);
        Set<String> missed = new TreeSet<>(io.names());
        missed.removeIf(name -> !name.startsWith(kind + ".") || checked.contains(name));
        assertEquals(Set.of(), missed, "never compared");
    }

    /// SciPy numbers the cluster of merge `i` `K + i`; MASC names it by its lower slot.
    private static void checkMerges(SafeTensors io, String kind, ClusterTree tree, Set<String> checked) {
        int n = tree.count();
        int[] node = new int[n];
        int[] size = new int[n];
        for (int i = 0; i < n; i++) {
            node[i] = i;
            size[i] = 1;
        }
        int[] children = new int[2 * (n - 1)];
        int[] sizes = new int[n - 1];
        int[] slots = new int[2 * (n - 1)];
        for (int i = 0; i < n - 1; i++) {
            int s = tree.lower()[i];
            int t = tree.higher()[i];
            slots[2 * i] = s;
            slots[2 * i + 1] = t;
            children[2 * i] = Math.min(node[s], node[t]);
            children[2 * i + 1] = Math.max(node[s], node[t]);
            size[s] += size[t];
            sizes[i] = size[s];
            node[s] = n + i;
        }
        assertArrayEquals(io.ints(kind + ".masc.merge_slots"), slots);
        assertArrayEquals(io.ints(kind + ".linkage.children"), children);
        assertArrayEquals(io.ints(kind + ".linkage.size"), sizes);
        checked.addAll(Set.of(kind + ".masc.merge_slots", kind + ".linkage.children", kind + ".linkage.size"));
    }

    private static void checkMembers(SafeTensors io, String kind, ClusterTree tree, Set<String> checked) {
        String name = kind + ".decode.";
        Partition partition = tree.cut(io.ints(name + "k")[0]);
        int[] counts = io.ints(name + "member_counts");
        int[] table = io.ints(name + "member_table");
        int columns = io.shape(name + "member_table").dim(1);
        for (int c = 0; c < counts.length; c++) {
            assertEquals(counts[c], partition.members()[c].length);
            assertArrayEquals(
                    java.util.Arrays.copyOfRange(table, c * columns, c * columns + counts[c]),
                    partition.members()[c]);
        }
        double[] uniforms = io.doubles(name + "uniforms");
        int[] coarse = io.ints(name + "coarse");
        int[] tokens = new int[coarse.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = partition.member(coarse[i], uniforms[i]);
        }
        assertArrayEquals(io.ints(name + "tokens"), tokens);
        for (String part : Set.of("k", "member_counts", "member_table", "uniforms", "coarse", "tokens")) {
            checked.add(name + part);
        }
    }
}
