package org.vortexel.ar.rear;

import org.vortexel.tensor.NdArray;

/// How well logits tell the tokens of pictures.
///
/// Source: [arXiv:2510.04450](https://arxiv.org/abs/2510.04450), section 3.
public final class Diagnostics {
    private Diagnostics() {}

    /// The share of positions whose most likely token is the right one, in `[0, 1]`; the lowest id among equals.
    ///
    /// @param logits (…, K)
    /// @param tokens one a row
    public static double correctTokens(NdArray logits, int... tokens) {
        int width = logits.shape().dim(-1);
        int right = 0;
        for (int t = 0; t < tokens.length; t++) {
            int best = 0;
            for (int v = 1; v < width; v++) {
                best = logits.data()[t * width + v] > logits.data()[t * width + best] ? v : best;
            }
            right += best == tokens[t] ? 1 : 0;
        }
        return (double) right / tokens.length;
    }

    /// `exp` of the mean of `-ln p(token)`, at least 1.
    ///
    /// @param logits (…, K)
    /// @param tokens one a row
    public static double perplexity(NdArray logits, int... tokens) {
        int width = logits.shape().dim(-1);
        double cost = 0;
        for (int t = 0; t < tokens.length; t++) {
            double sum = 0;
            for (int v = 0; v < width; v++) {
                sum += Math.exp((double) logits.data()[t * width + v] - logits.data()[t * width + tokens[t]]);
            }
            cost += Math.log(sum);
        }
        return Math.exp(cost / tokens.length);
    }
}
