package org.vortexel.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Reason;
import org.vortexel.device.Device;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Event;
import org.vortexel.pipeline.Painter;
import org.vortexel.pipeline.Recipe;
import org.vortexel.pipeline.Request;
import org.vortexel.pipeline.TextToImage;
import org.vortexel.pipeline.TokensToImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `vortexel generate "a red apple"`: words to PNG files, each with its recipe inside.
@Command(name = "generate", description = "Draw pictures of what the words say.", mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
    private static final int CELL = 128;
    private static final int LONGEST_NAME = 40;

    @Mixin
    private Console console = new Console();

    @Parameters(paramLabel = "PROMPT", description = "what to draw", arity = "0..*")
    private List<String> prompts = new ArrayList<>();

    @Option(
            names = {"-n", "--count"},
            description = "pictures of each prompt (default: 1)")
    private int count = 1;

    @Option(names = "--seed", description = "seed of the first picture (default: 0)")
    private long seed;

    @Option(names = "--steps", description = "denoising steps (default: the model's)")
    private @Nullable Integer steps;

    @Option(
            names = "--guidance",
            description = "scale of guidance, 1 for none; for cfg++ from 0 to 1 (default: the model's)")
    private @Nullable Double guidance;

    @Option(names = "--negative", description = "what to keep away from")
    private String negative = "";

    @Option(
            names = "--sampler",
            description = "euler, heun, ddim, dpm++, ...; for ar temperature=1,top-k=0,top-p=1,power=0,members=uniform"
                    + " (default: the model's)")
    private String sampler = "";

    @Option(names = "--style", description = "one of the model's styles (default: its first)")
    private String style = "";

    @Option(names = "--size", description = "side in pixels (default: the model's; others are resampled)")
    private @Nullable Integer size;

    @Option(names = "--model", description = "folder of a model, or the name of one that ships")
    private String model = "";

    @Option(names = "--engine", description = "diffusion or ar (default: that of the model)")
    private ModelFolder.@Nullable Engine engine;

    @Option(names = "--preview-every", description = "write preview.png every so many steps")
    private int previewEvery;

    @Option(names = "--from", description = "repeat this picture from the recipe in it")
    private @Nullable Path from;

    @Option(names = "-o", description = "a .png file for one picture, or a folder (default: out)")
    private Path out = Path.of("out");

    @Mixin
    private CacheOptions cache = new CacheOptions();

    @Mixin
    private AsyncOptions async = new AsyncOptions();

    @Mixin
    private DiverseOptions diverse = new DiverseOptions();

    @Mixin
    private GuideOptions guide = new GuideOptions();

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        Path repeated = from;
        Request request;
        String expected = "";
        if (repeated == null) {
            request = request();
        } else {
            if (!prompts.isEmpty()) {
                throw new IllegalArgumentException("--from repeats a picture: no prompt can be given beside it");
            }
            if (cache.isGiven() || async.isGiven() || diverse.isGiven() || guide.isGiven()) {
                throw new IllegalArgumentException(
                        "--from repeats a picture with its own --cache, --async, --diverse and --guide:"
                                + " no others can be given beside it");
            }
            Recipe recipe = Recipe.parse(
                    repeated.toString(),
                    ImageFile.recipe(repeated)
                            .orElseThrow(() -> new IllegalArgumentException(repeated + " has no recipe in it")));
            request = recipe.request();
            expected = recipe.weights();
        }
        if (repeated == null) {
            cache.caching(Path::toString); // refuses what does not belong together before anything is read
        }
        boolean single = out.toString().toLowerCase(Locale.ROOT).endsWith(".png");
        checkOut(request, single);
        Path folder = ModelFolder.find(model, engine);
        try (Device opened = device.open();
                Painter painter = Painter.open(folder, opened);
                Cancellation cancellation = new Cancellation()) {
            if (!expected.isEmpty() && !expected.equals(painter.fingerprint())) {
                throw new IllegalArgumentException(repeated + " was made by other weights than those in " + folder
                        + "; choose its model with --model");
            }
            Request settled =
                    repeated == null ? request.withCache(cache.caching(file -> profile(painter, file))) : request;
            if (repeated != null) {
                cache.profile().ifPresent(file -> profile(painter, file));
            }
            return draw(painter, settled, single, cancellation);
        }
    }

    private static String profile(Painter painter, Path file) {
        return switch (painter) {
            case TextToImage diffusion -> diffusion.addProfile(file);
            case TokensToImage _ ->
                throw new IllegalArgumentException("--hyca-profile is for diffusion, not for a model of tokens");
        };
    }

    private Request request() {
        int wantedSteps = steps == null ? 0 : positive("--steps", steps);
        int wantedSize = size == null ? 0 : positive("--size", size);
        double wantedGuidance = guidance == null ? -1 : guidance;
        if (guidance != null && !(guidance >= 0)) {
            throw new IllegalArgumentException("--guidance is at least 0 but is " + guidance);
        }
        return new Request(
                        prompts,
                        negative,
                        style,
                        count,
                        seed,
                        wantedSteps,
                        wantedGuidance,
                        sampler,
                        wantedSize,
                        previewEvery)
                .withAsynchronous(async.choice())
                .withDiversity(diverse.choice(count))
                .withGuide(guide.choice());
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1 but is " + value);
        }
        return value;
    }

    private void checkOut(Request request, boolean single) {
        if (out.toString().isEmpty()) {
            throw new IllegalArgumentException("-o wants the name of a file or a folder");
        }
        if (single && request.count() * request.prompts().size() > 1) {
            throw new IllegalArgumentException(out + " is one file, but "
                    + request.count() * request.prompts().size() + " pictures are asked for; give a folder");
        }
        if (single && Files.isDirectory(out)) {
            throw new IllegalArgumentException(out + " is a folder, but one file is to be written there");
        }
        Path place = (single ? parent(out) : out).toAbsolutePath();
        while (!Files.exists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        if (!Files.isDirectory(place)) {
            throw new IllegalArgumentException(place + " is a file, but a folder is wanted there");
        }
        if (!Files.isWritable(place)) {
            throw new IllegalArgumentException("nothing may be written to the folder " + place);
        }
    }

    private int draw(Painter painter, Request request, boolean single, Cancellation cancellation) {
        try (Progress progress = new Progress("drawing", 1)) {
            for (Event event : painter.generate(request, cancellation)) {
                switch (event) {
                    case Event.Progress p -> progress.at(p.step(), p.steps(), "");
                    case Event.Preview p -> {
                        Path folder = makeFolder(single ? parent(out) : out);
                        ImageFile.writePng(folder.resolve("preview.png"), sheet(p.images(), List.of()));
                    }
                    case Event.Cancelled _ -> {
                        return Main.CANCELLED;
                    }
                    case Event.Finished f -> write(f.pictures(), single);
                }
            }
        }
        return 0;
    }

    private void write(List<Event.Picture> pictures, boolean single) {
        if (single) {
            makeFolder(parent(out));
            console.say(write(out, pictures.getFirst()));
            return;
        }
        Path folder = makeFolder(out);
        List<String> captions = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Event.Picture picture : pictures) {
            Recipe recipe = picture.recipe();
            String name = slug(recipe.prompt()) + "-" + recipe.seed();
            String free = name;
            for (int i = 2; !taken.add(free); i++) { // "a b" and "a-b" have one name
                free = name + "-" + i;
            }
            console.say(write(folder.resolve(free + ".png"), picture));
            captions.add(recipe.prompt());
        }
        if (pictures.size() > 1) {
            Path sheet = folder.resolve("contact-sheet.png");
            ImageFile.writePng(
                    sheet, sheet(pictures.stream().map(Event.Picture::image).toList(), captions));
            console.say(sheet);
        }
    }

    private static Path write(Path file, Event.Picture picture) {
        ImageFile.writePng(file, picture.image(), picture.recipe().toJson());
        return file;
    }

    private static Image sheet(List<Image> images, List<String> captions) {
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            cells.add(new ContactSheet.Cell(images.get(i), captions.isEmpty() ? "" : captions.get(i)));
        }
        int columns = Math.min(8, (int) Math.ceil(Math.sqrt(cells.size())));
        return ContactSheet.of(cells, columns, CELL);
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file.toAbsolutePath() : parent;
    }

    private static Path makeFolder(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + folder + ": " + Reason.of(e), e);
        }
    }

    /// The letters and digits of a prompt, with dashes between words.
    private static String slug(String prompt) {
        String plain = prompt.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-");
        int letters = Math.min(LONGEST_NAME, plain.codePointCount(0, plain.length()));
        String cut = plain.substring(0, plain.offsetByCodePoints(0, letters));
        String trimmed = cut.replaceAll("^-|-$", "");
        return trimmed.isEmpty() ? "picture" : trimmed;
    }
}
