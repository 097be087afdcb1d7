package org.vortexel.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.CodecFolder;
import org.vortexel.codec.LatentCodec;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.PackedImages;
import org.vortexel.data.Selection;
import org.vortexel.data.ShuffledEpochs;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.diffusion.Noising;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitDenoiser;
import org.vortexel.dit.DitModel;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Trains a [Dit] to draw captioned pictures, or their latents, along a rectified flow.
///
/// `loss = mean over pictures of weight * mean((prediction - target)²)`
public final class DitTask implements Task {
    /// The schedule of every model that is trained here; samplers use the same object.
    static final RectifiedFlow SCHEDULE = RectifiedFlow.standard();

    // Streams of the seed; the step is added.
    private static final long NOISE = 1L << 32;
    private static final long TIME = 2L << 32;
    private static final long DROPOUT = 3L << 32;

    private static final double SMALLEST_TIME = 0.05;

    private final TrainConfig config;
    private final DitSubject subject;
    private final Dit dit;
    private final PackedImages images;
    private final @Nullable Latents latents;
    private final CaptionStates captions;
    private final ShuffledEpochs epochs;
    private final SampleGrid samples;

    /// Reads the pictures and encodes their captions.
    ///
    /// @param device draws the samples
    /// @param codec gives the latents, and pictures of samples; stays open and in use
    /// @param encoder turns captions into token states
    /// @throws IllegalArgumentException when no picture is selected, or codec or encoder do not fit the network
    public DitTask(TrainConfig config, DitSubject subject, Device device, LatentCodec codec, CaptionEncoder encoder) {
        this.config = config;
        this.subject = subject;
        if (codec.latentChannels() != subject.network().channels()) {
            throw new IllegalArgumentException("the codec's latents have " + codec.latentChannels()
                    + " channels but the network has " + subject.network().channels());
        }
        this.images = images(subject.data(), subject.network().size() * codec.compression());
        this.latents = subject.codec() == null ? null : Latents.of(images, codec);
        this.captions = CaptionStates.of(
                encoder, images.entries().stream().map(e -> e.caption()).toList());
        checkStates(captions, subject.text());
        this.dit = new Dit(subject.network());
        this.epochs = new ShuffledEpochs(images.count(), config.batch(), config.seed());
        this.samples = new SampleGrid(config.seed(), images, captions, device, codec);
    }

    /// The selected pictures, `size` pixels a side.
    static PackedImages images(TrainConfig.Data data, int size) {
        Selection selection = new Selection(
                Set.copyOf(data.splits()), Set.copyOf(data.styles()), Set.of(), Set.of(), data.skinTones());
        PackedImages images =
                ImageFolder.open(Path.of(data.folder())).select(selection).pack(size);
        List<String> further = data.further();
        for (String folder : further == null ? List.<String>of() : further) {
            images = images.and(
                    ImageFolder.open(Path.of(folder)).select(selection).pack(size));
        }
        return images;
    }

    private static void checkStates(CaptionStates captions, DitConfig.Text wanted) {
        Shape got = captions.text().states().shape();
        if (got.dim(1) != wanted.tokens() || got.dim(2) != wanted.states()) {
            throw new IllegalArgumentException("the network wants " + wanted.tokens() + " token states of width "
                    + wanted.states() + " but the text encoder gives " + got.dim(1) + " of width " + got.dim(2));
        }
    }

    @Override
    public Params params() {
        return dit.params();
    }

    @Override
    public Weights initial() {
        String start = subject.start();
        if (start == null) {
            return dit.params().initial(config.seed());
        }
        DitModel model = DitModel.load(Path.of(start));
        if (!model.config().network().equals(subject.network())) {
            throw new IllegalArgumentException(
                    "the run cannot start from " + start + ": the network there has other sizes");
        }
        return model.weights();
    }

    @Override
    public Weights frozen() {
        return new Weights();
    }

    @Override
    public Objective record(Recorder recorder) {
        return record(recorder, dit, config.batch());
    }

    /// Records the loss of a batch.
    ///
    /// | input             | shape        |                                            |
    /// |-------------------|--------------|--------------------------------------------|
    /// | `noisy`, `target` | (N, C, H, W) | what the network sees and should say       |
    /// | `time`, `weight`  | (N)          | timesteps 0 … 1000, weights of the errors  |
    /// | `states`          | (N, L, S)    | token states of the captions               |
    /// | `mask`            | (N, 1, 1, L) | 0 for tokens, very negative for padding    |
    public static Objective record(Recorder r, Dit dit, int batch) {
        DitConfig net = dit.config();
        DitConfig.Text text = (DitConfig.Text) net.condition();
        Shape picture = Shape.of(batch, net.channels(), net.size(), net.size());
        Tensor noisy = r.input("noisy", picture);
        Tensor time = r.input("time", Shape.of(batch));
        Tensor target = r.input("target", picture);
        Tensor weight = r.input("weight", Shape.of(batch));
        Tensor states = r.input("states", Shape.of(batch, text.tokens(), text.states()));
        Tensor mask = r.input("mask", Shape.of(batch, 1, 1, text.tokens()));
        Tensor prediction = dit.forward(noisy, time, new Dit.Caption(states, mask));
        Tensor error = prediction.sub(target).square().reshape(batch, -1).mean(false, 1); // (N)
        return Objective.of(error.mul(weight).mean(false));
    }

    @Override
    public void feed(int step, Player player) {
        int n = config.batch();
        int[] indices = epochs.batch(step);
        NdArray clean = latents == null ? images.batch(indices) : latents.batch(indices);
        NdArray noise = new Philox(config.seed(), NOISE + step).normal(clean.shape());
        Philox draws = new Philox(config.seed(), TIME + step);
        double[] t = new double[n];
        float[] time = new float[n];
        float[] weight = new float[n];
        for (int i = 0; i < n; i++) {
            t[i] = subject.timesteps().t(draws, i) * SCHEDULE.steps();
            time[i] = (float) t[i];
            weight[i] = (float) weight(t[i] / SCHEDULE.steps());
        }
        Noising noising = Noising.of(SCHEDULE, subject.prediction(), clean, noise, new Timesteps.Shared(t));
        var text = captions.rows(shown(indices, step));
        player.set("noisy", noising.x())
                .set("time", time)
                .set("target", noising.target())
                .set("weight", weight)
                .set("states", text.states())
                .set("mask", DitDenoiser.additive(text.mask()));
    }

    private double weight(double t) {
        return switch (subject.loss()) {
            case UNIFORM -> 1;
            case VELOCITY ->
                switch (subject.prediction()) {
                    case X0 -> 1 / Math.pow(Math.max(t, SMALLEST_TIME), 2);
                    case EPSILON -> 1 / Math.pow(Math.max(1 - t, SMALLEST_TIME), 2);
                    case V, VELOCITY -> 1;
                };
        };
    }

    private int[] shown(int[] indices, int step) {
        Philox dropout = new Philox(config.seed(), DROPOUT + step);
        int[] shown = Arrays.copyOf(indices, indices.length);
        for (int i = 0; i < shown.length; i++) {
            if (dropout.uniform(i) < subject.dropout()) {
                shown[i] = captions.empty();
            }
        }
        return shown;
    }

    @Override
    public void release(Weights weights, Path folder) {
        model(weights).save(folder, StorageType.F16);
        String codec = subject.codec();
        if (codec != null) {
            CodecFolder.copy(Path.of(codec), DitModel.codec(folder));
        }
    }

    @Override
    public void draw(Weights weights, Path file) {
        samples.draw(model(weights), file);
    }

    private static List<String> stylesOf(PackedImages images) {
        return images.entries().stream()
                .map(Entry::style)
                .filter(style -> !style.isEmpty())
                .distinct()
                .toList();
    }

    private DitModel model(Weights weights) {
        List<String> styles = subject.data().styles().isEmpty()
                ? stylesOf(images)
                : subject.data().styles();
        DitModel.Config model = new DitModel.Config(
                Path.of(config.out()).getFileName().toString(),
                subject.network(),
                subject.prediction(),
                styles.stream().distinct().toList(),
                new DitModel.Sampling("euler", 25, 2),
                subject.data().skinTones());
        return new DitModel(model, dit, weights);
    }
}
