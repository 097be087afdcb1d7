package org.vortexel.ar.masc;

import org.vortexel.ar.Gpt;
import org.vortexel.ar.GptConfig;
import org.vortexel.codebook.Partition;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// A GPT over clusters: the host's sizes with k rows in its embedding and its head.
///
/// Source: [arXiv:2510.04220](https://arxiv.org/abs/2510.04220), eq. 5; `integration.py` of lixuan27/MASC.
public final class BranchGpt {
    private static final String TOKENS = "tok_embeddings.weight";
    private static final String HEAD = "output.weight";
    private static final float DEVIATION = 0.02f;

    private BranchGpt() {}

    /// How the head begins.
    public enum Head {
        /// Normal of deviation 0.02, as in the published code of MASC.
        NORMAL,
        /// Zero, as LlamaGen's: the first loss is `ln k`.
        ZERO
    }

    /// A model over the clusters of `partition`.
    ///
    /// @throws IllegalArgumentException when the host's vocabulary is not the partition's codes
    public static Gpt of(GptConfig host, Partition partition) {
        if (host.vocabulary() != partition.codes()) {
            throw new IllegalArgumentException(
                    "a host of " + host.vocabulary() + " tokens does not go with a " + partition);
        }
        return new Gpt(host.withVocabulary(partition.clusters()));
    }

    /// Initial weights.
    public static Weights initial(Gpt branches, Head head, long seed) {
        Weights weights = branches.params().initial(seed);
        if (head == Head.NORMAL) {
            NdArray rows = Philox.of(seed).stream(HEAD.hashCode())
                    .normal(weights.get(HEAD).shape());
            for (int i = 0; i < rows.data().length; i++) {
                rows.data()[i] *= DEVIATION;
            }
            weights.put(HEAD, rows);
        }
        return weights;
    }

    /// Weights that begin where a trained host is: its own, with the mean of a cluster's members for each cluster's
    /// row of the embedding and of the head. This is our own option, not in the paper.
    public static Weights warm(Weights host, Partition partition) {
        Weights weights = host.copy();
        for (String name : new String[] {TOKENS, HEAD}) {
            NdArray rows = host.get(name);
            int width = rows.shape().dim(1);
            NdArray means = NdArray.zeros(Shape.of(partition.clusters(), width));
            for (int c = 0; c < partition.clusters(); c++) {
                int[] members = partition.members()[c];
                for (int id : members) {
                    for (int j = 0; j < width; j++) {
                        means.data()[c * width + j] += rows.data()[id * width + j] / members.length;
                    }
                }
            }
            weights.put(name, means);
        }
        return weights;
    }
}
