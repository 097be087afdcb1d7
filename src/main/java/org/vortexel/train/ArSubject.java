package org.vortexel.train;

import org.jspecify.annotations.Nullable;
import org.vortexel.ar.GptConfig;
import org.vortexel.ar.masc.BranchGpt;

/// A transformer that draws pictures token by token, on the tokens of captioned pictures; asked
/// with a caption or with a class, which is the `group` of a picture.
///
/// Source: Sun et al. 2024, [arXiv:2406.06525](https://arxiv.org/abs/2406.06525), section 2.2;
/// `clusters` is MASC, `rear` reAR.
///
/// @param data which pictures; those of the split `heldout` with the same styles are what a run is
/// measured on
/// @param tokenizer folder of the tokenizer
/// @param size side of the pictures in pixels
/// @param tokens file of the pictures' tokens; made when it is not there
/// @param network the sizes; its vocabulary is how many codes the tokenizer has, whatever the
/// clusters
/// @param clusters what stands for a token
/// @param head how the head of a network of clusters begins; a network of codes begins with zeros
/// @param rear noise and alignment
/// @param start the folder of a model of these sizes whose weights the run begins with; none begins
/// with random ones
/// @param dropout how often a prompt is replaced by none, for guidance
/// @param forget the share of states that are forgotten after the embedding and in every branch,
/// 0.1 in the paper
public record ArSubject(
        TrainConfig.Data data,
        String tokenizer,
        int size,
        String tokens,
        GptConfig network,
        Clusters clusters,
        BranchGpt.Head head,
        Rear rear,
        @Nullable String start,
        double dropout,
        double forget)
        implements Subject {
    public ArSubject {
        if (!(dropout >= 0 && dropout < 1) || !(forget >= 0 && forget < 1)) {
            throw new IllegalArgumentException(
                    "dropout and forget must be in [0, 1) but are " + dropout + " and " + forget);
        }
        if (tokens.isBlank()) {
            throw new IllegalArgumentException("tokens must name a file");
        }
    }
}
