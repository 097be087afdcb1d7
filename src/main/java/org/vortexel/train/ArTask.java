package org.vortexel.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.GptConfig;
import org.vortexel.ar.Prompt;
import org.vortexel.ar.TokenGenerator;
import org.vortexel.ar.TokenLoss;
import org.vortexel.ar.Uniforms;
import org.vortexel.ar.masc.BranchGpt;
import org.vortexel.ar.masc.CodeChoice;
import org.vortexel.ar.rear.Alignment;
import org.vortexel.ar.rear.NoisyContext;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codebook.Codebook;
import org.vortexel.codebook.Partition;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.data.Entry;
import org.vortexel.data.ShuffledEpochs;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.eval.TokenEvaluation;
import org.vortexel.eval.TokenReport;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.nn.Init;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Embedding;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Trains a [Gpt] to tell the next token of pictures.
///
/// `loss = mean of -ln p(token | those before, prompt) + λ (encode + decode)`, the last terms those
/// of reAR's [Alignment]; tokens are codes, or clusters of codes where MASC is on.
public final class ArTask implements Task {
    // Streams of the seed; the step is added.
    private static final long DROPOUT = 3L << 32;

    /// Seeds of their own for draws whose streams are steps: turning them on moves nothing else.
    private static final long CONTEXT = 0x72654152L; // "reAR"

    private static final long FORGET = 0x666F7267L; // "forg"

    private static final int SHOWN = 32;
    private static final int COLUMNS = 8;
    private static final int CELL = 96;
    private static final int MEASURED = 1024;
    private static final double GUIDED = 2;

    private final TrainConfig config;
    private final ArSubject subject;
    private final Device device;
    private final VqModel tokenizer;
    private final TokenPictures pictures;
    private final @Nullable TokenPictures heldOut;
    private final Codebook codebook;
    private final Partition clusters;
    private final long[] counts;
    private final Gpt gpt;
    private final Params learnt;
    private final @Nullable Parameter mask;
    private final @Nullable Alignment alignment;
    private final ShuffledEpochs epochs;
    private @Nullable Forgetting forgetting;

    /// Reads the tokens of the pictures, which are computed first where that has not been done.
    ///
    /// @param device computes the tokens, and draws the samples
    /// @param encoder turns captions into token states; not asked by a network of classes
    /// @throws IllegalArgumentException when no picture is selected, or tokenizer, network and
    /// pictures do not fit
    public ArTask(TrainConfig config, ArSubject subject, Device device, CaptionEncoder encoder) {
        this.config = config;
        this.subject = subject;
        this.device = device;
        Path folder = Path.of(subject.tokenizer());
        this.tokenizer = VqModel.load(folder);
        try (VqCodec codec = new VqCodec(tokenizer, device)) {
            this.codebook = new Codebook(codec.codes());
            this.pictures = pictures(subject.data(), codec, encoder);
            this.heldOut = heldOut(codec, encoder);
        }
        int grid = subject.size() / tokenizer.config().network().compression();
        if (subject.network().vocabulary() != codebook.count()
                || subject.network().grid() != grid) {
            throw new IllegalArgumentException("pictures of " + subject.size() + " pixels are " + grid + " by " + grid
                    + " tokens of " + codebook.count() + " codes, but the network is for a grid of "
                    + subject.network().grid() + " and " + subject.network().vocabulary() + " codes");
        }
        this.clusters = subject.clusters().of(codebook, folder);
        this.counts = pictures.counts(codebook.count());
        this.gpt = BranchGpt.of(subject.network(), clusters);
        this.learnt = gpt.params().trainedOnly(_ -> true);
        GptConfig sizes = gpt.config();
        Rear rear = subject.rear();
        this.mask =
                rear.masks() ? learnt.declare("mask_embedding", Shape.of(1, sizes.width()), Init.normal(0.02f)) : null;
        this.alignment = rear.align() == null
                ? null
                : new Alignment(rear.align().config(), learnt, sizes.width(), sizes.depth(), codebook.width());
        this.epochs = new ShuffledEpochs(pictures.count(), config.batch(), config.seed());
    }

    private TokenPictures pictures(TrainConfig.Data data, VqCodec codec, CaptionEncoder encoder) {
        return TokenPictures.of(
                data,
                Path.of(subject.tokens()),
                codec,
                subject.size(),
                subject.network().prefix(),
                encoder);
    }

    private @Nullable TokenPictures heldOut(VqCodec codec, CaptionEncoder encoder) {
        TrainConfig.Data data = subject.data();
        TrainConfig.Data other =
                new TrainConfig.Data(data.folder(), data.styles(), data.skinTones(), List.of("heldout"));
        try {
            return pictures(other, codec, encoder);
        } catch (IllegalArgumentException _) {
            return null; // nothing is held out
        }
    }

    @Override
    public Params params() {
        return learnt;
    }

    @Override
    public Weights initial() {
        Weights weights = learnt.initial(config.seed());
        String start = subject.start();
        if (start != null) {
            ArModel model = ArModel.load(Path.of(start));
            if (!model.config().network().equals(gpt.config())
                    || !model.clusters().equals(clusters)) {
                throw new IllegalArgumentException(
                        "the run cannot start from " + start + ": the network there has other sizes or clusters");
            }
            model.weights().asMap().forEach(weights::put);
        } else if (!(subject.clusters() instanceof Clusters.Flat)) {
            BranchGpt.initial(gpt, subject.head(), config.seed()).asMap().forEach(weights::put);
        }
        return weights;
    }

    @Override
    public Weights frozen() {
        return new Weights();
    }

    @Override
    public Objective record(Recorder r) {
        int n = config.batch();
        GptConfig sizes = gpt.config();
        int t = sizes.tokens();
        int p = sizes.prefix().length();
        Prompt.Recorded prompt = gpt.prompt(r, n);
        Tensor prefix = gpt.prefix(prompt); // (N, P, D)
        Tensor table = mask == null ? gpt.table(prefix) : Tensor.concat(0, gpt.table(prefix), mask.on(prefix));
        Tensor context = Embedding.of(table, r.ids("context", Shape.of(n, t - 1))); // (N, T - 1, D)
        Tensor hidden = prompt instanceof Prompt.RecordedCaptions ? r.input("hidden", hiddenShape()) : null;
        Forgetting forgets = new Forgetting(r, subject.forget());
        forgetting = forgets;
        Gpt.Output out = gpt.forward(prefix, context, hidden, forgets, Probe.NONE);
        Tensor targets = r.ids("targets", Shape.of(n, t));
        Tensor loss = TokenLoss.mean(out.logits(), targets);
        Alignment aligned = alignment;
        if (aligned == null) {
            return Objective.of(loss);
        }
        Tensor held = out.states().get(aligned.config().encodeLayer().orElse(0)).slice(1, p, p + t - 1);
        Tensor predicting =
                out.states().get(aligned.config().decodeLayer().orElse(0)).slice(1, p - 1, p - 1 + t);
        Alignment.Losses losses = aligned.losses(
                centres(),
                new Alignment.Side(held, r.ids("held", Shape.of(n, t - 1))),
                r.input("replaced", Shape.of(n, t - 1)),
                new Alignment.Side(predicting, targets));
        Map<String, Tensor> parts = new LinkedHashMap<>();
        parts.put("tokens", loss);
        aligned.config().encodeLayer().ifPresent(_ -> parts.put("encode", losses.encode()));
        aligned.config().decodeLayer().ifPresent(_ -> parts.put("decode", losses.decode()));
        return new Objective(loss.add(losses.weighted()), parts);
    }

    private Shape hiddenShape() {
        int length = gpt.config().prefix().length() + gpt.config().tokens() - 1;
        return Shape.of(config.batch(), 1, length, length);
    }

    /// What states are drawn to: the codes, or the middles of their clusters.
    private Codebook centres() {
        double[][] centres = clusters.centres(codebook);
        NdArray rows = NdArray.zeros(Shape.of(centres.length, codebook.width()));
        for (int i = 0; i < rows.data().length; i++) {
            rows.data()[i] = (float) centres[i / codebook.width()][i % codebook.width()];
        }
        return new Codebook(rows);
    }

    @Override
    public void feed(int step, Player player) {
        int n = config.batch();
        int[] chosen = epochs.batch(step);
        int[] tokens = clusters.clustersOf(pictures.codes(chosen));
        int t = tokens.length / n;
        int[] clean = new int[n * (t - 1)];
        for (int i = 0; i < n; i++) {
            System.arraycopy(tokens, i * t, clean, i * (t - 1), t - 1);
        }
        NoisyContext context =
                subject.rear().context(clean, n, clusters.clusters(), config.seed() ^ CONTEXT, step, config.steps());
        Prompt prompt = dropped(pictures.prompt(chosen), step);
        prompt.set(player);
        if (prompt instanceof Prompt.Captions captions) {
            player.set("hidden", captions.hidden(hiddenShape().dim(2)));
        }
        player.set("context", context.tokens()).set("targets", tokens);
        if (alignment != null) {
            player.set("held", clean).set("replaced", context.replaced());
        }
        if (forgetting != null) {
            forgetting.set(player, config.seed() ^ FORGET, step);
        }
    }

    private Prompt dropped(Prompt prompt, int step) {
        Philox draws = new Philox(config.seed(), DROPOUT + step);
        float[] uniforms = new float[prompt.batch()];
        for (int i = 0; i < uniforms.length; i++) {
            uniforms[i] = (float) draws.uniform(i);
        }
        return switch (prompt) {
            case Prompt.Labels labels ->
                labels.dropped(
                        uniforms,
                        subject.dropout(),
                        ((GptConfig.Classes) gpt.config().prefix()).count());
            case Prompt.Captions captions ->
                captions.dropped(
                        uniforms,
                        subject.dropout(),
                        ((Prompt.Captions) gpt.nothing(prompt.batch(), nothing())).states());
        };
    }

    /// The states of no caption, which are not trained.
    private Weights nothing() {
        return gpt.params().initial(config.seed());
    }

    private ArModel model(Weights weights) {
        List<String> styles = pictures.entries().stream()
                .map(Entry::style)
                .filter(style -> !style.isEmpty() && pictures.classes().isEmpty())
                .distinct()
                .toList();
        Path name = Path.of(config.out()).getFileName();
        ArModel.Config model = new ArModel.Config(
                name == null ? "ar" : name.toString(),
                gpt.config(),
                pictures.classes(),
                styles,
                subject.data().skinTones(),
                ArModel.Sampling.PLAIN.withGuidance(subject.dropout() > 0 ? GUIDED : 1));
        return new ArModel(model, gpt, weights, clusters, counts);
    }

    @Override
    public void release(Weights weights, Path folder) {
        model(weights).save(folder, StorageType.F16);
        tokenizer.save(folder.resolve(ArModel.TOKENIZER), StorageType.F32);
    }

    @Override
    public Map<String, Double> measure(Weights weights) {
        TokenPictures unseen = heldOut;
        if (unseen == null || unseen.count() < config.batch()) {
            return Map.of();
        }
        TokenReport report = evaluate(model(weights), unseen, device, config.batch(), MEASURED, config.seed());
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", report.loss());
        values.put("codeLoss", report.codeLoss());
        values.put("codeLossFrequent", report.codeLossFrequent());
        values.put("entropy", report.entropy());
        values.put("correct", report.correct());
        values.put("correctNoisy", report.correctNoisy());
        return values;
    }

    /// How well a model tells the tokens of pictures.
    ///
    /// @param batch pictures at a time
    /// @param most pictures, chosen by the seed; a last batch that is not full is left out
    public static TokenReport evaluate(
            ArModel model, TokenPictures pictures, Device device, int batch, int most, long seed) {
        int[] order = Philox.of(seed).permutation(pictures.count());
        int count = Math.min(most, order.length) / batch * batch;
        try (TokenEvaluation evaluation = new TokenEvaluation(model, device, batch)) {
            for (int begin = 0; begin < count; begin += batch) {
                int[] chosen = Arrays.copyOfRange(order, begin, begin + batch);
                evaluation.add(pictures.prompt(chosen), pictures.codes(chosen), seed + begin);
            }
            return evaluation.report();
        }
    }

    @Override
    public void draw(Weights weights, Path file) {
        ArModel model = model(weights);
        int[] chosen = IntStream.of(Philox.of(config.seed()).permutation(pictures.count()))
                .limit(SHOWN)
                .toArray();
        ArModel.Sampling sampling = model.config().sampling();
        Prompt prompt = pictures.prompt(chosen);
        int[][] tokens;
        try (TokenGenerator generator = new TokenGenerator(device, gpt, weights, chosen.length, sampling.guide())) {
            tokens = generator.all(prompt, sampling.tokens(), Uniforms.seeded(config.seed()));
        }
        int[][] codes = new CodeChoice.Alone(new org.vortexel.ar.masc.MemberDecoding.Uniform(clusters))
                .codes(prompt, tokens, Uniforms.members(config.seed()));
        int grid = gpt.config().grid();
        List<ContactSheet.Cell> cells = new ArrayList<>();
        try (VqCodec codec = new VqCodec(tokenizer, device)) {
            int[] flat = Arrays.stream(codes).flatMapToInt(IntStream::of).toArray();
            List<Image> drawn = Image.fromBatch(codec.pictures(flat, grid, grid));
            for (int i = 0; i < drawn.size(); i++) {
                cells.add(new ContactSheet.Cell(
                        drawn.get(i), pictures.entries().get(chosen[i]).text()));
            }
        }
        ImageFile.writePng(file, ContactSheet.of(cells, COLUMNS, CELL));
    }
}
