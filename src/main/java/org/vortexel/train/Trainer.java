package org.vortexel.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.Reason;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.PackedImages;
import org.vortexel.data.Selection;
import org.vortexel.device.Device;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitModel;
import org.vortexel.tensor.Shape;

/// Trains a text-conditioned [Dit] on an image folder.
///
/// The folder of the run holds `config.json`, `metrics.jsonl`, `loss.png`, sample grids, `state.safetensors`
/// (the last checkpoint, from which [#run] resumes) and `model/` (the averaged weights, ready for use).
///
/// @param config everything the result depends on
/// @param device where the steps run
/// @param encoder turns captions into token states
/// @param listener told of every step
/// @param cancelled asked after every step; when true the run ends with a checkpoint
public record Trainer(
        TrainConfig config,
        Device device,
        CaptionEncoder encoder,
        Consumer<Progress> listener,
        BooleanSupplier cancelled) {
    private static final String STATE = "state.safetensors";
    private static final int LOG_EVERY = 20;

    /// How far a run is.
    ///
    /// @param step steps done
    /// @param steps steps in all
    /// @param loss of the last step
    /// @param imagesPerSecond over the last steps, 0 where unknown
    public record Progress(int step, int steps, double loss, double imagesPerSecond) {}

    /// How a run ended.
    ///
    /// @param step steps done
    /// @param finished false when it was cancelled; it can be resumed
    /// @param model the folder of the averaged weights
    public record Result(int step, boolean finished, Path model) {}

    /// Trains until the last step, or until cancelled.
    ///
    /// @param resume go on from the run's checkpoint, if there is one; otherwise a run that has begun is not
    /// overwritten
    /// @throws IllegalArgumentException when the folder of the run is in use and `resume` is false, or no picture
    ///     is selected
    public Result run(boolean resume) {
        Path out = Path.of(config.out());
        if (config.out().isBlank() || out.getFileName() == null) {
            throw new IllegalArgumentException("out must name a folder but is \"" + config.out() + "\"");
        }
        Path begun = out.resolve("config.json");
        if (!resume && Files.exists(begun)) {
            throw new IllegalArgumentException(
                    out + " already holds a run: use --resume to go on with it, or choose another folder");
        }
        PackedImages images = images();
        CaptionStates captions = CaptionStates.of(
                encoder, images.entries().stream().map(e -> e.caption()).toList());
        checkStates(captions);
        Dit dit = new Dit(config.network());
        Path checkpoint = out.resolve(STATE);
        TrainState state = Files.exists(checkpoint) ? TrainState.load(checkpoint, dit.params(), runName()) : begin(dit);
        Batches batches = new Batches(config, images, captions);
        SampleGrid samples = new SampleGrid(config, images, captions, device);
        try (TrainingProgram program = new TrainingProgram(device, dit, config, state)) {
            makeFolder(out); // not before everything that can be refused has been accepted
            Json.write(begun, config);
            MetricsLog log = MetricsLog.open(out.resolve("metrics.jsonl"), state.step());
            int step = state.step();
            double lossSum = 0;
            int lossCount = 0;
            long since = System.nanoTime();
            while (step < config.steps() && !cancelled.getAsBoolean()) {
                TrainingProgram.Result result = program.run(batches.of(step), step);
                if (!Double.isFinite(result.loss()) || !Double.isFinite(result.gradientNorm())) {
                    throw new ArithmeticException("training diverged at step " + (step + 1) + ": loss " + result.loss()
                            + ", gradient norm " + result.gradientNorm() + "; the last checkpoint is untouched");
                }
                step++;
                lossSum += result.loss();
                lossCount++;
                double speed = 0;
                if (step % LOG_EVERY == 0) {
                    speed = lossCount * (double) config.batch() * 1e9 / (System.nanoTime() - since);
                    double rate = config.optimiser().rate(step - 1, config.steps());
                    log.add(new MetricsLog.Line(step, lossSum / lossCount, result.gradientNorm(), rate, speed));
                    lossSum = 0;
                    lossCount = 0;
                    since = System.nanoTime();
                }
                listener.accept(new Progress(step, config.steps(), result.loss(), speed));
                boolean last = step == config.steps() || cancelled.getAsBoolean();
                boolean sampled = step % config.sampleEvery() == 0 || step == config.steps();
                if (step % config.checkpointEvery() == 0 || sampled || last) {
                    program.pull();
                    TrainState now = new TrainState(state.arrays(), step);
                    if (sampled) {
                        release(now, dit).save(out.resolve("model"), StorageType.F16);
                        samples.draw(release(now, dit), out.resolve("samples-%07d.png".formatted(step)));
                        LossPlot.draw(log.lines(), out.resolve("loss.png"));
                    }
                    now.save(checkpoint, runName()); // last: a run killed before it makes all of these again
                    since = System.nanoTime();
                }
            }
            return new Result(step, step >= config.steps(), out.resolve("model"));
        }
    }

    private TrainState begin(Dit dit) {
        String start = config.start();
        if (start == null) {
            return TrainState.initial(dit.params(), config.seed());
        }
        DitModel model = DitModel.load(Path.of(start));
        if (!model.config().network().equals(config.network())) {
            throw new IllegalArgumentException(
                    "the run cannot start from " + start + ": the network there has other sizes");
        }
        return TrainState.begin(dit.params(), model.weights());
    }

    private void checkStates(CaptionStates captions) {
        DitConfig.Text wanted = (DitConfig.Text) config.network().condition();
        Shape got = captions.text().states().shape();
        if (got.dim(1) != wanted.tokens() || got.dim(2) != wanted.states()) {
            throw new IllegalArgumentException("the network wants " + wanted.tokens() + " token states of width "
                    + wanted.states() + " but the text encoder gives " + got.dim(1) + " of width " + got.dim(2));
        }
    }

    private static void makeFolder(Path out) {
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + out + ": " + Reason.of(e), e);
        }
    }

    private PackedImages images() {
        TrainConfig.Data data = config.data();
        Selection selection = new Selection(
                Set.copyOf(data.splits()), Set.copyOf(data.styles()), Set.of(), Set.of(), data.skinTones());
        return ImageFolder.open(Path.of(data.folder()))
                .select(selection)
                .pack(config.network().size());
    }

    private DitModel release(TrainState state, Dit dit) {
        List<String> styles = new ArrayList<>(new HashSet<>(config.data().styles()));
        DitModel.Config model = new DitModel.Config(
                Path.of(config.out()).getFileName().toString(),
                config.network(),
                config.prediction(),
                styles.stream().sorted().toList(),
                new DitModel.Sampling("euler", 25, 2),
                config.data().skinTones());
        return new DitModel(model, dit, state.averaged(dit.params()));
    }

    /// What makes a run itself: everything that its bits depend on, not how often it is looked at.
    private String runName() {
        TrainConfig c = config;
        return Json.text(new TrainConfig(
                c.data(),
                c.network(),
                c.start(),
                c.prediction(),
                c.loss(),
                c.timesteps(),
                c.optimiser(),
                c.batch(),
                c.steps(),
                c.dropout(),
                c.seed(),
                1,
                1,
                ""));
    }
}
