package org.vortexel.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vortexel.diffusion.cache.Cadence;
import org.vortexel.diffusion.cache.Descriptors;
import org.vortexel.diffusion.cache.HycaProfile;
import org.vortexel.diffusion.cache.Pace;
import org.vortexel.diffusion.cache.Partition;
import org.vortexel.diffusion.cache.Placement;
import org.vortexel.diffusion.cache.Selection;
import org.vortexel.diffusion.cache.Solver;
import org.vortexel.dit.Granularity;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;

/// Finds a model's [HycaFile]: draws a few pictures computing every step, tells the channels of every point apart by
/// how they move, and chooses a solver for each kind.
///
/// @param prompts at most 8, a picture each
/// @param seed of the first picture
/// @param steps of the run
/// @param interval solvers are chosen for this interval, at least 2
/// @param placing where the computed steps of such a run lie
/// @param selection what solvers are chosen by
/// @param granularity what is forecast
/// @param probe how channels are told apart; its interval is not used
/// @param random whether channels are dealt to the clusters by chance instead: the control that HyCa must beat
public record HycaPreparation(
        List<String> prompts,
        long seed,
        int steps,
        int interval,
        Caching.Placing placing,
        HycaFile.Choice selection,
        Granularity granularity,
        HycaProfile.Probe probe,
        boolean random) {
    private static final int WARMUP = 3;
    private static final int SLOTS = 4;
    private static final int MOST_INTERVAL = 12;
    /// Whatever the clusters will choose, it forecasts much like this one.
    private static final Solver SEARCHED_WITH = new Solver.Bdf(2);

    public HycaPreparation {
        prompts = List.copyOf(prompts);
        if (interval < 2) {
            throw new IllegalArgumentException("solvers are chosen for an interval of at least 2, not " + interval);
        }
        if (steps < probe.start() + probe.steps()) {
            throw new IllegalArgumentException("a run of " + steps + " steps has no " + probe.steps()
                    + " steps to look at from step " + probe.start());
        }
        if (new Cadence(interval, WARMUP).count(steps) >= steps) {
            throw new IllegalArgumentException(
                    "a run of " + steps + " steps with an interval of " + interval + " forecasts nothing");
        }
    }

    /// What a user who says nothing gets.
    public static HycaPreparation usual() {
        return new HycaPreparation(
                List.of("red apple", "dog face", "house", "smiling face", "car", "heart", "tree", "person running"),
                7,
                50,
                6,
                Caching.Placing.FOUND,
                HycaFile.Choice.RUN,
                Granularity.TRUNK,
                HycaProfile.Probe.usual(),
                false);
    }

    /// What is found, and the features that it is found from.
    ///
    /// @param file to be written beside the model
    /// @param features (S, L, D) for every point, see [TextToImage.Probed]
    /// @param pace the computed steps that solvers were chosen for
    public record Found(HycaFile file, Map<String, NdArray> features, Pace pace) {}

    /// Draws and finds.
    public Found find(TextToImage painter) {
        TextToImage.Probed probed =
                painter.probe(new Request(prompts, "", "", 1, seed, steps, -1, "euler", 0, 0), granularity);
        Map<String, NdArray> features = probed.features();
        List<Placement> placements = placements(probed.displacements());
        Pace pace = pace(placements);
        List<HycaProfile.Point> points = new ArrayList<>();
        List<HycaFile.Agreement> agreements = new ArrayList<>();
        features.forEach((point, all) -> {
            points.add(choose(point, all, pace));
            agreements.add(agreement(point, all, painter.model().network().tokens()));
        });
        HycaProfile profile = new HycaProfile(painter.model().name(), granularity.name(), probe, points);
        return new Found(
                new HycaFile(
                        painter.fingerprint(),
                        prompts,
                        seed,
                        steps,
                        interval,
                        selection,
                        profile,
                        placements,
                        agreements),
                features,
                pace);
    }

    private List<Placement> placements(NdArray displacements) {
        double[][] products = Placement.products(displacements);
        Map<Integer, Placement> byCount = new LinkedHashMap<>();
        for (int n = 2; n <= MOST_INTERVAL; n++) {
            Pace even = new Pace.Even(new Cadence(n, WARMUP));
            int count = even.count(steps);
            if (count > 1 && count < steps && !byCount.containsKey(count)) {
                byCount.put(count, Placement.search(products, even.placement(steps), SEARCHED_WITH, SLOTS));
            }
        }
        return List.copyOf(byCount.values());
    }

    private Pace pace(List<Placement> placements) {
        return new Caching.Steps(interval, WARMUP, placing).pace(steps, placements);
    }

    private HycaProfile.Point choose(String point, NdArray all, Pace pace) {
        int channels = all.shape().dim(2);
        NdArray described = some(all, probe.start(), probe.steps());
        NdArray judged = selection == HycaFile.Choice.MATCHED
                ? some(all, probe.start(), 3 * interval + 1)
                : selection == HycaFile.Choice.NEXT_STEP ? described : all;
        Selection chosen = switch (selection) {
            case NEXT_STEP -> Selection.nextStep(probe.steps(), 1);
            case MATCHED -> Selection.matched(3 * interval + 1, interval);
            case RUN -> Selection.along(pace, steps, SLOTS);
        };
        if (random) {
            Philox dealt = Philox.of(probe.seed());
            int[] labels = IntStream.range(0, channels)
                    .map(d -> dealt.below(probe.clusters(), d))
                    .toArray();
            Partition partition = new Partition(labels, new double[probe.clusters()][0], 0);
            return probe.choose(point, partition, 0, judged, chosen);
        }
        return probe.choose(point, described, judged, chosen);
    }

    private static NdArray some(NdArray features, int begin, int count) {
        if (begin + count > features.shape().dim(0)) {
            throw new IllegalArgumentException("the selection wants " + count + " steps from step " + begin
                    + " but the run has " + features.shape().dim(0));
        }
        return features.rows(begin, begin + count);
    }

    private HycaFile.Agreement agreement(String point, NdArray all, int each) {
        int later = Math.min(probe.start() + probe.steps(), steps - probe.steps());
        List<int[]> labels = new ArrayList<>();
        double laterSteps = 0;
        for (int i = 0; i < prompts.size(); i++) {
            NdArray own = ofPrompt(all, i, each);
            int[] now = labels(some(own, probe.start(), probe.steps()));
            labels.add(now);
            laterSteps += Partition.agreement(now, labels(some(own, later, probe.steps()))) / prompts.size();
        }
        double[] pairs = IntStream.range(0, labels.size())
                .boxed()
                .flatMap(i -> IntStream.range(0, i).mapToObj(j -> Partition.agreement(labels.get(i), labels.get(j))))
                .mapToDouble(Double::doubleValue)
                .toArray();
        return new HycaFile.Agreement(
                point,
                Arrays.stream(pairs).min().orElse(1),
                Arrays.stream(pairs).average().orElse(1),
                laterSteps);
    }

    private int[] labels(NdArray features) {
        double[][] points = Descriptors.normalised(Descriptors.mean(features), Descriptors.PAPER);
        return Partition.of(points, probe.clusters(), probe.restarts(), probe.seed())
                .labels();
    }

    /// The features of one picture's tokens, those of the half without the prompt among them.
    ///
    /// @param each how many tokens a picture has
    private NdArray ofPrompt(NdArray all, int prompt, int each) {
        int steps = all.shape().dim(0);
        int tokens = all.shape().dim(1);
        int width = all.shape().dim(2);
        int halves = tokens / (each * prompts.size()); // two with guidance
        NdArray own = NdArray.zeros(all.shape().with(1, halves * each));
        for (int s = 0; s < steps; s++) {
            for (int half = 0; half < halves; half++) {
                int from = (s * tokens + (half * prompts.size() + prompt) * each) * width;
                System.arraycopy(all.data(), from, own.data(), (s * halves + half) * each * width, each * width);
            }
        }
        return own;
    }
}
