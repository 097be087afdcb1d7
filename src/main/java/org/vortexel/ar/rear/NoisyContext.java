package org.vortexel.ar.rear;

import org.vortexel.tensor.Philox;

/// Tokens of which some are replaced: what a transformer sees while it is trained to predict the clean ones.
///
/// For each picture a share `eps = u * maxRatio` is drawn, then each token is replaced with probability `eps`. A
/// replacement may happen to be the token itself and counts as replaced all the same.
///
/// Source: [arXiv:2510.04450](https://arxiv.org/abs/2510.04450), eq. 4 and 5; `perturb_input_tokens` of
/// QY-H00/reAR.
///
/// @param tokens (N T), what the transformer sees
/// @param replaced (N T), 1 where a token was replaced and 0 elsewhere
public record NoisyContext(int[] tokens, float[] replaced) {
    /// What replaces a token.
    public enum Mode {
        /// A token drawn evenly from all: the paper's.
        SWITCH,
        /// The mask token, whose id is the number of tokens, K.
        MASK,
        /// Nothing: the context is clean.
        NONE
    }

    /// The uniform numbers of one batch.
    ///
    /// @param pictures (N) in `[0, 1)`, for the share of each picture
    /// @param tokens (N T) in `[0, 1)`, for the choice of tokens
    /// @param replacements (N T) ids below K
    public record Draws(float[] pictures, float[] tokens, int[] replacements) {
        /// Fresh draws for a step: they depend on seed and step alone.
        ///
        /// @param batch N
        /// @param length T
        /// @param vocabulary K
        public static Draws of(long seed, long step, int batch, int length, int vocabulary) {
            Philox noise = new Philox(seed, step);
            float[] pictures = new float[batch];
            float[] tokens = new float[batch * length];
            int[] replacements = new int[batch * length];
            for (int n = 0; n < batch; n++) {
                pictures[n] = single(noise.uniform(n));
            }
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = single(noise.uniform(batch + 2L * i));
                replacements[i] = noise.below(vocabulary, batch + 2L * i + 1);
            }
            return new Draws(pictures, tokens, replacements);
        }

        /// Never rounds up to 1.
        private static float single(double uniform) {
            int bits = (int) (uniform * (1 << 24));
            return bits * 0x1p-24f;
        }
    }

    /// Replaces tokens.
    ///
    /// @param clean (N T) ids
    /// @param maxRatio in `[0, 1]`, see [NoiseAnnealing]
    /// @param vocabulary K
    public static NoisyContext of(int[] clean, Draws draws, float maxRatio, Mode mode, int vocabulary) {
        int length = clean.length / draws.pictures.length;
        int[] tokens = clean.clone();
        float[] replaced = new float[clean.length];
        for (int i = 0; i < clean.length && mode != Mode.NONE; i++) {
            float share = draws.pictures[i / length] * maxRatio;
            if (draws.tokens[i] < share) {
                replaced[i] = 1;
                tokens[i] = mode == Mode.MASK ? vocabulary : draws.replacements[i];
            }
        }
        return new NoisyContext(tokens, replaced);
    }
}
