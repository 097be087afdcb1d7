package org.vortexel.eval;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.ranking.NaNStrategy;
import org.apache.commons.math3.stat.ranking.NaturalRanking;
import org.apache.commons.math3.stat.ranking.TiesStrategy;

/// Whether one method's figures differ from another's on the same prompts by more than chance: the
/// Wilcoxon signed-rank test, two-sided. It asks only that differences lie evenly about zero when there
/// is no effect, not that they are normal.
///
/// Pairs without a difference say nothing and are left out, as Wilcoxon did; where none is left, `p` is
/// 1. Equal differences share the mean of their ranks. Up to 300 pairs, the signs' patterns are counted
/// out; of more, the sum of ranks is taken for normal. (The test of Commons Math counts out `2^n`
/// patterns one by one, and takes pairs without a difference for negative ones.)
///
/// Source: Wilcoxon 1945, *Individual Comparisons by Ranking Methods*.
///
/// @param pairs how many differ
/// @param difference mean of `a - b` over all pairs
/// @param p how likely ranks at least as uneven are by chance
public record PairedTest(int pairs, double difference, double p) {
    private static final int EXACT = 300;

    /// Compares two lists, place by place.
    ///
    /// @param a at least one number
    /// @param b as many
    public static PairedTest of(double[] a, double[] b) {
        if (a.length == 0 || a.length != b.length) {
            throw new IllegalArgumentException("a paired test wants two lists of one length but got " + a.length
                    + " and " + b.length + " numbers");
        }
        double[] differences =
                IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
        double mean = Arrays.stream(differences).average().orElse(0);
        if (!Double.isFinite(mean)) {
            throw new IllegalArgumentException("a paired test wants finite numbers");
        }
        double[] some = Arrays.stream(differences).filter(d -> d != 0).toArray();
        return new PairedTest(some.length, mean, some.length == 0 ? 1 : p(some));
    }

    private static double p(double... differences) {
        double[] ranks = new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE)
                .rank(Arrays.stream(differences).map(Math::abs).toArray());
        double positive = IntStream.range(0, ranks.length)
                .mapToDouble(i -> differences[i] > 0 ? ranks[i] : 0)
                .sum();
        double all = Arrays.stream(ranks).sum();
        double smaller = Math.min(positive, all - positive);
        if (ranks.length > EXACT) {
            double deviation = Math.sqrt(Arrays.stream(ranks).map(r -> r * r).sum()) / 2;
            return 2 * new NormalDistribution().cumulativeProbability((smaller - all / 2) / deviation);
        }
        return Math.min(1, 2 * atMost(smaller, ranks));
    }

    /// How likely the ranks that chance makes positive add up to at most `sum`.
    private static double atMost(double sum, double... ranks) {
        // Ranks are whole or halves, so that twice a rank is whole. share[s]: how likely s is the sum so far.
        int most = (int) Math.round(2 * sum);
        double[] share = new double[most + 1];
        share[0] = 1;
        for (double rank : ranks) {
            int twice = (int) Math.round(2 * rank);
            for (int s = most; s >= 0; s--) {
                share[s] = (share[s] + (s >= twice ? share[s - twice] : 0)) / 2;
            }
        }
        return Arrays.stream(share).sum();
    }
}
