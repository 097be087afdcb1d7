package org.vortexel.pipeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.Pixels;
import org.vortexel.device.Device;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Sampler;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitDenoiser;
import org.vortexel.dit.DitModel;
import org.vortexel.dit.Granularity;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;
import org.vortexel.text.TextEncoder;

/// Draws pictures of what a prompt says.
///
/// ```java
/// try (Device device = HostDevice.of(2);
///         TextToImage painter = TextToImage.open(Path.of("weights/emoji"), device)) {
///     Event.Picture apple = painter.draw(Request.of("a red apple")).getFirst();
///     ImageFile.writePng(Path.of("apple.png"), apple.image(), apple.recipe().toJson());
/// }
/// ```
///
/// Used by one thread at a time. Closing it does not close the device.
public final class TextToImage implements Painter {
    private static final Logger LOG = LoggerFactory.getLogger(TextToImage.class);
    private static final int BATCH = 8;

    private final DitModel model;
    private final DitConfig network;
    private final TextEncoder encoder;
    private final CachedDenoiser denoiser;
    private final BatchSampler sampler;
    private final LatentCodec codec;
    private final String fingerprint;

    private TextToImage(
            DitModel model, TextEncoder encoder, CachedDenoiser denoiser, LatentCodec codec, String fingerprint) {
        this.model = model;
        this.network = model.config().network();
        this.encoder = encoder;
        this.denoiser = denoiser;
        this.sampler = new BatchSampler(model, encoder, denoiser);
        this.codec = codec;
        this.fingerprint = fingerprint;
    }

    /// Reads the model in `folder` and puts it on a device.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when there is no model, or it is damaged
    public static TextToImage open(Path folder, Device device) {
        DitModel model = DitModel.load(folder);
        if (!(model.config().network().condition() instanceof DitConfig.Text)) {
            throw new IllegalArgumentException(folder + " holds a model that is asked with labels, not with words");
        }
        LatentCodec codec = codec(folder, model.config().network(), device);
        String fingerprint = DitModel.fingerprint(folder);
        TextToImage painter = new TextToImage(
                model,
                TextEncoder.load(device),
                new CachedDenoiser(model, device, folder.resolve(HycaFile.NAME), fingerprint),
                codec,
                fingerprint);
        LOG.info("loaded {}", folder);
        return painter;
    }

    private static LatentCodec codec(Path folder, DitConfig network, Device device) {
        Path place = DitModel.codec(folder);
        LatentCodec codec = Files.isDirectory(place) ? Codecs.open(place, device, OptionalInt.empty()) : new Pixels();
        if (codec.latentChannels() != network.channels()) {
            codec.close();
            throw WeightsException.file(
                    folder.toString(),
                    "the network draws " + network.channels() + " channels but "
                            + (codec instanceof Pixels
                                    ? "there is no folder " + place.getFileName() + " with a codec for them"
                                    : "its codec wants " + codec.latentChannels()));
        }
        return codec;
    }

    /// Side in pixels of the model's pictures.
    public int size() {
        return network.size() * codec.compression();
    }

    /// What the model is.
    public DitModel.Config model() {
        return model.config();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    /// Makes another profile of HyCa known than the model's own.
    ///
    /// @return what [Caching.Hyca#profile()] calls it
    /// @throws WeightsException when it is damaged or was made for another model
    public String addProfile(Path file) {
        return denoiser.add(HycaFile.read(file, fingerprint, network));
    }

    /// A profile of HyCa.
    ///
    /// @param hash what [#addProfile] gave, or empty for the model's own
    /// @throws WeightsException when there is none
    public HycaFile profile(String hash) {
        return denoiser.profile(hash);
    }

    /// How much the network has worked since this was opened.
    public Work work() {
        return denoiser.work();
    }

    /// What the network has done, counted in predictions for one picture, of which guidance takes two a step.
    ///
    /// @param computed predictions that were computed
    /// @param forecast predictions that were forecast from kept features
    /// @param ringBytes the memory of the features that the present cache keeps
    public record Work(long computed, long forecast, long ringBytes) {}

    /// What a probe sees.
    ///
    /// @param features (S, L, D) for every point: S steps, L tokens (those of all pictures, then, with
    /// guidance, all of the halves without the prompt), D channels
    /// @param displacements (S, M): what every step adds to the M numbers of all pictures
    public record Probed(Map<String, NdArray> features, NdArray displacements) {}

    /// Draws the pictures of a request, computing every step, and gives what goes on inside the network.
    ///
    /// @param request of at most 8 pictures; its cache and its way of guiding are not used
    public Probed probe(Request request, Granularity granularity) {
        List<Recipe> batch = recipes(request.withCache(new Caching.Off()).withGuide(new Guide.Cfg()));
        if (batch.size() > BATCH) {
            throw new IllegalArgumentException(
                    "features are kept for at most " + BATCH + " pictures but " + batch.size() + " are asked for");
        }
        int predictions = Sampler.named(batch.getFirst().sampler())
                .timesteps(RectifiedFlow.standard(), batch.getFirst().steps())
                .count();
        try (DitDenoiser keeping = denoiser.keeping(predictions, granularity)) {
            Shape one = Shape.of(1, network.channels(), network.size(), network.size());
            NdArray moves = NdArray.zeros(Shape.of(predictions, batch.size() * one.size()));
            NdArray before = sampler.noise(batch, 0);
            int at = 0;
            for (Iterator<DiffusionStep> steps = sampler.loop(batch, keeping); steps.hasNext(); ) {
                NdArray now = steps.next().x();
                for (int i = 0; i < now.data().length; i++) {
                    moves.data()[at++] = now.data()[i] - before.data()[i];
                }
                before = now;
            }
            return new Probed(keeping.history(), moves);
        }
    }

    /// Draws everything and gives the pictures: every prompt's together, in order.
    public List<Event.Picture> draw(Request request) {
        List<Event.Picture> pictures = List.of();
        for (Event event : generate(request, () -> false)) {
            if (event instanceof Event.Finished finished) {
                pictures = finished.pictures();
            }
        }
        return pictures;
    }

    @Override
    public Iterable<Event> generate(Request request, BooleanSupplier cancelled) {
        return generate(List.of(request), cancelled);
    }

    /// The events of several requests as of one: their pictures share batches, so many small requests are
    /// drawn as fast as a large one. Each picture is that of its own request, bit for bit.
    ///
    /// @param requests at least one, alike in all but prompts, style, count and seed
    /// @param cancelled asked before every step; when true the next event is [Event.Cancelled], the last one
    /// @throws IllegalArgumentException when they differ in anything else, or the model does not have a style
    public Iterable<Event> generate(List<Request> requests, BooleanSupplier cancelled) {
        if (requests.isEmpty()
                || requests.stream().map(TextToImage::how).distinct().count() > 1) {
            throw new IllegalArgumentException("requests that are drawn together are at least one, and differ in"
                    + " nothing but prompts, style, count and seed");
        }
        List<Recipe> recipes =
                requests.stream().flatMap(r -> recipes(r).stream()).toList();
        List<Together> batches = batches(recipes);
        List<Supplier<Batch>> begun = batches.stream()
                .<Supplier<Batch>>map(together -> () -> new Batch(together))
                .toList();
        int steps = batches.size() * recipes.getFirst().steps();
        return () -> new Events(begun, steps, requests.getFirst().previewEvery(), cancelled);
    }

    /// A request without what may differ within a batch.
    private static Request how(Request request) {
        return new Request(
                List.of("any"),
                request.negative(),
                "",
                1,
                0,
                request.steps(),
                request.guidance(),
                request.sampler(),
                request.size(),
                request.previewEvery(),
                request.cache(),
                request.asynchronous(),
                request.diversity(),
                request.guide());
    }

    /// One recipe for every picture of a request, with the model's choices filled in.
    private List<Recipe> recipes(Request request) {
        DitModel.Sampling own = model.config().sampling();
        List<String> styles = model.config().styles();
        String usual = styles.isEmpty() ? "" : styles.getFirst(); // a model may have been taught no styles
        String style = request.style().isEmpty() ? usual : request.style();
        if (!style.isEmpty() && !styles.contains(style)) {
            throw new IllegalArgumentException("the model " + model.config().name() + " has no style '" + style
                    + "'; it has " + (styles.isEmpty() ? "none" : styles));
        }
        String named = request.sampler().isEmpty() ? own.sampler() : request.sampler();
        Caching cache = denoiser.settled(request.cache());
        Pairs.check(request.withCache(cache), named);
        int steps = request.steps() == 0 ? own.steps() : request.steps();
        double guidance = sampler.guidance(request.guide(), request.guidance(), named, steps);
        if (request.asynchronous() instanceof Asynchronous.On on) {
            request.prompts().forEach(prompt -> sampler.checkItems(prompt, style, on));
        }
        List<Recipe> recipes = new ArrayList<>();
        for (String prompt : request.prompts()) {
            for (int i = 0; i < request.count(); i++) {
                recipes.add(new Recipe(
                        prompt,
                        request.negative(),
                        style,
                        request.seed() + i,
                        steps,
                        guidance,
                        named,
                        request.size() == 0 ? size() : request.size(),
                        model.config().name(),
                        fingerprint,
                        cache instanceof Caching.Off ? null : cache,
                        request.asynchronous() instanceof Asynchronous.Off ? null : request.asynchronous(),
                        diversity(request, i),
                        request.guide() instanceof Guide.Cfg ? null : request.guide()));
            }
        }
        return recipes;
    }

    /// How picture `i` of a prompt is kept from being like others: in a group of up to eight, unless the
    /// request names one.
    private static @Nullable Diversity diversity(Request request, int i) {
        Diversity asked = request.diversity();
        if (asked instanceof Diversity.Off) {
            return null;
        }
        Diversity.Group group = asked.group();
        if (group != null) {
            long place = request.seed() + i - group.seed();
            if (place < 0 || place >= group.count()) {
                throw new IllegalArgumentException("the picture of seed " + (request.seed() + i)
                        + " is not in its group of " + group.count() + " from seed " + group.seed());
            }
            return asked;
        }
        int begin = i / Diversity.Group.MOST * Diversity.Group.MOST;
        int count = Math.min(Diversity.Group.MOST, request.count() - begin);
        return asked.of(new Diversity.Group(request.seed() + begin, count));
    }

    /// Pictures that are drawn together.
    ///
    /// @param drawn all of them
    /// @param wanted which of these are wanted; the others are there because they hang on one another
    private record Together(List<Recipe> drawn, List<Integer> wanted) {}

    /// Recipes in batches. Most pictures do not hang on their batch. Those that do are drawn in their group,
    /// all of it, and those whose steps hang on the picture alone; where masks are looked for, a batch has one
    /// prompt.
    private static List<Together> batches(List<Recipe> recipes) {
        List<Together> batches = new ArrayList<>();
        for (int begin = 0; begin < recipes.size(); ) {
            Recipe first = recipes.get(begin);
            int most = first.caching() instanceof Caching.TeaCache ? 1 : BATCH;
            int end = begin + 1;
            while (end < recipes.size() && end - begin < most && together(first, recipes.get(end))) {
                end++;
            }
            List<Recipe> wanted = recipes.subList(begin, end);
            Diversity.Group group = first.diverse().group();
            if (group == null) {
                batches.add(new Together(
                        wanted, IntStream.range(0, wanted.size()).boxed().toList()));
            } else {
                List<Recipe> all = LongStream.range(group.seed(), group.seed() + group.count())
                        .mapToObj(first::withSeed)
                        .toList();
                batches.add(new Together(
                        all,
                        wanted.stream()
                                .map(recipe -> Math.toIntExact(recipe.seed() - group.seed()))
                                .toList()));
            }
            begin = end;
        }
        return batches;
    }

    private static boolean together(Recipe first, Recipe other) {
        boolean onePrompt =
                first.asyn() instanceof Asynchronous.On || first.diverse().group() != null;
        return !onePrompt
                || (first.prompt().equals(other.prompt())
                        && first.style().equals(other.style())
                        && first.diverse().equals(other.diverse()));
    }

    /// The way of pictures that are drawn together from noise to pixels.
    private final class Batch implements Events.Batch {
        private final List<Integer> wanted;
        private final List<Recipe> recipes;
        private final Iterator<DiffusionStep> loop;
        private NdArray latest = NdArray.zeros(Shape.of(0));

        Batch(Together together) {
            wanted = together.wanted();
            recipes = wanted.stream().map(together.drawn()::get).toList();
            loop = sampler.loop(together.drawn());
        }

        @Override
        public boolean step() {
            DiffusionStep step = loop.next();
            boolean last = !loop.hasNext();
            latest = last ? step.x() : step.x0();
            return last;
        }

        @Override
        public List<Image> images() {
            NdArray latents = NdArray.zeros(latest.shape().with(0, wanted.size()));
            int size = latest.shape().size(1, 4);
            for (int i = 0; i < wanted.size(); i++) {
                System.arraycopy(latest.data(), wanted.get(i) * size, latents.data(), i * size, size);
            }
            long[] seeds = recipes.stream().mapToLong(Recipe::seed).toArray();
            return Events.resized(
                    Image.fromBatch(codec.decode(latents, seeds)),
                    recipes.getFirst().size());
        }

        @Override
        public List<Recipe> recipes() {
            return recipes;
        }
    }

    @Override
    public void close() {
        denoiser.close();
        codec.close();
        encoder.close();
    }
}
