package org.vortexel.ar;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// How a token is drawn from logits: first the temperature, then the most likely `topK`, then the most likely that
/// make up `topP`, then a draw from what is left.
///
/// Source: the order and the rules for ties are those of FoundationVision/LlamaGen `generate.py`; top-p: Holtzman
/// et al. 2020, [arXiv:1904.09751](https://arxiv.org/abs/1904.09751), section 3.1.
///
/// @param temperature divides the logits; below 1e-5 it counts as 1e-5
/// @param topK how many are kept, and those that equal the last of them; 0 for all
/// @param topP those are kept before which the sum of probabilities is at most this; 1 for all
/// @param greedy takes the most likely, the lowest id among equals, and draws nothing
public record TokenSampling(double temperature, int topK, double topP, boolean greedy) {
    private static final double COLDEST = 1e-5;

    /// Checks the settings.
    ///
    /// @throws IllegalArgumentException when one is out of range
    public TokenSampling {
        if (!(temperature >= 0) || topK < 0 || !(topP >= 0 && topP <= 1)) {
            throw new IllegalArgumentException(
                    "sampling wants a temperature and a top-k of at least 0 and a top-p in [0, 1]" + " but got "
                            + temperature + ", " + topK + " and " + topP);
        }
    }

    /// Draws from the whole distribution.
    public static TokenSampling plain() {
        return new TokenSampling(1, 0, 1, false);
    }

    /// Takes the most likely token.
    public static TokenSampling mostLikely() {
        return new TokenSampling(1, 0, 1, true);
    }

    /// The probabilities that a token is drawn with, 0 for those not kept. Sums to 1.
    ///
    /// @param logits (V)
    public double[] probabilities(float[] logits) {
        double[] scaled = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            scaled[i] = (float) (logits[i] / Math.max(temperature, COLDEST)); // ties as in single precision
        }
        if (topK > 0 && topK < scaled.length) {
            double[] sorted = scaled.clone();
            Arrays.sort(sorted);
            double last = sorted[sorted.length - topK];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = scaled[i] < last ? Double.NEGATIVE_INFINITY : scaled[i];
            }
        }
        double[] p = softmax(scaled);
        if (topP < 1) {
            int[] order = IntStream.range(0, p.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -scaled[i])) // stable: lower ids first among equals
                    .mapToInt(Integer::intValue)
                    .toArray();
            double before = 0;
            for (int rank = 0; rank < order.length; rank++) {
                if (rank > 0 && before > topP) {
                    scaled[order[rank]] = Double.NEGATIVE_INFINITY;
                }
                before += p[order[rank]];
            }
            p = softmax(scaled);
        }
        return p;
    }

    private static double[] softmax(double[] x) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            largest = Math.max(largest, value);
        }
        double[] p = new double[x.length];
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            p[i] = Math.exp(x[i] - largest);
            sum += p[i];
        }
        for (int i = 0; i < x.length; i++) {
            p[i] /= sum;
        }
        return p;
    }

    /// Draws a token: how many ids have a sum of probabilities, their own included, of at most `uniform`.
    ///
    /// @param logits (V)
    /// @param uniform in `[0, 1)`
    public int draw(float[] logits, double uniform) {
        if (greedy) {
            return mostLikely(logits);
        }
        double[] p = probabilities(logits);
        double total = 0;
        for (double value : p) {
            total += value;
        }
        double sum = 0;
        int last = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i];
            if (sum / total > uniform && p[i] > 0) {
                return i;
            }
            last = p[i] > 0 ? i : last;
        }
        return last; // rounding left the last sum below the uniform number
    }

    private static int mostLikely(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
