package org.vortexel.bench;

import java.util.HashMap;
import java.util.Map;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.dit.Dit;
import org.vortexel.op.AdamW;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.train.DitTask;
import org.vortexel.train.TrainConfig;
import org.vortexel.train.TrainingProgram;

/// A step of training the model that ships: forward, backward, clipping, AdamW and the moving average.
final class TrainingStep implements Peer {
    private static final double RATE = 1e-6;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.99;
    private static final double AVERAGE = 0.995;

    private final HostDevice device;
    private final Player player;

    TrainingStep(int threads) {
        Program program = program();
        Recorded forward = forward();
        Weights weights = new Weights();
        program.parameters().forEach((name, tensor) -> {
            boolean moment = name.startsWith("moment");
            String of = name.startsWith("average.") ? name.substring("average.".length()) : name;
            float[] values =
                    moment ? new float[tensor.size()] : forward.weights().get(of).data().clone();
            weights.put(name, NdArray.of(tensor.shape(), values));
        });
        Map<String, float[]> inputs = new HashMap<>(forward.inputs());
        inputs.put("optimiser", new AdamW.Settings(BETA1, BETA2, 1e-8, 0, AVERAGE).numbers(1, RATE));
        device = HostDevice.of(threads);
        player = new Recorded(program, weights, inputs).on(device);
    }

    /// The same step by PyTorch: its autograd, its fused AdamW.
    static Peer byPyTorch(int threads) {
        float[] lossAndNorm = new float[2];
        try (TrainingStep ours = new TrainingStep(1)) {
            ours.run();
            lossAndNorm[0] = ours.player.get("loss").data()[0];
            lossAndNorm[1] = ours.player.get("norm").data()[0];
        }
        return PyTorch.training(forward(), lossAndNorm, RATE, BETA1, BETA2, AVERAGE, threads);
    }

    /// The loss alone.
    private static Recorded forward() {
        Recorder recorder = new Recorder();
        Dit dit = new Dit(Recorded.emoji().network());
        recorder.output("loss", DitTask.record(recorder, dit, Recorded.training().batch()).loss());
        return Recorded.of(recorder.program());
    }

    /// The step as a program.
    static Program program() {
        TrainConfig config = Recorded.training();
        Dit dit = new Dit(Recorded.emoji().network());
        Recorder recorder = new Recorder();
        return TrainingProgram.record(
                recorder, DitTask.record(recorder, dit, config.batch()), dit.params(), config.optimiser());
    }

    @Override
    public void run() {
        player.run();
    }

    @Override
    public void close() {
        player.close();
        device.close();
    }
}
