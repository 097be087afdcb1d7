package org.vortexel.train;

/// MASC's refinement network on a trained model of clusters, which stays as it is: it learns which
/// code of a cluster belongs at a place.
///
/// Source: [arXiv:2510.04220](https://arxiv.org/abs/2510.04220), hierarchical decoding, whose
/// training is not published; ours is in [RefinerTask].
///
/// @param data which pictures
/// @param model folder of the model; its tokenizer is within
/// @param tokens file of the pictures' tokens; made when it is not there
/// @param width of the layer; 512 in the paper
/// @param heads 4 in the paper
public record RefinerSubject(TrainConfig.Data data, String model, String tokens, int width, int heads)
        implements Subject {
    public RefinerSubject {
        if (width < 1 || heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "a refinement network wants a width in multiples of its heads but got " + width + " and " + heads);
        }
    }
}
