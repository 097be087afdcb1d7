package org.vortexel.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vortexel.codebook.Agglomeration;
import org.vortexel.codebook.ClusterTree;
import org.vortexel.codebook.Codebook;
import org.vortexel.codebook.Linkage;
import org.vortexel.codebook.Partition;
import org.vortexel.codebook.Rivals;

/// What a transformer takes for its tokens: codes, or clusters of codes (MASC and what it is
/// compared with).
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Clusters.Flat.class, name = "flat"),
    @JsonSubTypes.Type(value = Clusters.Masc.class, name = "masc"),
    @JsonSubTypes.Type(value = Clusters.Linked.class, name = "linkage"),
    @JsonSubTypes.Type(value = Clusters.KMeans.class, name = "kmeans"),
    @JsonSubTypes.Type(value = Clusters.Dealt.class, name = "random")
})
public sealed interface Clusters
        permits Clusters.Flat, Clusters.Masc, Clusters.Linked, Clusters.KMeans, Clusters.Dealt {
    /// The tree of a tokenizer, in its folder, where `prepare masc` has made it.
    String TREE = "masc.safetensors";

    /// The codes themselves: MASC is off.
    record Flat() implements Clusters {}

    /// A cut of the tree of average linkage.
    ///
    /// @param count clusters, k
    record Masc(int count) implements Clusters {}

    /// A cut of the tree of another linkage, to tell average linkage from agglomeration.
    ///
    /// @param linkage how far two clusters are apart
    /// @param count clusters, k
    record Linked(Linkage linkage, int count) implements Clusters {}

    /// k-means of Commons Math, the best of some restarts.
    ///
    /// @param count clusters, k
    /// @param restarts 10 in the paper
    /// @param seed of the first centres
    record KMeans(int count, int restarts, long seed) implements Clusters {}

    /// Codes dealt at random.
    ///
    /// @param count clusters, k
    /// @param likeMasc whether clusters are as large as those of MASC, else equally large
    /// @param seed of the deal
    record Dealt(int count, boolean likeMasc, long seed) implements Clusters {}

    /// The partition of a tokenizer's codes.
    ///
    /// @param codebook the codes as the tokenizer compares them
    /// @param tokenizer its folder; a tree in it is used, else one is grown
    /// @throws IllegalArgumentException when there are not so many codes
    default Partition of(Codebook codebook, Path tokenizer) {
        return switch (this) {
            case Flat() -> Partition.identity(codebook.count());
            case Masc(int count) -> masc(codebook, tokenizer).cut(count);
            case Linked(Linkage linkage, int count) ->
                new Agglomeration(linkage, true, 1).grow(codebook).cut(count);
            case KMeans(int count, int restarts, long seed) -> Rivals.kMeans(codebook, count, restarts, seed);
            case Dealt(int count, boolean likeMasc, long seed) ->
                likeMasc
                        ? Rivals.randomLike(masc(codebook, tokenizer).cut(count), seed)
                        : Rivals.random(codebook.count(), count, seed);
        };
    }

    private static ClusterTree masc(Codebook codebook, Path tokenizer) {
        Path tree = tokenizer.resolve(TREE);
        return Files.exists(tree)
                ? ClusterTree.load(tree, codebook)
                : Agglomeration.masc(1).grow(codebook);
    }
}
