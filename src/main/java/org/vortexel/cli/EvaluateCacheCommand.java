package org.vortexel.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.AtomicFile;
import org.vortexel.checkpoint.Json;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.Selection;
import org.vortexel.device.Device;
import org.vortexel.diffusion.cache.Cadence;
import org.vortexel.dit.DitModel;
import org.vortexel.dit.Granularity;
import org.vortexel.eval.CacheEvaluation;
import org.vortexel.eval.CachePlots;
import org.vortexel.eval.CacheReport;
import org.vortexel.eval.MobileNetFeatures;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.StyleEvaluation;
import org.vortexel.image.Image;
import org.vortexel.pipeline.Caching;
import org.vortexel.pipeline.Event;
import org.vortexel.pipeline.Request;
import org.vortexel.pipeline.TextToImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `vortexel evaluate cache`: what feature caches save, and what they do to the pictures.
@Command(
        name = "cache",
        description = "Draw captions with feature caches and compare the pictures with those drawn without.",
        mixinStandardHelpOptions = true)
final class EvaluateCacheCommand implements Callable<Integer> {
    private static final String UNCACHED = "uncached";
    private static final String FEWER = "fewer-steps";
    private static final String TEA = "teacache";
    private static final int MOST = 4096;
    private static final int WARMUP = 3;
    private static final int WARM_PICTURES = 8;
    private static final int CALIBRATION = 4;
    private static final int BISECTIONS = 8;

    /// What methods do at an interval.
    private static final Map<String, java.util.function.IntFunction<Caching>> METHODS = new LinkedHashMap<>();

    static {
        METHODS.put("hyca", n -> new Caching.Hyca(steps(n, Caching.Placing.FOUND), ""));
        METHODS.put("hyca-even", n -> new Caching.Hyca(steps(n, Caching.Placing.EVEN), ""));
        METHODS.put("hyca-cadence", n -> new Caching.Hyca(steps(n, Caching.Placing.CADENCE), ""));
        for (Caching.Placing placing : List.of(Caching.Placing.CADENCE, Caching.Placing.EVEN)) {
            String suffix = placing == Caching.Placing.EVEN ? "-even" : "";
            for (int order = 1; order <= 3; order++) {
                int o = order;
                METHODS.put(
                        "taylorseer" + o + suffix,
                        n -> new Caching.TaylorSeer(o, steps(n, placing), Granularity.MODULE));
                METHODS.put(
                        "taylorseer" + o + suffix + "-trunk",
                        n -> new Caching.TaylorSeer(o, steps(n, placing), Granularity.TRUNK));
            }
            METHODS.put("fora" + suffix, n -> new Caching.Fora(steps(n, placing), Granularity.MODULE));
            METHODS.put("foca" + suffix, n -> new Caching.FoCa(steps(n, placing), Granularity.MODULE));
            METHODS.put("hicache" + suffix, n -> new Caching.HiCache(2, 0.5, steps(n, placing), Granularity.MODULE));
        }
    }

    @Mixin
    private Console console = new Console();

    @Option(names = "--model", description = "folder of a model, or the name of one that ships")
    private String model = "";

    @Option(names = "--data", description = "image folder that the model was trained on (default: datasets/emoji32)")
    private Path data = Path.of("datasets", "emoji32");

    @Option(names = "--style", description = "one of the model's styles (default: its first)")
    private String style = "";

    @Option(names = "--captions", description = "how many training captions to draw (default: 256)")
    private int captions = 256;

    @Option(names = "--seed", description = "chooses captions, and is the seed of the first picture (default: 7)")
    private long seed = 7;

    @Option(names = "--steps", description = "denoising steps (default: 50)")
    private int steps = 50;

    @Option(names = "--guidance", description = "scale of guidance, 1 for none (default: the model's)")
    private @Nullable Double guidance;

    @Option(
            names = "--methods",
            split = ",",
            description =
                    "of fewer-steps, hyca, taylorseer1 to taylorseer3, fora, foca, hicache, teacache; with -even, steps"
                            + " spread evenly; hyca-even, hyca-cadence; taylorseer1-trunk (default:"
                            + " hyca,fewer-steps,taylorseer1,taylorseer2,fora,foca,hicache,teacache)")
    private List<String> methods = new ArrayList<>();

    @Option(names = "--intervals", split = ",", description = "intervals (default: 3,4,5,6,7,8)")
    private List<Integer> intervals = new ArrayList<>();

    @Option(
            names = "--hyca-profile",
            description = "also measure HyCa with this profile, may be repeated; named after the file")
    private List<Path> profiles = new ArrayList<>();

    @Option(names = "--repeat", description = "draw everything so many times and take the median time (default: 1)")
    private int repeat = 1;

    @Option(
            names = "-o",
            description = "write the figures to this .json file after every method, and go on from it where they are of"
                    + " the same pictures; the table goes to a .md file beside it")
    private @Nullable Path out;

    @Option(names = "--plots", description = "folder for plots of quality against speed-up")
    private @Nullable Path plots;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    private static Caching.Steps steps(int interval, Caching.Placing placing) {
        return new Caching.Steps(interval, WARMUP, placing);
    }

    static void checkFolder(String option, @Nullable Path folder) {
        if (folder != null && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(option + " wants a folder but there is none called " + folder);
        }
    }

    @Override
    public Integer call() {
        List<String> wanted = methods.isEmpty()
                ? List.of("hyca", FEWER, "taylorseer1", "taylorseer2", "fora", "foca", "hicache", TEA)
                : methods;
        List<Integer> every = intervals.isEmpty() ? List.of(3, 4, 5, 6, 7, 8) : intervals;
        check(wanted, every);
        Path folder = ModelFolder.find(model);
        try (Device opened = device.open();
                TextToImage painter = TextToImage.open(folder, opened);
                Cancellation cancellation = new Cancellation();
                MobileNetFeatures features = MobileNetFeatures.load(MobileNetPackage.fetch(), opened)) {
            return new Work(painter, features, cancellation).run(wanted, every);
        }
    }

    private void check(List<String> wanted, List<Integer> every) {
        for (String method : wanted) {
            if (!METHODS.containsKey(method) && !method.equals(FEWER) && !method.equals(TEA)) {
                throw new IllegalArgumentException("there is no method '" + method + "'; known are " + FEWER + ", "
                        + TEA + " and " + METHODS.keySet());
            }
        }
        every.forEach(n -> steps(n, Caching.Placing.EVEN));
        if (captions < 2 || captions > MOST || repeat < 1 || steps < 2) {
            throw new IllegalArgumentException(
                    "--captions is from 2 to " + MOST + ", --repeat at least 1 and --steps at least 2");
        }
        EvaluateCommand.checkFile("-o", out, ".json");
        checkFolder("--plots", plots);
        if (!Files.isDirectory(data)) {
            throw new IllegalArgumentException("there is no folder " + data
                    + "; 'vortexel data build --out datasets/emoji32 --size 32' makes the emoji, --data names another");
        }
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// What was drawn, and what that took.
    private record Drawn(List<Image> pictures, double seconds, TextToImage.Work work) {}

    private final class Work {
        private final TextToImage painter;
        private final MobileNetFeatures features;
        private final Cancellation cancellation;
        private final List<Entry> entries;
        private final ImageFolder training;
        private final int[] chosen;
        private final String drawnStyle;

        Work(TextToImage painter, MobileNetFeatures features, Cancellation cancellation) {
            this.painter = painter;
            this.features = features;
            this.cancellation = cancellation;
            DitModel.Config config = painter.model();
            drawnStyle = style.isEmpty() && !config.styles().isEmpty()
                    ? config.styles().getFirst()
                    : style;
            Selection own = Selection.all().withSplits(StyleEvaluation.TRAIN);
            own = drawnStyle.isEmpty() ? own : own.withStyles(drawnStyle);
            training = ImageFolder.open(data).select(config.knowsSkinTones() ? own : own.withoutSkinTones());
            if (training.size() < 2) {
                throw new IllegalArgumentException(
                        data + " has no training pictures in the style '" + drawnStyle + "'");
            }
            chosen = CacheEvaluation.choose(training, captions, seed);
            entries = IntStream.of(chosen).mapToObj(training.entries()::get).toList();
        }

        int run(List<String> wanted, List<Integer> every) {
            try (Progress progress = new Progress("evaluating", 1)) {
                Drawn plain = draw(new Caching.Off(), steps, entries);
                CacheEvaluation evaluation = new CacheEvaluation(features, training, chosen, plain.pictures());
                CacheEvaluation.Quality own = evaluation.of(plain.pictures());
                CacheReport report = resumed(new CacheReport(
                                painter.model().name(),
                                painter.fingerprint(),
                                data.toString(),
                                drawnStyle,
                                entries.size(),
                                seed,
                                "euler",
                                steps,
                                guidance == null ? painter.model().sampling().guidance() : guidance,
                                List.of())
                        .with(new CacheReport.Case(
                                UNCACHED, 0, steps, 1, plain.seconds(), 1, null, 0, own.top1(), own.frechet(), 0)));
                Map<String, java.util.function.IntFunction<Caching>> all = new LinkedHashMap<>();
                wanted.forEach(method -> all.put(method, METHODS.getOrDefault(method, _ -> new Caching.Off())));
                for (Path file : profiles) {
                    String hash = painter.addProfile(file);
                    all.put(
                            "hyca " + file.getFileName().toString().replaceFirst("[.]json$", ""),
                            n -> new Caching.Hyca(steps(n, Caching.Placing.FOUND), hash));
                }
                report.table().stream().limit(2).forEach(console::say);
                int done = 0;
                for (int n : every) {
                    for (String method : all.keySet()) {
                        progress.at(done++, every.size() * all.size(), method + " " + n);
                        if (report.find(method, n).isEmpty()) {
                            report = report.with(
                                    measure(method, n, all.get(method).apply(n), evaluation, plain.seconds()));
                            console.say(report.table().getLast());
                            write(report);
                        }
                    }
                }
                write(report);
                if (plots != null) {
                    new CachePlots(plots).quality(report).forEach(file -> console.say(file.toString()));
                }
                return 0;
            } catch (Stopped e) {
                return Main.CANCELLED;
            }
        }

        private CacheReport resumed(CacheReport fresh) {
            if (out == null || !Files.exists(out)) {
                return fresh;
            }
            CacheReport before = Json.read(out, CacheReport.class);
            if (!before.isAbout(fresh)) {
                throw new IllegalArgumentException(
                        out + " holds figures of other pictures; give another file, or take it away");
            }
            return before;
        }

        private CacheReport.Case measure(
                String method, int n, Caching caching, CacheEvaluation evaluation, double plainSeconds) {
            int budget = new Cadence(n, WARMUP).count(steps);
            Caching settled = method.equals(TEA) ? calibrated(budget) : caching;
            int own = method.equals(FEWER) ? budget : steps;
            Drawn drawn = draw(settled, own, entries);
            CacheEvaluation.Quality quality = evaluation.of(drawn.pictures());
            double share = (double) drawn.work().computed()
                    / (drawn.work().computed() + drawn.work().forecast());
            return new CacheReport.Case(
                    method,
                    n,
                    own * share,
                    steps / (own * share),
                    drawn.seconds(),
                    plainSeconds / drawn.seconds(),
                    quality.psnr(),
                    quality.perceptualDistance(),
                    quality.top1(),
                    quality.frechet(),
                    drawn.work().ringBytes());
        }

        /// TeaCache with the threshold that computes about so many steps.
        private Caching calibrated(int budget) {
            double low = 0;
            double high = 8;
            for (int i = 0; i < BISECTIONS; i++) {
                double middle = (low + high) / 2;
                Drawn few = draw(
                        new Caching.TeaCache(middle), steps, entries.subList(0, Math.min(CALIBRATION, entries.size())));
                double computed = (double) steps
                        * few.work().computed()
                        / (few.work().computed() + few.work().forecast());
                if (computed > budget) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return new Caching.TeaCache(high);
        }

        /// Draws everything [#repeat] times; what the virtual machine does only once is done before.
        private Drawn draw(Caching caching, int own, List<Entry> some) {
            pictures(caching, own, some.subList(0, Math.min(WARM_PICTURES, some.size())));
            TextToImage.Work before = painter.work();
            double[] seconds = new double[repeat];
            List<Image> images = List.of();
            for (int r = 0; r < repeat; r++) {
                long begin = System.nanoTime();
                images = pictures(caching, own, some);
                seconds[r] = (System.nanoTime() - begin) / 1e9 / some.size();
            }
            Arrays.sort(seconds);
            TextToImage.Work after = painter.work();
            return new Drawn(
                    images,
                    seconds[repeat / 2],
                    new TextToImage.Work(
                            after.computed() - before.computed(),
                            after.forecast() - before.forecast(),
                            after.ringBytes()));
        }

        private List<Image> pictures(Caching caching, int own, List<Entry> some) {
            List<Request> requests = IntStream.range(0, some.size())
                    .mapToObj(i -> new Request(
                                    List.of(some.get(i).text()),
                                    "",
                                    drawnStyle,
                                    1,
                                    seed + i,
                                    own,
                                    guidance == null ? -1 : guidance,
                                    "euler",
                                    0,
                                    0)
                            .withCache(caching))
                    .toList();
            for (Event event : painter.generate(requests, cancellation)) {
                if (event instanceof Event.Finished finished) {
                    return finished.pictures().stream()
                            .map(Event.Picture::image)
                            .toList();
                }
            }
            throw new Stopped();
        }

        private void write(CacheReport report) {
            Optional.ofNullable(out).ifPresent(file -> {
                Json.write(file, report);
                String name = file.getFileName().toString().replaceFirst("[.][jJ][sS][oO][nN]$", ".md");
                byte[] table =
                        (String.join("\n", report.table()) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
                AtomicFile.write(file.resolveSibling(name), stream -> stream.write(table));
            });
        }
    }
}
