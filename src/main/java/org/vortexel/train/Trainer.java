package org.vortexel.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.Reason;
import org.vortexel.device.Device;
import org.vortexel.program.Weights;

/// Trains whatever a [Task] describes.
///
/// The folder of the run holds `config.json`, `metrics.jsonl`, `measures.json`, `loss.png`, sample
/// grids, `state.safetensors` (the last checkpoint, from which [#run] resumes) and `model/` (the
/// averaged weights, ready for use).
///
/// @param config everything the result depends on
/// @param device where the steps run
/// @param task what is trained
/// @param listener told of every step
/// @param cancelled asked after every step; when true the run ends with a checkpoint
public record Trainer(
        TrainConfig config, Device device, Task task, Consumer<Progress> listener, BooleanSupplier cancelled) {
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
    /// @throws IllegalArgumentException when the folder of the run is in use and `resume` is false
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
        Path checkpoint = out.resolve(STATE);
        TrainState state = Files.exists(checkpoint)
                ? TrainState.load(checkpoint, task.params(), runName())
                : TrainState.begin(task.params(), task.initial());
        try (TrainingProgram program = new TrainingProgram(device, task, config, state)) {
            makeFolder(out); // not before everything that can be refused has been accepted
            Json.write(begun, config);
            MetricsLog log = MetricsLog.open(out.resolve("metrics.jsonl"), state.step());
            int step = state.step();
            double lossSum = 0;
            int lossCount = 0;
            long since = System.nanoTime();
            while (step < config.steps() && !cancelled.getAsBoolean()) {
                TrainingProgram.Result result = program.run(step);
                if (!Double.isFinite(result.loss()) || !Double.isFinite(result.gradientNorm())) {
                    throw new ArithmeticException("training diverged at step " + (step + 1) + ": loss " + result.loss()
                            + ", gradient norm " + result.gradientNorm()
                            + program.findNonFinite()
                                    .map(place -> ", and that began at " + place)
                                    .orElse("")
                            + "; the last checkpoint is untouched");
                }
                step++;
                lossSum += result.loss();
                lossCount++;
                double speed = 0;
                if (step % LOG_EVERY == 0) {
                    speed = lossCount * (double) config.batch() * 1e9 / (System.nanoTime() - since);
                    double rate = config.optimiser().rate(step - 1, config.steps());
                    log.add(new MetricsLog.Line(
                            step, lossSum / lossCount, result.gradientNorm(), rate, speed, result.parts()));
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
                        Weights averaged = now.averaged(task.params());
                        task.release(averaged, out.resolve("model"));
                        Map<String, Double> measured = task.measure(averaged);
                        if (!measured.isEmpty()) {
                            Measures.add(out, new Measures.Line(step, measured));
                        }
                        task.draw(averaged, out.resolve("samples-%07d.png".formatted(step)));
                        LossPlot.draw(log.lines(), out.resolve("loss.png"));
                    }
                    now.save(checkpoint, runName()); // last: a run killed before it makes all of these again
                    since = System.nanoTime();
                }
            }
            return new Result(step, step >= config.steps(), out.resolve("model"));
        }
    }

    private static void makeFolder(Path out) {
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + out + ": " + Reason.of(e), e);
        }
    }

    /// What makes a run itself: everything that its bits depend on, not how often it is looked at.
    private String runName() {
        return Json.text(config.seen(1, 1, ""));
    }
}
