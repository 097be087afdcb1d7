package org.vortexel.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;
import org.vortexel.device.Device;
import org.vortexel.diffusion.cache.HycaProfile;
import org.vortexel.dit.Granularity;
import org.vortexel.eval.CachePlots;
import org.vortexel.pipeline.Caching;
import org.vortexel.pipeline.HycaFile;
import org.vortexel.pipeline.HycaPreparation;
import org.vortexel.pipeline.TextToImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `vortexel prepare hyca [--model DIR]`.
@Command(
        name = "hyca",
        description = "Cluster a model's channels by how they move and choose a solver for each cluster; writes"
                + " hyca.json beside the model, which generate --cache hyca reads.",
        mixinStandardHelpOptions = true)
final class PrepareHycaCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Option(names = "--model", description = "folder of a model, or the name of one that ships")
    private String model = "";

    @Option(names = "--prompt", description = "what to draw, at most 8 times (default: eight short ones)")
    private List<String> prompts = new ArrayList<>();

    @Option(names = "--seed", description = "seed of the first picture (default: 7)")
    private long seed = 7;

    @Option(names = "--steps", description = "denoising steps (default: 50)")
    private int steps = 50;

    @Option(names = "--interval", description = "the interval that solvers are chosen for (default: 6)")
    private int interval = 6;

    @Option(names = "--placing", description = "cadence, even or found, as in generate (default: found)")
    private Caching.Placing placing = Caching.Placing.FOUND;

    @Option(
            names = "--select",
            description = "choose solvers by the error of the next_step (as the paper does), matched (of all steps up"
                    + " to the next computed one), or run (summed up between computed steps of a whole run; default)")
    private HycaFile.Choice choice = HycaFile.Choice.RUN;

    @Option(names = "--granularity", description = "what is forecast: module, block or trunk (default: trunk)")
    private Granularity granularity = Granularity.TRUNK;

    @Option(names = "--clusters", description = "clusters of channels at every point (default: 2)")
    private int clusters = 2;

    @Option(names = "--probe-start", description = "first step that channels are told apart by (default: 1)")
    private int start = 1;

    @Option(names = "--probe-steps", description = "how many steps they are told apart by (default: 8)")
    private int length = 8;

    @Option(names = "--pool", split = ",", description = "solvers to choose from (default: all families)")
    private List<String> pool = new ArrayList<>();

    @Option(names = "--random", description = "deal channels to clusters by chance: the control of the method")
    private boolean random;

    @Option(names = "-o", description = "the .json file (default: hyca.json in the model's folder)")
    private @Nullable Path out;

    @Option(names = "--plots", description = "folder for pictures of trajectories and of errors")
    private @Nullable Path plots;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        HycaProfile.Probe usual = HycaProfile.Probe.usual();
        HycaPreparation preparation = new HycaPreparation(
                prompts.isEmpty() ? HycaPreparation.usual().prompts() : prompts,
                seed,
                steps,
                interval,
                placing,
                choice,
                granularity,
                new HycaProfile.Probe(
                        length,
                        start,
                        clusters,
                        usual.restarts(),
                        usual.seed(),
                        0,
                        pool.isEmpty() ? usual.pool() : pool),
                random);
        Path folder = ModelFolder.find(model);
        Path file = out == null ? folder.resolve(HycaFile.NAME) : out;
        EvaluateCommand.checkFile("-o", file, ".json");
        EvaluateCacheCommand.checkFolder("--plots", plots);
        try (Device opened = device.open();
                TextToImage painter = TextToImage.open(folder, opened)) {
            HycaPreparation.Found found = preparation.find(painter);
            table(found.file());
            Json.write(file, found.file());
            console.say(file.toString());
            if (plots != null) {
                new CachePlots(plots)
                        .features(found.file().profile(), found.features(), found.pace())
                        .forEach(written -> console.say(written.toString()));
            }
        }
        return 0;
    }

    private void table(HycaFile file) {
        String line = "%-20s %10s  %-28s %10s %22s %12s";
        console.say(
                line.formatted("point", "silhouette", "channels: solver", "", "agreement of prompts", "later steps"));
        console.say(line.formatted("", "", "", "", "mean (least)", ""));
        for (int i = 0; i < file.profile().points().size(); i++) {
            HycaProfile.Point point = file.profile().points().get(i);
            HycaFile.Agreement agreement = file.agreement().get(i);
            for (int c = 0; c < point.solvers().size(); c++) {
                int cluster = c;
                long members = point.labels().stream()
                        .filter(label -> label == cluster)
                        .count();
                console.say(line.formatted(
                        c == 0 ? point.name() : "",
                        c == 0 ? number(point.silhouette()) : "",
                        members + ": " + point.solvers().get(c),
                        "",
                        c == 0 ? number(agreement.mean()) + " (" + number(agreement.least()) + ")" : "",
                        c == 0 ? number(agreement.laterSteps()) : ""));
            }
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
