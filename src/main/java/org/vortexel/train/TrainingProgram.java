package org.vortexel.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.op.AdamW;
import org.vortexel.op.GradientClip;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

/// One training step as one program: forward, loss, backward, clipping, AdamW and the moving average.
public final class TrainingProgram implements AutoCloseable {
    private static final double EPS = 1e-8;
    private static final String PART = "part.";

    private final TrainConfig config;
    private final Task task;
    private final Program program;
    private final Player player;

    TrainingProgram(Device device, Task task, TrainConfig config, TrainState state) {
        this.config = config;
        this.task = task;
        Recorder recorder = new Recorder();
        this.program = record(recorder, task.record(recorder), task.params(), config.optimiser());
        Weights weights = new Weights(state.arrays().asMap());
        task.frozen().asMap().forEach(weights::put);
        this.player = device.load(program, weights);
    }

    /// Completes a recorded loss to a step.
    ///
    /// The program's inputs are those of the loss and `optimiser` ([AdamW#NUMBERS]), see
    /// [AdamW.Settings#numbers]. Its outputs are the scalars `loss`, `norm` (of all gradients, before clipping)
    /// and `part.…`.
    ///
    /// @param recorder what the loss was recorded on
    /// @param params what is learnt; those that are not trained stay
    public static Program record(Recorder recorder, Task.Objective objective, Params params, Optimiser optimiser) {
        Tensor settings = recorder.input("optimiser", Shape.of(AdamW.NUMBERS));
        List<Parameter> trained = TrainState.trained(params);
        List<Tensor> weights = trained.stream().map(p -> p.on(settings)).toList();
        List<Tensor> gradients = Gradients.of(recorder, objective.loss(), weights);
        GradientClip clip = GradientClip.of(gradients, (float) optimiser.clip());
        for (int i = 0; i < trained.size(); i++) {
            Parameter p = trained.get(i);
            Tensor average = recorder.parameter(TrainState.AVERAGE + p.name(), p.shape());
            Tensor moment1 = recorder.parameter(TrainState.MOMENT1 + p.name(), p.shape());
            Tensor moment2 = recorder.parameter(TrainState.MOMENT2 + p.name(), p.shape());
            int rank = p.shape().rank();
            boolean decays = rank == 2 || rank == 4; // matrices and convolutions; no vectors, no tables
            AdamW.step(
                    decays, weights.get(i), moment1, moment2, gradients.get(i), settings, clip.coefficient(), average);
        }
        recorder.output("loss", objective.loss());
        recorder.output("norm", clip.norm());
        objective.parts().forEach((name, tensor) -> recorder.output(PART + name, tensor));
        return recorder.program();
    }

    /// What a step tells.
    ///
    /// @param loss before the step
    /// @param gradientNorm norm of all gradients before clipping
    /// @param parts of the loss, by name
    record Result(double loss, double gradientNorm, Map<String, Double> parts) {}

    /// Does step number `step` (from 0) and changes the state's arrays.
    Result run(int step) {
        Optimiser o = config.optimiser();
        AdamW.Settings adam = new AdamW.Settings(o.beta1(), o.beta2(), EPS, o.weightDecay(), o.averageDecay(step));
        task.feed(step, player);
        player.set("optimiser", adam.numbers(step + 1L, o.rate(step, config.steps())));
        player.run();
        Map<String, Double> parts = new LinkedHashMap<>();
        for (String output : program.outputs().keySet()) {
            if (output.startsWith(PART)) {
                parts.put(output.substring(PART.length()), (double)
                        player.get(output).data()[0]);
            }
        }
        return new Result(player.get("loss").data()[0], player.get("norm").data()[0], parts);
    }

    /// Where a step whose loss was not finite went wrong; such a step has changed nothing.
    Optional<String> findNonFinite() {
        return player.findNonFinite();
    }

    /// Brings what the device changed back into the state's arrays.
    void pull() {
        player.pull();
    }

    @Override
    public void close() {
        player.close();
    }
}
