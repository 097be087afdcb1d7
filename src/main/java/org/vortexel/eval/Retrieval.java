package org.vortexel.eval;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vortexel.tensor.NdArray;

/// How often the nearest real pictures of a drawn one show what was asked for.
///
/// Real pictures that show the same thing have the same kind (for emoji: the base emoji, whatever its skin tone). A
/// kind stands where its nearest picture stands, so the top 5 are five kinds.
///
/// @param top1 share of drawn pictures whose nearest kind is the one asked for
/// @param top5 share of drawn pictures that have it among their five nearest kinds
public record Retrieval(double top1, double top5) {
    private static final int FEW = 5;

    /// Searches by Euclidean distance among the pictures of a pool and, for every drawn picture, the true
    /// picture of its caption, so that a right answer is always there. Of equal distances the right kind
    /// comes first.
    ///
    /// @param drawn features (N, D) of drawn pictures
    /// @param real features (N, D) of the true pictures of the same captions
    /// @param kinds what each of them shows
    /// @param pool features (M, D) of real pictures
    /// @param poolKinds what each of them shows
    public static Retrieval of(NdArray drawn, NdArray real, List<String> kinds, NdArray pool, List<String> poolKinds) {
        Features.checkTogether(drawn, real, 1);
        Features.checkTogether(drawn, pool, 1);
        int first = 0;
        int few = 0;
        for (int i = 0; i < kinds.size(); i++) {
            int rank = rank(drawn, real, i, kinds.get(i), pool, poolKinds);
            first += rank == 0 ? 1 : 0;
            few += rank < FEW ? 1 : 0;
        }
        return new Retrieval((double) first / kinds.size(), (double) few / kinds.size());
    }

    /// How many kinds are nearer than the right one.
    private static int rank(
            NdArray drawn, NdArray real, int picture, String kind, NdArray pool, List<String> poolKinds) {
        Map<String, Double> nearest = new HashMap<>();
        for (int j = 0; j < poolKinds.size(); j++) {
            nearest.merge(poolKinds.get(j), Features.squaredDistance(drawn, picture, pool, j), Math::min);
        }
        double right = nearest.merge(kind, Features.squaredDistance(drawn, picture, real, picture), Math::min);
        return (int)
                nearest.values().stream().filter(distance -> distance < right).count();
    }

    /// What choosing kinds blindly would give.
    ///
    /// @param kinds what the drawn pictures should show
    /// @param poolKinds what the pictures of the pool show
    public static Retrieval chance(List<String> kinds, List<String> poolKinds) {
        Set<String> known = new HashSet<>(poolKinds);
        double first = 0;
        double few = 0;
        for (String kind : kinds) {
            int choices = known.size() + (known.contains(kind) ? 0 : 1);
            first += 1.0 / choices;
            few += Math.min(1, (double) FEW / choices);
        }
        return new Retrieval(first / kinds.size(), few / kinds.size());
    }
}
