package org.vortexel.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;
import org.vortexel.data.Attribute;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.Selection;
import org.vortexel.device.Device;
import org.vortexel.dit.DitModel;
import org.vortexel.eval.Attributes;
import org.vortexel.eval.Judge;
import org.vortexel.eval.MobileNetFeatures;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.StyleEvaluation;
import org.vortexel.eval.StyleReport;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Event;
import org.vortexel.pipeline.Request;
import org.vortexel.pipeline.TextToImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `vortexel evaluate`: draws captions of the data set and measures the pictures against the real ones.
@Command(
        name = "evaluate",
        description = "Draw captions of the data set and compare the pictures with the real ones.",
        subcommands = {
            EvaluateCodecCommand.class,
            EvaluateCacheCommand.class,
            EvaluateAsyncCommand.class,
            EvaluateDiverseCommand.class,
            EvaluateArCommand.class,
            EvaluateMascCommand.class
        },
        mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
    private static final int MOST_CAPTIONS = 100_000;
    private static final int SHEET_CAPTIONS = 40;
    private static final int SHEET_COLUMNS = 10;
    private static final int CELL = 96;

    @Mixin
    private Console console = new Console();

    @Option(names = "--model", description = "folder of a model, or the name of one that ships")
    private String model = "";

    @Option(names = "--data", description = "image folder that the model was trained on (default: datasets/emoji32)")
    private Path data = Path.of("datasets", "emoji32");

    @Option(names = "--captions", description = "captions to draw of each split (default: 200)")
    private int captions = 200;

    @Option(names = "--seed", description = "chooses captions, and is the seed of the first picture (default: 7)")
    private long seed = 7;

    @Option(names = "--style", description = "one of the model's styles, may be repeated (default: all of them)")
    private List<String> styles = new ArrayList<>();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(names = "-o", description = "write all figures to this .json file")
    private @Nullable Path out;

    @Option(names = "--sheet", description = "write a .png of 40 captions, drawn and true pictures side by side")
    private @Nullable Path sheet;

    @Option(
            names = "--judge",
            description = "folder of a dual encoder that tells attributes, or the name of one that ships (default: the"
                    + " one that ships, if there is one)")
    private String judge = "";

    @Option(names = "--fetch", description = "only fetch the feature network with npm")
    private boolean fetch;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    /// Everything that was measured and what it depends on.
    ///
    /// @param model its name
    /// @param weights SHA-256 of its weights
    /// @param data the image folder
    /// @param skinTones whether captions with skin tones are among those drawn
    /// @param captions at most so many of each split
    /// @param seed of the choice and of the first picture of each split
    /// @param sampler by name
    /// @param steps denoising steps
    /// @param guidance scale of guidance
    /// @param features the network that pictures are compared by
    /// @param styles the figures
    record Report(
            String model,
            String weights,
            String data,
            boolean skinTones,
            int captions,
            long seed,
            String sampler,
            int steps,
            double guidance,
            String features,
            List<StyleReport> styles) {}

    @Override
    public Integer call() {
        if (fetch) {
            console.say(MobileNetPackage.fetch().toString());
            return 0;
        }
        checkOptions();
        Path folder = ModelFolder.find(model);
        try (Device opened = device.open();
                TextToImage painter = TextToImage.open(folder, opened);
                Cancellation cancellation = new Cancellation()) {
            List<String> wanted = wantedStyles(painter.model());
            ImageFolder pictures = pictures(painter.model(), wanted);
            Optional<Path> judging = ModelFolder.findJudge(judge);
            MobileNetPackage.Pretrained pretrained = MobileNetPackage.network(MobileNetPackage.fetch());
            try (MobileNetFeatures features = MobileNetFeatures.of(pretrained, opened);
                    Judge judged = judging.isEmpty() ? null : Judge.open(judging.get(), pretrained, opened)) {
                return evaluate(painter, features, judged, pictures, wanted, cancellation);
            }
        }
    }

    private void checkOptions() {
        if (captions < 1 || captions > MOST_CAPTIONS) {
            throw new IllegalArgumentException("--captions is from 1 to " + MOST_CAPTIONS + " but is " + captions);
        }
        sampling.check();
        checkFile("-o", out, ".json");
        checkFile("--sheet", sheet, ".png");
        if (!Files.isDirectory(data)) {
            throw new IllegalArgumentException("there is no folder " + data
                    + "; 'vortexel data build --out datasets/emoji32 --size 32' makes the emoji, --data names another");
        }
    }

    static void checkFile(String option, @Nullable Path file, String ending) {
        if (file == null) {
            return;
        }
        Path parent = file.toAbsolutePath().getParent();
        if (!file.toString().toLowerCase(Locale.ROOT).endsWith(ending) || Files.isDirectory(file)) {
            throw new IllegalArgumentException(option + " wants the name of a " + ending + " file but got " + file);
        }
        if (parent == null || !Files.isDirectory(parent)) {
            throw new IllegalArgumentException(option + ": there is no folder to write " + file + " into");
        }
    }

    private List<String> wantedStyles(DitModel.Config config) {
        for (String style : styles) {
            if (!config.styles().contains(style)) {
                throw new IllegalArgumentException(
                        "the model " + config.name() + " has no style '" + style + "'; it has " + config.styles());
            }
        }
        return styles.isEmpty() ? config.styles() : styles.stream().distinct().toList();
    }

    /// The pictures that the model may know, and those that were held out.
    private ImageFolder pictures(DitModel.Config config, List<String> wanted) {
        Selection selection = Selection.all();
        ImageFolder all = ImageFolder.open(data);
        for (String style : wanted) {
            if (all.entries().stream()
                    .noneMatch(e -> e.style().equals(style) && e.split().equals(StyleEvaluation.TRAIN))) {
                throw new IllegalArgumentException(data + " has no training pictures in the style '" + style
                        + "'; its styles are "
                        + all.entries().stream()
                                .map(Entry::style)
                                .collect(java.util.stream.Collectors.toCollection(TreeSet::new)));
            }
        }
        return all.select(config.knowsSkinTones() ? selection : selection.withoutSkinTones());
    }

    private int evaluate(
            TextToImage painter,
            MobileNetFeatures features,
            @Nullable Judge judged,
            ImageFolder pictures,
            List<String> wanted,
            Cancellation cancellation) {
        List<StyleReport> reports = new ArrayList<>();
        List<StyleEvaluation.Pair> pairs = new ArrayList<>();
        try (Progress progress = new Progress("evaluating", 1)) {
            StyleEvaluation evaluation = new StyleEvaluation(
                    features,
                    judged,
                    (entries, first) -> draw(painter, entries, first, cancellation),
                    captions,
                    seed,
                    (task, done, total) -> progress.at(done, total, task),
                    cancellation);
            Optional<List<StyleEvaluation.Result>> results = evaluation.of(wanted, pictures, painter.size());
            if (results.isEmpty()) {
                return Main.CANCELLED;
            }
            for (StyleEvaluation.Result result : results.get()) {
                reports.add(result.report());
                pairs.addAll(result.pairs());
            }
        }
        Report report = report(painter, reports);
        table(report);
        Path json = out;
        if (json != null) {
            Json.write(json, report);
            console.say(json.toString());
        }
        Path png = sheet;
        if (png != null) {
            ImageFile.writePng(png, sheet(pairs));
            console.say(png.toString());
        }
        return 0;
    }

    /// One request a caption, each with its own seed.
    private Optional<List<Image>> draw(
            TextToImage painter, List<Entry> entries, long first, Cancellation cancellation) {
        List<Request> requests = IntStream.range(0, entries.size())
                .mapToObj(i ->
                        sampling.request(entries.get(i).text(), entries.get(i).style(), 1, first + i))
                .toList();
        for (Event event : painter.generate(requests, cancellation)) {
            if (event instanceof Event.Finished finished) {
                return Optional.of(
                        finished.pictures().stream().map(Event.Picture::image).toList());
            }
        }
        return Optional.empty();
    }

    private Report report(TextToImage painter, List<StyleReport> reports) {
        DitModel.Config config = painter.model();
        DitModel.Sampling drawn = sampling.of(config.sampling());
        return new Report(
                config.name(),
                painter.fingerprint(),
                data.toString(),
                config.knowsSkinTones(),
                captions,
                seed,
                drawn.sampler(),
                drawn.steps(),
                drawn.guidance(),
                "MobileNetV2 up to block 9, npm " + MobileNetPackage.NSFWJS.name() + "@"
                        + MobileNetPackage.NSFWJS.version(),
                reports);
    }

    /// The figures that matter most, as text.
    private void table(Report report) {
        console.say("model %s, %s %d steps, guidance %s, seed %d; shares in %%, FD is the MobileNetV2-block9 FD"
                .formatted(report.model(), report.sampler(), report.steps(), report.guidance(), report.seed()));
        String line = "%-42s %8s %15s %15s %15s %7s %7s %7s %7s";
        console.say(
                line.formatted("", "", "right in 1 / 5", "by pixels", "by chance", "right", "right", "FD", "FD of"));
        console.say(line.formatted("style, split", "captions", "nearest", "", "", "style", "tone", "", "real"));
        for (StyleReport style : report.styles()) {
            for (StyleReport.Split split : style.splits()) {
                console.say(line.formatted(
                        style.style() + ", " + split.split(),
                        split.captions(),
                        shares(split.byFeatures()),
                        shares(split.byPixels()),
                        shares(split.byChance()),
                        share(split.attributes(), Attribute.STYLE),
                        share(split.attributes(), Attribute.TONE),
                        number(split.mobileNetV2Block9Fd()),
                        number(split.mobileNetV2Block9FdOfTruePictures())));
            }
        }
    }

    private static String shares(org.vortexel.eval.Retrieval retrieval) {
        return "%.1f / %.1f".formatted(100 * retrieval.top1(), 100 * retrieval.top5());
    }

    private static String share(@Nullable Attributes attributes, Attribute attribute) {
        Double value = attributes == null ? null : attributes.of(attribute);
        return value == null ? "-" : "%.1f".formatted(100 * value);
    }

    private static String number(@Nullable Double value) {
        return value == null ? "-" : "%.2f".formatted(value);
    }

    /// Drawn pictures with their captions, each beside the true one.
    private static Image sheet(List<StyleEvaluation.Pair> pairs) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        int shown = Math.min(SHEET_CAPTIONS, pairs.size());
        for (int i = 0; i < shown; i++) {
            StyleEvaluation.Pair pair = pairs.get((int) ((long) i * pairs.size() / shown));
            cells.add(new ContactSheet.Cell(pair.drawn(), pair.entry().text()));
            cells.add(new ContactSheet.Cell(pair.real(), "(" + pair.entry().style() + ")"));
        }
        return ContactSheet.of(cells, SHEET_COLUMNS, CELL);
    }
}
