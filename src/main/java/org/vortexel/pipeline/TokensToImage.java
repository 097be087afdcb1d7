package org.vortexel.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.GptConfig;
import org.vortexel.ar.Prompt;
import org.vortexel.ar.TokenGenerator;
import org.vortexel.ar.TokenStep;
import org.vortexel.ar.Uniforms;
import org.vortexel.ar.masc.CodeChoice;
import org.vortexel.ar.masc.MemberDecoding;
import org.vortexel.codebook.Codebook;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.data.CaptionFormat;
import org.vortexel.device.Device;
import org.vortexel.image.Image;
import org.vortexel.tensor.Philox;
import org.vortexel.text.TextEncoder;
import org.vortexel.train.TokenPictures;

/// Draws pictures token by token: of what a prompt says, or of a class that it names.
///
/// Previews show the tokens that are there; the rest of the picture is what the decoder makes of no
/// code at all. Used by one thread at a time. Closing it does not close the device.
public final class TokensToImage implements Painter {
    private static final int BATCH = 16;

    private final ArModel model;
    private final Path folder;
    private final Device device;
    private final VqCodec codec;
    private final @Nullable TextEncoder encoder;
    private final String fingerprint;

    private TokensToImage(
            ArModel model,
            Path folder,
            Device device,
            VqCodec codec,
            @Nullable TextEncoder encoder,
            String fingerprint) {
        this.model = model;
        this.folder = folder;
        this.device = device;
        this.codec = codec;
        this.encoder = encoder;
        this.fingerprint = fingerprint;
    }

    /// Reads the model in `folder` and its tokenizer, and puts them on a device.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when a file is missing or damaged
    public static TokensToImage open(Path folder, Device device) {
        ArModel model = ArModel.load(folder);
        VqModel tokenizer = VqModel.load(folder.resolve(ArModel.TOKENIZER));
        if (tokenizer.config().network().codes() != model.clusters().codes()) {
            throw new IllegalArgumentException(folder + ": the tokenizer has "
                    + tokenizer.config().network().codes() + " codes but the model is for "
                    + model.clusters().codes());
        }
        boolean words = model.config().network().prefix() instanceof GptConfig.Captions;
        return new TokensToImage(
                model,
                folder,
                device,
                new VqCodec(tokenizer, device),
                words ? TextEncoder.load(device) : null,
                ArModel.fingerprint(folder));
    }

    /// What the model is.
    public ArModel model() {
        return model;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public Iterable<Event> generate(Request request, BooleanSupplier cancelled) {
        return generate(List.of(request), cancelled);
    }

    /// The events of several requests as of one: their pictures share batches, and each is that of
    /// its own request, bit for bit.
    ///
    /// @param requests at least one, alike in how they are sampled and previewed
    /// @param cancelled asked before every token; when true the next event is [Event.Cancelled],
    /// the last one
    /// @throws IllegalArgumentException when they differ there, or the model cannot do what is
    /// asked
    public Iterable<Event> generate(List<Request> requests, BooleanSupplier cancelled) {
        if (requests.isEmpty() || requests.stream().map(this::how).distinct().count() > 1) {
            throw new IllegalArgumentException("requests that are drawn together are at least one, and sampled alike");
        }
        How how = how(requests.getFirst());
        List<Recipe> recipes = requests.stream()
                .flatMap(r -> recipes(r, how.sampling()).stream())
                .toList();
        List<Supplier<Batch>> batches = new ArrayList<>();
        for (int begin = 0; begin < recipes.size(); begin += BATCH) {
            List<Recipe> batch = recipes.subList(begin, Math.min(begin + BATCH, recipes.size()));
            batches.add(() -> new Batch(batch, how.sampling()));
        }
        int steps = batches.size() * model.config().network().tokens();
        return () -> new Events(batches, steps, how.previewEvery(), cancelled);
    }

    private record How(ArModel.Sampling sampling, int size, int previewEvery) {}

    private How how(Request request) {
        ArModel.Sampling own = model.config().sampling();
        ArModel.Sampling guided = request.guidance() < 0 ? own : own.withGuidance(request.guidance());
        return new How(TokenSampler.parse(request.sampler(), guided), request.size(), request.previewEvery());
    }

    private List<Recipe> recipes(Request request, ArModel.Sampling sampling) {
        int tokens = model.config().network().tokens();
        if (!request.negative().isEmpty()) {
            throw new IllegalArgumentException("a model of tokens cannot be asked what to keep away from");
        }
        if (!(request.cache() instanceof Caching.Off
                && request.asynchronous() instanceof Asynchronous.Off
                && request.diversity() instanceof Diversity.Off
                && request.guide() instanceof Guide.Cfg)) {
            throw new IllegalArgumentException(
                    "--cache, --async, --diverse and --guide are for diffusion, not for a model of tokens");
        }
        if (request.steps() != 0 && request.steps() != tokens) {
            throw new IllegalArgumentException("a picture of this model has " + tokens + " tokens and so as many steps,"
                    + " not " + request.steps());
        }
        List<String> styles = model.config().styles();
        String usual = styles.isEmpty() ? "" : styles.getFirst();
        String style = request.style().isEmpty() ? usual : request.style();
        if (!style.isEmpty() && !styles.contains(style)) {
            throw new IllegalArgumentException("the model " + model.config().name() + " has no style '" + style
                    + "'; it has " + (styles.isEmpty() ? "none" : styles));
        }
        if (encoder == null) {
            request.prompts().forEach(this::label); // refuses what is no class
        }
        int side = model.config().network().grid() * codec.compression();
        List<Recipe> recipes = new ArrayList<>();
        for (String prompt : request.prompts()) {
            for (int i = 0; i < request.count(); i++) {
                recipes.add(new Recipe(
                        prompt,
                        "",
                        style,
                        request.seed() + i,
                        tokens,
                        sampling.guidance(),
                        TokenSampler.text(sampling),
                        request.size() == 0 ? side : request.size(),
                        model.config().name(),
                        fingerprint,
                        null,
                        null,
                        null,
                        null));
            }
        }
        return recipes;
    }

    private int label(String prompt) {
        List<String> classes = model.config().classes();
        int label = classes.indexOf(prompt.strip().toLowerCase(Locale.ROOT));
        if (label < 0) {
            throw new IllegalArgumentException("the model " + model.config().name() + " knows no '" + prompt
                    + "'; it knows " + String.join(", ", classes));
        }
        return label;
    }

    private Prompt prompt(List<Recipe> batch) {
        TextEncoder words = encoder;
        if (words == null) {
            return new Prompt.Labels(
                    batch.stream().mapToInt(r -> label(r.prompt())).toArray());
        }
        List<String> captions = batch.stream()
                .map(r -> CaptionFormat.caption(r.prompt(), r.style()))
                .toList();
        int length = model.config().network().prefix().length();
        return TokenPictures.prompt(Captions.encode(words, captions, length));
    }

    /// Pictures that are drawn together.
    private final class Batch implements Events.Batch {
        private final List<Recipe> recipes;
        private final Prompt prompt;
        private final TokenGenerator generator;
        private final CodeChoice choice;
        private final Iterator<TokenStep> steps;
        private final Uniforms members;
        private final int[][] tokens;
        private int drawn;

        Batch(List<Recipe> recipes, ArModel.Sampling sampling) {
            this.recipes = recipes;
            this.prompt = prompt(recipes);
            this.choice = CodeChoice.of(
                    model,
                    java.util.Objects.requireNonNull(sampling.members()),
                    new Codebook(codec.codes()),
                    folder,
                    device);
            this.generator = new TokenGenerator(device, model.gpt(), model.weights(), recipes.size(), sampling.guide());
            Uniforms own =
                    (picture, index) -> Philox.of(recipes.get(picture).seed()).uniform(index);
            this.members = (picture, index) -> Philox.of(recipes.get(picture).seed()).stream(Uniforms.MEMBERS)
                    .uniform(index);
            this.steps = generator.run(prompt, sampling.tokens(), own).iterator();
            this.tokens = new int[recipes.size()][model.config().network().tokens()];
        }

        @Override
        public boolean step() {
            TokenStep step = steps.next();
            for (int i = 0; i < tokens.length; i++) {
                tokens[i][step.index()] = step.tokens()[i];
            }
            drawn = step.index() + 1;
            return drawn == step.count();
        }

        @Override
        public List<Recipe> recipes() {
            return recipes;
        }

        /// Before the last token a member of each cluster is drawn evenly.
        @Override
        public List<Image> images() {
            if (drawn == model.config().network().tokens()) {
                return images(choice.codes(prompt, tokens, members));
            }
            int[][] codes = new MemberDecoding.Uniform(model.clusters()).codes(tokens, members);
            for (int[] row : codes) {
                java.util.Arrays.fill(row, drawn, row.length, VqCodec.NO_CODE);
            }
            return images(codes);
        }

        private List<Image> images(int[][] codes) {
            int grid = model.config().network().grid();
            int size = recipes.getFirst().size();
            int[] flat = java.util.Arrays.stream(codes)
                    .flatMapToInt(java.util.stream.IntStream::of)
                    .toArray();
            return Events.resized(Image.fromBatch(codec.pictures(flat, grid, grid)), size);
        }

        @Override
        public void close() {
            generator.close();
            choice.close();
        }
    }

    @Override
    public void close() {
        codec.close();
        if (encoder != null) {
            encoder.close();
        }
    }
}
