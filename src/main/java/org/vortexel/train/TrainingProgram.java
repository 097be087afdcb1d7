package org.vortexel.train;

import java.util.List;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitDenoiser;
import org.vortexel.nn.Parameter;
import org.vortexel.op.AdamW;
import org.vortexel.op.GradientClip;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.Shape;

/// One training step as one program: forward, loss, backward, clipping, AdamW and the moving average.
///
/// `loss = mean over pictures of weight * mean((prediction - target)²)`
public final class TrainingProgram implements AutoCloseable {
    private static final double EPS = 1e-8;

    private final TrainConfig config;
    private final Player player;

    TrainingProgram(Device device, Dit dit, TrainConfig config, TrainState state) {
        this.config = config;
        this.player = device.load(record(dit, config), state.arrays());
    }

    /// Records the step.
    ///
    /// | input                           | shape        |                                            |
    /// |---------------------------------|--------------|--------------------------------------------|
    /// | `noisy`, `target`               | (N, C, H, W) | what the network sees and should say       |
    /// | `time`, `weight`                | (N)          | timesteps 0 … 1000, weights of the errors  |
    /// | `states`                        | (N, L, S)    | token states of the captions               |
    /// | `mask`                          | (N, 1, 1, L) | 0 for tokens, very negative for padding    |
    /// | `optimiser`                     | (8)          | [AdamW.Settings#numbers]                   |
    ///
    /// Outputs are the scalars `loss` and `norm`.
    public static Program record(Dit dit, TrainConfig config) {
        DitConfig net = dit.config();
        DitConfig.Text text = (DitConfig.Text) net.condition();
        int n = config.batch();
        Shape picture = Shape.of(n, net.channels(), net.size(), net.size());
        Recorder r = new Recorder();
        Tensor noisy = r.input("noisy", picture);
        Tensor time = r.input("time", Shape.of(n));
        Tensor target = r.input("target", picture);
        Tensor weight = r.input("weight", Shape.of(n));
        Tensor states = r.input("states", Shape.of(n, text.tokens(), text.states()));
        Tensor mask = r.input("mask", Shape.of(n, 1, 1, text.tokens()));
        Tensor settings = r.input("optimiser", Shape.of(AdamW.NUMBERS));

        Tensor prediction = dit.forward(noisy, time, new Dit.Caption(states, mask));
        Tensor error = prediction.sub(target).square().reshape(n, -1).mean(false, 1); // (N)
        Tensor loss = error.mul(weight).mean(false);

        List<Parameter> trained = TrainState.trained(dit.params());
        List<Tensor> weights = trained.stream().map(p -> p.on(noisy)).toList();
        List<Tensor> gradients = Gradients.of(r, loss, weights);
        GradientClip clip =
                GradientClip.of(gradients, (float) config.optimiser().clip());
        for (int i = 0; i < trained.size(); i++) {
            Parameter p = trained.get(i);
            Tensor average = r.parameter(TrainState.AVERAGE + p.name(), p.shape());
            Tensor moment1 = r.parameter(TrainState.MOMENT1 + p.name(), p.shape());
            Tensor moment2 = r.parameter(TrainState.MOMENT2 + p.name(), p.shape());
            boolean decays = p.shape().rank() == 2;
            AdamW.step(
                    decays, weights.get(i), moment1, moment2, gradients.get(i), settings, clip.coefficient(), average);
        }
        r.output("loss", loss);
        r.output("norm", clip.norm());
        return r.program();
    }

    /// What a step tells.
    ///
    /// @param loss weighted mean squared error before the step
    /// @param gradientNorm norm of all gradients before clipping
    record Result(double loss, double gradientNorm) {}

    /// Does step number `step` (from 0) and changes the state's arrays.
    Result run(Batch batch, int step) {
        TrainConfig.Optimiser o = config.optimiser();
        AdamW.Settings adam = new AdamW.Settings(o.beta1(), o.beta2(), EPS, o.weightDecay(), o.averageDecay(step));
        player.set("noisy", batch.noisy())
                .set("time", batch.time())
                .set("target", batch.target())
                .set("weight", batch.weight())
                .set("states", batch.text().states())
                .set("mask", DitDenoiser.additive(batch.text().mask()))
                .set("optimiser", adam.numbers(step + 1L, o.rate(step, config.steps())));
        player.run();
        return new Result(player.get("loss").data()[0], player.get("norm").data()[0]);
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
