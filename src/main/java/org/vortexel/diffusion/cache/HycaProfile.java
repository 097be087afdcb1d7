package org.vortexel.diffusion.cache;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vortexel.tensor.NdArray;

/// What was found out about a model before it samples with HyCa: at every point of the network the clusters of its
/// channels, and the solver of every cluster. Belongs to the model alone; any prompt, seed and size may use it.
/// Stored as JSON.
///
/// @param model the model's name
/// @param granularity what the points are
/// @param probe how it was found out
/// @param points one entry per point
public record HycaProfile(String model, String granularity, Probe probe, List<Point> points) {
    public HycaProfile {
        points = List.copyOf(points);
    }

    /// One point.
    ///
    /// @param name the point's name in the network
    /// @param labels the cluster of every channel
    /// @param solvers the solver of every cluster, see [Solver#named(String)]
    /// @param errors the error of every cluster with every solver of the pool
    /// @param silhouette how well the clusters stand apart, see [Partition#silhouette]
    public record Point(
            String name, List<Integer> labels, List<String> solvers, List<List<Double>> errors, double silhouette) {
        public Point {
            labels = List.copyOf(labels);
            solvers = List.copyOf(solvers);
            errors = List.copyOf(errors);
            for (int label : labels) {
                if (label < 0 || label >= solvers.size()) {
                    throw new IllegalArgumentException(
                            "point " + name + " has a channel in cluster " + label + " of " + solvers.size());
                }
            }
            solvers.forEach(Solver::named);
        }
    }

    /// How a profile is found.
    ///
    /// @param steps how many computed steps the probe has, at least 4
    /// @param start the first step of the run that belongs to the probe
    /// @param clusters how many clusters a point has
    /// @param restarts of k-means
    /// @param seed of k-means
    /// @param interval 0 to judge solvers on the next step, as the paper does; 2 or more to judge them as a run
    /// with this interval forecasts
    /// @param pool the solvers to choose from, by name
    public record Probe(int steps, int start, int clusters, int restarts, long seed, int interval, List<String> pool) {
        public Probe {
            pool = List.copyOf(pool);
            if (steps < 4 || start < 0 || clusters < 1 || restarts < 1 || interval < 0 || interval == 1) {
                throw new IllegalArgumentException(
                        "a probe wants at least 4 steps, a start of at least 0, 1 cluster and"
                                + " 1 run, and an interval of 0 or at least 2");
            }
        }

        /// Eight steps from the second on, two clusters, solvers judged on the next step.
        public static Probe usual() {
            return new Probe(
                    8, 1, 2, 10, 0, 0, Solver.pool().stream().map(Solver::name).toList());
        }

        /// A probe as long as matched selection wants it: `3 N + 1` steps for an interval of `N`.
        public Probe matched(int wanted) {
            return new Probe(3 * wanted + 1, start, clusters, restarts, seed, wanted, pool);
        }

        /// Clusters the channels of one point and chooses their solvers.
        ///
        /// @param features (P, L, D): [#steps] steps of L tokens
        public Point choose(String name, NdArray features) {
            if (features.shape().rank() != 3 || features.shape().dim(0) != steps) {
                throw new IllegalArgumentException(
                        "the probe of " + name + " wants (" + steps + ", L, D) but got " + features.shape());
            }
            return choose(name, features, features, selection());
        }

        /// What solvers are judged on in a probe of [#steps] steps.
        public Selection selection() {
            return interval == 0 ? Selection.nextStep(steps, 1) : Selection.matched(steps, interval);
        }

        /// Clusters the channels of one point by some steps and chooses their solvers by others.
        ///
        /// @param described (P, L, D): the steps that channels are told apart by
        /// @param judged (S, L, D): the steps that `selection` speaks of
        public Point choose(String name, NdArray described, NdArray judged, Selection selection) {
            double[][] points = Descriptors.normalised(Descriptors.mean(described), Descriptors.PAPER);
            Partition partition = Partition.of(points, clusters, restarts, seed);
            return choose(name, partition, partition.silhouette(points), judged, selection);
        }

        /// Chooses the solvers of given clusters.
        public Point choose(String name, Partition partition, double silhouette, NdArray judged, Selection selection) {
            List<Solver> solvers = pool.stream().map(Solver::named).toList();
            double[][] errors = selection.errors(judged, partition, solvers);
            return new Point(
                    name,
                    Arrays.stream(partition.labels()).boxed().toList(),
                    Arrays.stream(selection.best(errors, solvers))
                            .mapToObj(pool::get)
                            .toList(),
                    Arrays.stream(errors)
                            .map(row -> Arrays.stream(row).boxed().toList())
                            .toList(),
                    silhouette);
        }
    }

    /// Finds the profile of a model from its features.
    ///
    /// @param features (P, L, D) of every point, by name
    public static HycaProfile of(String model, String granularity, Probe probe, Map<String, NdArray> features) {
        return new HycaProfile(
                model,
                granularity,
                probe,
                features.entrySet().stream()
                        .map(entry -> probe.choose(entry.getKey(), entry.getValue()))
                        .toList());
    }

    /// The point of a name.
    ///
    /// @throws IllegalArgumentException when there is none
    public Point point(String name) {
        Map<String, Point> byName = new HashMap<>();
        points.forEach(point -> byName.put(point.name(), point));
        Point found = byName.get(name);
        if (found == null) {
            throw new IllegalArgumentException("the profile of " + model + " has no point " + name + ", only "
                    + byName.keySet().stream().sorted().toList());
        }
        return found;
    }
}
