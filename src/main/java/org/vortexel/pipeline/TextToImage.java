package org.vortexel.pipeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.Pixels;
import org.vortexel.data.CaptionFormat;
import org.vortexel.device.Device;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.DiffusionLoop;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Heun;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Sampler;
import org.vortexel.diffusion.SeededNoise;
import org.vortexel.diffusion.TimeGrid;
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
    private static final int BATCH = 8;

    private final DitModel model;
    private final DitConfig network;
    private final TextEncoder encoder;
    private final CachedDenoiser denoiser;
    private final LatentCodec codec;
    private final String fingerprint;

    private TextToImage(
            DitModel model, TextEncoder encoder, CachedDenoiser denoiser, LatentCodec codec, String fingerprint) {
        this.model = model;
        this.network = model.config().network();
        this.encoder = encoder;
        this.denoiser = denoiser;
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
        return new TextToImage(
                model,
                TextEncoder.load(device),
                new CachedDenoiser(model, device, folder.resolve(HycaFile.NAME), fingerprint),
                codec,
                fingerprint);
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
    /// @param features (S, L, D) for every point: S steps, L tokens (those of all pictures, then, with guidance,
    /// all of
    /// the halves without the prompt), D channels
    /// @param displacements (S, M): what every step adds to the M numbers of all pictures
    public record Probed(Map<String, NdArray> features, NdArray displacements) {}

    /// Draws the pictures of a request, computing every step, and gives what goes on inside the network.
    ///
    /// @param request of at most 8 pictures; its cache is not used
    public Probed probe(Request request, Granularity granularity) {
        List<Recipe> batch = recipes(request.withCache(new Caching.Off()));
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
            NdArray before = noise(batch, 0);
            int at = 0;
            for (Iterator<DiffusionStep> steps = loop(batch, keeping); steps.hasNext(); ) {
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
        return () -> new Run(recipes, requests.getFirst().previewEvery(), cancelled);
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
                request.cache());
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
        String sampler = request.sampler().isEmpty() ? own.sampler() : request.sampler();
        Caching cache = denoiser.settled(request.cache());
        if (Sampler.named(sampler) instanceof Heun && !(cache instanceof Caching.Off)) {
            throw new IllegalArgumentException(
                    "no feature cache goes with the sampler heun, which asks twice at the same time");
        }
        List<Recipe> recipes = new ArrayList<>();
        for (String prompt : request.prompts()) {
            for (int i = 0; i < request.count(); i++) {
                recipes.add(new Recipe(
                        prompt,
                        request.negative(),
                        style,
                        request.seed() + i,
                        request.steps() == 0 ? own.steps() : request.steps(),
                        request.guidance() < 0 ? own.guidance() : request.guidance(),
                        sampler,
                        request.size() == 0 ? size() : request.size(),
                        model.config().name(),
                        fingerprint,
                        cache instanceof Caching.Off ? null : cache));
            }
        }
        return recipes;
    }

    /// The way from recipes to pictures, batch after batch.
    private final class Run implements Iterator<Event> {
        private final List<Recipe> recipes;
        private final int previewEvery;
        private final BooleanSupplier cancelled;
        private final List<Event.Picture> pictures = new ArrayList<>();
        private Iterator<DiffusionStep> loop = Collections.emptyIterator();
        private List<Recipe> batch = List.of();
        private int begun;
        private int done;
        private @Nullable Event pending;
        private boolean over;

        Run(List<Recipe> recipes, int previewEvery, BooleanSupplier cancelled) {
            this.recipes = recipes;
            this.previewEvery = previewEvery;
            this.cancelled = cancelled;
        }

        @Override
        public boolean hasNext() {
            return !over;
        }

        @Override
        public Event next() {
            if (over) {
                throw new NoSuchElementException("the request is finished");
            }
            Event waiting = pending;
            if (waiting != null) {
                pending = null;
                return waiting;
            }
            if (pictures.size() == recipes.size()) {
                over = true;
                return new Event.Finished(List.copyOf(pictures));
            }
            if (cancelled.getAsBoolean()) {
                over = true;
                return new Event.Cancelled(done);
            }
            if (!loop.hasNext()) {
                batch = recipes.subList(begun, Math.min(begun + atOnce(), recipes.size()));
                begun += batch.size();
                loop = loop(batch, denoiser.of(batch.getFirst().caching()));
            }
            DiffusionStep step = loop.next();
            done++;
            int steps = batch.getFirst().steps();
            if (!loop.hasNext()) {
                finish(step.x());
            } else if (previewEvery > 0 && (step.interval().index() + 1) % previewEvery == 0) {
                pending = new Event.Preview(done, images(step.x0()));
            }
            int batches = Math.ceilDiv(recipes.size(), atOnce());
            return new Event.Progress(done, Math.max(done, steps * batches));
        }

        /// Pictures do not hang on their batch, so one whose steps do is a batch of its own.
        private int atOnce() {
            return recipes.getFirst().caching() instanceof Caching.TeaCache ? 1 : BATCH;
        }

        private void finish(NdArray x) {
            List<Image> images = images(x);
            for (int i = 0; i < images.size(); i++) {
                pictures.add(new Event.Picture(images.get(i), batch.get(i)));
            }
        }

        private List<Image> images(NdArray x) {
            int size = batch.getFirst().size();
            long[] seeds = batch.stream().mapToLong(Recipe::seed).toArray();
            return Image.fromBatch(codec.decode(x, seeds)).stream()
                    .map(image -> image.width() == size ? image : image.resized(size, size))
                    .toList();
        }
    }

    private Iterator<DiffusionStep> loop(List<Recipe> batch, DitDenoiser asked) {
        Recipe first = batch.getFirst();
        Condition.Text wanted = encode(batch.stream()
                .map(r -> CaptionFormat.caption(r.prompt(), r.style()))
                .toList());
        Condition.Text instead = encode(Collections.nCopies(batch.size(), first.negative()));
        RectifiedFlow schedule = RectifiedFlow.standard();
        GuidedDenoiser guided = Guidance.of(first.guidance()).guide(asked, schedule, wanted, instead);
        Sampler sampler = Sampler.named(first.sampler());
        DiffusionLoop loop = new DiffusionLoop(schedule, model.config().prediction(), Clip.NONE, sampler);
        TimeGrid grid = sampler.timesteps(schedule, first.steps());
        asked.begin(grid.count());
        NdArray x = noise(batch, 0);
        float scale = (float) sampler.priorScale(schedule, grid);
        for (int i = 0; i < x.data().length; i++) {
            x.data()[i] *= scale;
        }
        return loop.along(grid, guided, x, index -> noise(batch, 1L + index)).iterator();
    }

    /// The noise of every picture by its own seed, whatever else is in the batch: stream 0 is where the picture
    /// begins, the others are for samplers that add noise on the way.
    private NdArray noise(List<Recipe> batch, long stream) {
        Shape one = Shape.of(1, network.channels(), network.size(), network.size());
        NdArray noise = NdArray.zeros(one.with(0, batch.size()));
        for (int i = 0; i < batch.size(); i++) {
            float[] drawn =
                    new SeededNoise(batch.get(i).seed()).draw(stream, one).data();
            System.arraycopy(drawn, 0, noise.data(), i * drawn.length, drawn.length);
        }
        return noise;
    }

    private Condition.Text encode(List<String> captions) {
        return Captions.encode(encoder, captions, ((DitConfig.Text) network.condition()).tokens());
    }

    @Override
    public void close() {
        denoiser.close();
        codec.close();
        encoder.close();
    }
}
