package org.vortexel.bench;

import java.nio.file.Path;
import org.vortexel.checkpoint.Json;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.dit.Dit;
import org.vortexel.op.AdamW;
import org.vortexel.op.DType;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.train.DitSubject;
import org.vortexel.train.DitTask;
import org.vortexel.train.Task;
import org.vortexel.train.TrainConfig;
import org.vortexel.train.TrainingProgram;

/// A step of training the model that ships: forward, backward, clipping, AdamW and the moving average.
final class TrainingStep implements Peer {
    private static final Path CONFIG = Path.of("../weights/emoji/train.json");

    private final HostDevice device;
    private final Player player;

    TrainingStep(int threads) {
        Program program = program();
        Weights weights = new Weights();
        program.parameters().forEach((name, tensor) -> {
            float[] values = name.contains("moment") ? new float[tensor.size()] : Peer.normal(tensor.size());
            for (int i = 0; i < values.length; i++) {
                values[i] *= 0.05f;
            }
            weights.put(name, NdArray.of(tensor.shape(), values));
        });
        device = HostDevice.of(threads);
        player = device.load(program, weights);
        program.inputs().forEach((name, tensor) -> {
            if (tensor.dtype() == DType.F32) {
                player.set(name, Peer.normal(tensor.size()));
            }
        });
        player.set("optimiser", new AdamW.Settings(0.9, 0.99, 1e-8, 0, 0.995).numbers(100, 1e-6));
    }

    /// The step as a program.
    static Program program() {
        TrainConfig config = Json.read(CONFIG, TrainConfig.class);
        Dit dit = new Dit(((DitSubject) config.subject()).network());
        Recorder recorder = new Recorder();
        Task.Objective objective = DitTask.record(recorder, dit, config.batch());
        return TrainingProgram.record(recorder, objective, dit.params(), config.optimiser());
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
