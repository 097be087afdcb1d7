package org.vortexel.diffusion.cache;

import java.util.ArrayList;
import java.util.List;
import org.vortexel.tensor.NdArray;

/// Which steps of a run should be computed when there is time for so many.
///
/// Found from what a few pictures do when every step is computed. A step's displacement is forecast from those of the
/// computed steps before it; that the errors of a run add up to little is what is wanted. All of this is in the inner
/// products of displacements, so that trying a placement costs no more than a few sums: one computed step after the
/// other is moved to where the error is least, until none moves.
///
/// A network's features may jump at certain times, whatever is drawn; no solver foresees that, but a step can be
/// computed right behind it. This is our own addition, in no paper.
///
/// @param computed ascending, the first of them 0
public record Placement(List<Integer> computed) {
    private static final int MOST_ROUNDS = 100;

    public Placement {
        computed = List.copyOf(computed);
        if (computed.isEmpty() || computed.getFirst() != 0) {
            throw new IllegalArgumentException(
                    "the first step of a run has to be computed, but of " + computed + " it is not");
        }
        for (int i = 1; i < computed.size(); i++) {
            if (computed.get(i) <= computed.get(i - 1)) {
                throw new IllegalArgumentException("computed steps ascend, but " + computed + " do not");
            }
        }
    }

    /// The placement of least error that is found from an even one.
    ///
    /// @param products [#products] of displacements
    /// @param first as many steps as are wanted
    /// @param solver what displacements are forecast by
    /// @param slots from how many computed steps
    public static Placement search(double[][] products, Placement first, Solver solver, int slots) {
        int steps = products.length;
        List<Integer> best = new ArrayList<>(first.computed);
        double least = error(products, best, solver, slots);
        boolean moved = true;
        for (int round = 0; moved && round < MOST_ROUNDS; round++) {
            moved = false;
            for (int i = 1; i < best.size(); i++) {
                int from = best.get(i - 1) + 1;
                int to = i + 1 < best.size() ? best.get(i + 1) : steps;
                int where = best.get(i);
                for (int at = from; at < to; at++) {
                    List<Integer> other = new ArrayList<>(best);
                    other.set(i, at);
                    double error = error(products, other, solver, slots);
                    if (error < least) {
                        least = error;
                        where = at;
                    }
                }
                moved |= where != best.get(i);
                best.set(i, where);
            }
        }
        return new Placement(best);
    }

    /// Inner products of what the steps of a run do to the pictures.
    ///
    /// @param displacements (S, …), of S steps
    /// @return (S, S)
    public static double[][] products(NdArray displacements) {
        int steps = displacements.shape().dim(0);
        int size = displacements.shape().size() / steps;
        double[][] products = new double[steps][steps];
        for (int a = 0; a < steps; a++) {
            for (int b = 0; b <= a; b++) {
                double sum = 0;
                for (int i = 0; i < size; i++) {
                    sum += (double) displacements.data()[a * size + i]
                            * displacements.data()[b * size + i];
                }
                products[a][b] = sum;
                products[b][a] = sum;
            }
        }
        return products;
    }

    /// The squared size of the error of a whole run.
    static double error(double[][] products, List<Integer> computed, Solver solver, int slots) {
        int steps = products.length;
        double[] excess = new double[steps]; // how much more of each displacement the run has than it should
        List<Integer> kept = new ArrayList<>();
        for (int n = 0; n < steps; n++) {
            if (computed.contains(n)) {
                kept.addFirst(n);
                if (kept.size() > slots) {
                    kept.removeLast();
                }
                continue;
            }
            double[] weights = Selection.weights(new Selection.Forecast(kept, n), solver);
            excess[n] -= 1;
            for (int j = 0; j < weights.length; j++) {
                excess[kept.get(j)] += weights[j];
            }
        }
        double error = 0;
        for (int a = 0; a < steps; a++) {
            for (int b = 0; b < steps; b++) {
                error += excess[a] * excess[b] * products[a][b];
            }
        }
        return error;
    }
}
