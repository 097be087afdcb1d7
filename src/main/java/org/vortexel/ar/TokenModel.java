package org.vortexel.ar;

import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;

/// A network that gives the logits of the next token from a prompt and the tokens so far.
public interface TokenModel {
    /// What a generator must know of a model.
    ///
    /// @param vocabulary V
    /// @param tokens of a picture, T
    /// @param prefix positions before the first token, P; the last of them predicts it
    /// @param width D
    /// @param depth blocks
    /// @param keyWidth numbers of all heads' keys of one token
    record Sizes(int vocabulary, int tokens, int prefix, int width, int depth, int keyWidth) {
        /// The last position that is ever run, plus 1.
        public int positions() {
            return prefix + tokens - 1;
        }
    }

    /// The sizes.
    Sizes sizes();

    /// Names, shapes and initial values of everything the model learns.
    Params params();

    /// Declares the input `prompt` of a batch.
    Prompt.Recorded prompt(Recorder recorder, int batch);

    /// The prompt that asks for nothing in particular, for guidance.
    Prompt nothing(int batch, Weights weights);

    /// Records the embedding of a prompt: (N, P, D).
    ///
    /// @throws IllegalArgumentException when the prompt is not of the model's kind
    Tensor prefix(Prompt.Recorded prompt);

    /// Records one token at the position `cache.at()`, which is a position of the prefix while below P: the logits
    /// of what follows, (N, V).
    ///
    /// @param prefix (N, P, D)
    /// @param token (N, 1) ids; not looked at within the prefix, but must be valid
    Tensor step(Tensor prefix, Tensor token, KvCache cache);
}
