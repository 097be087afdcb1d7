package org.vortexel.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.vortexel.checkpoint.AtomicFile;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.Reason;
import org.vortexel.data.CompositionalPrompt;
import org.vortexel.data.CompositionalPrompts;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.device.Device;
import org.vortexel.dit.DitModel;
import org.vortexel.eval.Comparison;
import org.vortexel.eval.ComparisonPlots;
import org.vortexel.eval.DualEncoderModel;
import org.vortexel.eval.Judge;
import org.vortexel.eval.MobileNetFeatures;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.PromptScorer;
import org.vortexel.eval.StyleEvaluation;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Event;
import org.vortexel.pipeline.Request;
import org.vortexel.pipeline.TextToImage;
import org.vortexel.tensor.NdArray;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What the commands that compare ways of drawing have in common: the same prompts and seeds drawn in
/// every way, a judge, a folder of results.
///
/// The folder holds every picture with its recipe, and the figures so far; a run that was interrupted
/// goes on from it.
final class MethodsEvaluation {
    private static final int MOST_PICTURES = 256;
    private static final int WARM_STEPS = 4;
    private static final int SHEET_PROMPTS = 12;
    private static final int SHEET_COLUMNS = 12;
    private static final int CELL = 128;
    private static final String FIGURES = "figures.json";

    @Option(names = "--model", description = "folder of a model, or the name of one that ships")
    private String model = "";

    @Option(
            names = "--judge",
            description = "folder of a dual encoder, or the name of one that ships (default: the one that ships)")
    private String judge = "";

    @Option(
            names = "--data",
            split = ",",
            description = "image folders: first the emoji that prompts are made of, then any others that the model was"
                    + " trained on, which are real pictures too (default: datasets/emoji32)")
    private List<Path> data = new ArrayList<>();

    @Option(names = "--style", description = "one of the model's styles, may be repeated (default: all of them)")
    private List<String> styles = new ArrayList<>();

    @Option(
            names = "--kinds",
            split = ",",
            description = "kinds of prompts: objects, colour, person, style, open (default: all that the model knows)")
    private List<CompositionalPrompt.Kind> kinds = new ArrayList<>();

    @Option(names = "--prompts", description = "prompts of each kind (default: 10)")
    private int prompts = 10;

    @Option(names = "--things", description = "different things that prompts of objects speak of (default: 200)")
    private int things = 200;

    @Option(names = "--pictures", description = "pictures of each prompt (default: 8)")
    private int pictures = 8;

    @Option(names = "--seed", description = "chooses prompts, and is the seed of the first picture (default: 7)")
    private long seed = 7;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = "--method",
            description = "NAME=OPTIONS, a way of drawing in the options of generate, may be repeated; the first is"
                    + " what the others are compared with")
    private List<String> methods = new ArrayList<>();

    @Option(
            names = "-o",
            required = true,
            description =
                    "folder of the results; where it holds earlier ones of the same prompts, they are gone on from")
    private Path out = Path.of("out");

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    /// Draws and measures.
    ///
    /// @param console is told the figures
    /// @param usual the ways where the user names none
    /// @return the exit code
    int run(Console console, List<String> usual) {
        List<MethodOptions.Method> ways = (methods.isEmpty() ? usual : methods)
                .stream().map(text -> MethodOptions.parse(text, pictures)).toList();
        check(ways);
        Path folder = ModelFolder.find(model);
        Path judging = ModelFolder.find(judge, DualEncoderModel.CONFIG, "--judge");
        try (Device opened = device.open();
                TextToImage painter = TextToImage.open(folder, opened);
                Cancellation cancellation = new Cancellation()) {
            MobileNetPackage.Pretrained pretrained = MobileNetPackage.network(MobileNetPackage.fetch());
            try (Judge judged = Judge.open(judging, pretrained, opened);
                    MobileNetFeatures features = MobileNetFeatures.of(pretrained, opened)) {
                List<ImageFolder> real =
                        folders().stream().map(ImageFolder::open).toList();
                PromptScorer scorer = new PromptScorer(judged, features, real.getFirst(), painter.size());
                return new Work(painter, real, scorer, DualEncoderModel.fingerprint(judging), ways, cancellation)
                        .run(console);
            }
        }
    }

    private List<Path> folders() {
        return data.isEmpty() ? List.of(Path.of("datasets", "emoji32")) : data;
    }

    private void check(List<MethodOptions.Method> ways) {
        Set<String> names = new HashSet<>();
        for (MethodOptions.Method way : ways) {
            if (!names.add(way.name())) {
                throw new IllegalArgumentException("two methods are called '" + way.name() + "'");
            }
        }
        if (pictures < 1 || pictures > MOST_PICTURES) {
            throw new IllegalArgumentException("--pictures is from 1 to " + MOST_PICTURES + " but is " + pictures);
        }
        sampling.check();
        new CompositionalPrompts.Choice(List.of(), true, things, prompts, seed);
        for (Path folder : folders()) {
            if (!Files.isDirectory(folder)) {
                throw new IllegalArgumentException("there is no folder " + folder
                        + "; 'vortexel data build --out datasets/emoji32 --size 32' makes the emoji, --data names"
                        + " others");
            }
        }
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new IllegalArgumentException("-o wants a folder but " + out + " is a file");
        }
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final class Work {
        private final TextToImage painter;
        private final List<ImageFolder> real;
        private final PromptScorer scorer;
        private final String judgeWeights;
        private final List<MethodOptions.Method> ways;
        private final Cancellation cancellation;
        private final Map<String, List<NdArray>> pooled = new HashMap<>();
        private String warm = "";

        Work(
                TextToImage painter,
                List<ImageFolder> real,
                PromptScorer scorer,
                String judgeWeights,
                List<MethodOptions.Method> ways,
                Cancellation cancellation) {
            this.painter = painter;
            this.real = real;
            this.scorer = scorer;
            this.judgeWeights = judgeWeights;
            this.ways = ways;
            this.cancellation = cancellation;
        }

        int run(Console console) {
            List<String> drawnStyles = styles.isEmpty() ? painter.model().styles() : styles;
            Comparison comparison = resumed(new Comparison(
                    about(real.getFirst(), drawnStyles),
                    ways.stream()
                            .map(way -> new Comparison.Method(way.name(), way.options()))
                            .toList(),
                    List.of(),
                    List.of()));
            makeFolders();
            int total = comparison.about().prompts().size();
            try (Progress progress = new Progress("comparing", 1)) {
                for (int p = 0; p < total; p++) {
                    for (int m = 0; m < ways.size(); m++) {
                        progress.at(
                                p * ways.size() + m,
                                total * ways.size(),
                                ways.get(m).name());
                        comparison = measured(comparison, ways.get(m), p);
                    }
                    Json.write(out.resolve(FIGURES), comparison);
                }
                comparison = comparison.withDistances(scorer.distances(
                        ways.stream()
                                .map(way -> pooled.getOrDefault(way.name(), List.of()))
                                .toList(),
                        real,
                        entry -> isTrained(entry, drawnStyles)));
            } catch (Stopped e) {
                return Main.CANCELLED;
            }
            write(comparison);
            comparison.table().forEach(console::say);
            console.say(out);
            return 0;
        }

        private Comparison.About about(ImageFolder emoji, List<String> drawnStyles) {
            DitModel.Config config = painter.model();
            for (String style : drawnStyles) {
                if (!config.styles().contains(style)) {
                    throw new IllegalArgumentException(
                            "the model " + config.name() + " has no style '" + style + "'; it has " + config.styles());
                }
            }
            List<CompositionalPrompt> all = CompositionalPrompts.of(
                            emoji,
                            new CompositionalPrompts.Choice(
                                    drawnStyles, config.knowsSkinTones(), things, prompts, seed))
                    .stream()
                    .filter(prompt -> kinds.isEmpty() || kinds.contains(prompt.kind()))
                    .toList();
            if (all.isEmpty()) {
                throw new IllegalArgumentException("there are no prompts of the kinds " + kinds
                        + " that the model and the folder " + folders().getFirst() + " know");
            }
            DitModel.Sampling drawn = sampling.of(config.sampling());
            return new Comparison.About(
                    config.name(),
                    painter.fingerprint(),
                    judgeWeights,
                    folders().stream().map(Path::toString).toList(),
                    all,
                    pictures,
                    seed,
                    drawn.sampler(),
                    drawn.steps(),
                    drawn.guidance());
        }

        private Comparison resumed(Comparison fresh) {
            Path file = out.resolve(FIGURES);
            return Files.exists(file) ? fresh.resumed(Json.read(file, Comparison.class)) : fresh;
        }

        private void makeFolders() {
            try {
                for (MethodOptions.Method way : ways) {
                    Files.createDirectories(folder(way));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot make the folder " + out + ": " + Reason.of(e), e);
            }
        }

        private Path folder(MethodOptions.Method way) {
            return out.resolve("pictures").resolve(way.name().replace(' ', '_'));
        }

        private List<Path> files(MethodOptions.Method way, int p) {
            return IntStream.range(0, pictures)
                    .mapToObj(i -> folder(way).resolve("%04d-%03d.png".formatted(p, i)))
                    .toList();
        }

        /// The comparison with the row of a way and a prompt, drawn now unless it was drawn before.
        private Comparison measured(Comparison comparison, MethodOptions.Method way, int p) {
            List<Path> files = files(way, p);
            if (comparison.find(way.name(), p).isPresent() && files.stream().allMatch(Files::exists)) {
                keep(way, files.stream().map(ImageFile::read).toList());
                return comparison;
            }
            CompositionalPrompt prompt = comparison.about().prompts().get(p);
            Request request = way.change()
                    .apply(sampling.request(prompt.text(), prompt.style(), pictures, seed + (long) p * pictures));
            if (!warm.equals(way.name())) { // the network is loaded anew where its cache or its attention changes
                draw(request.withSteps(Math.min(WARM_STEPS, comparison.about().steps())));
                warm = way.name();
            }
            long computed = painter.work().computed();
            long begin = System.nanoTime();
            List<Event.Picture> drawn = draw(request);
            double seconds = (System.nanoTime() - begin) / 1e9 / pictures;
            double evaluations = (double) (painter.work().computed() - computed) / pictures;
            for (int i = 0; i < pictures; i++) {
                ImageFile.writePng(
                        files.get(i),
                        drawn.get(i).image(),
                        drawn.get(i).recipe().toJson());
            }
            List<Image> images = drawn.stream().map(Event.Picture::image).toList();
            keep(way, images);
            return comparison.with(new Comparison.Row(way.name(), p, seconds, evaluations, scorer.of(prompt, images)));
        }

        /// Keeps what distances are measured by.
        private void keep(MethodOptions.Method way, List<Image> images) {
            pooled.computeIfAbsent(way.name(), _ -> new ArrayList<>()).add(scorer.pooled(images));
        }

        private List<Event.Picture> draw(Request request) {
            for (Event event : painter.generate(request, cancellation)) {
                if (event instanceof Event.Finished finished) {
                    return finished.pictures();
                }
            }
            throw new Stopped();
        }

        private boolean isTrained(Entry entry, List<String> drawnStyles) {
            return entry.split().equals(StyleEvaluation.TRAIN)
                    && (drawnStyles.isEmpty() || drawnStyles.contains(entry.style()))
                    && (painter.model().knowsSkinTones() || entry.tones().isEmpty());
        }

        private void write(Comparison comparison) {
            Json.write(out.resolve(FIGURES), comparison);
            List<String> lines = new ArrayList<>(comparison.table());
            lines.add("");
            lines.addAll(comparison.tableOfKinds());
            text(out.resolve("table.md"), lines);
            text(out.resolve("table.csv"), comparison.csv());
            new ComparisonPlots(out).of(comparison);
            ImageFile.writePng(out.resolve("sheet.png"), sheet(comparison));
        }

        private static void text(Path file, List<String> lines) {
            byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(file, stream -> stream.write(bytes));
        }

        /// Some prompts, a row each: the pictures of the same seeds, way beside way.
        private Image sheet(Comparison comparison) {
            List<CompositionalPrompt> all = comparison.about().prompts();
            int shown = Math.min(SHEET_PROMPTS, all.size());
            int each = Math.clamp(SHEET_COLUMNS / ways.size(), 1, pictures);
            List<ContactSheet.Cell> cells = new ArrayList<>();
            for (int s = 0; s < shown; s++) {
                int p = (int) ((long) s * all.size() / shown);
                for (int m = 0; m < ways.size(); m++) {
                    List<Path> files = files(ways.get(m), p);
                    for (int i = 0; i < each; i++) {
                        String name = m == 0 ? all.get(p).text() : ways.get(m).name();
                        cells.add(new ContactSheet.Cell(ImageFile.read(files.get(i)), i == 0 ? name : ""));
                    }
                }
            }
            return ContactSheet.of(cells, ways.size() * each, CELL);
        }
    }
}
