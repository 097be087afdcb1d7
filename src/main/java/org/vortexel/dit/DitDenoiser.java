package org.vortexel.dit;

import java.util.HashMap;
import java.util.Map;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Denoiser;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A [Dit] with its weights on a device, asked by samplers. Records one program for every batch size it meets.
///
/// Used by one thread at a time.
public final class DitDenoiser implements Denoiser, AutoCloseable {
    /// Added to the attention scores of padding: large enough to vanish in a softmax, and finite.
    public static final float MASKED = -1e9f;

    private final Device device;
    private final Dit dit;
    private final Weights weights;
    private final Map<Key, Player> players = new HashMap<>();

    /// What a program was recorded for.
    private record Key(int batch, boolean perToken) {}

    /// @param weights the model's; not modified, and not to be modified while this is open
    public DitDenoiser(Device device, Dit dit, Weights weights) {
        this.device = device;
        this.dit = dit;
        this.weights = weights;
    }

    @Override
    public NdArray predict(NdArray x, Timesteps timesteps, Condition condition) {
        int batch = x.shape().dim(0);
        boolean perToken = timesteps instanceof Timesteps.PerToken;
        Player player = players.computeIfAbsent(new Key(batch, perToken), this::record);
        player.set("x", x);
        player.set("time", times(timesteps, batch));
        switch (condition) {
            case Condition.Label label -> player.set("labels", label.labels());
            case Condition.Text text -> player.set("states", text.states()).set("mask", additive(text.mask()));
            case Condition.None _ -> throw new IllegalArgumentException("a Dit wants a label or a text");
        }
        player.run();
        return player.get("out");
    }

    private static float[] times(Timesteps timesteps, int batch) {
        double[] times = timesteps.times();
        float[] floats = new float[times.length == 1 ? batch : times.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) times[times.length == 1 ? 0 : i];
        }
        return floats;
    }

    /// A mask of 1 for tokens and 0 for padding as numbers to add to attention scores, in the same order.
    public static float[] additive(NdArray mask) {
        float[] added = new float[mask.shape().size()];
        for (int i = 0; i < added.length; i++) {
            added[i] = mask.data()[i] == 0 ? MASKED : 0;
        }
        return added;
    }

    private Player record(Key key) {
        DitConfig config = dit.config();
        int n = key.batch;
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(n, config.channels(), config.size(), config.size()));
        Tensor time = r.input("time", key.perToken ? Shape.of(n, config.tokens()) : Shape.of(n));
        Dit.Condition condition = switch (config.condition()) {
            case DitConfig.Classes _ -> new Dit.Labels(r.ids("labels", Shape.of(n)));
            case DitConfig.Text text ->
                new Dit.Caption(
                        r.input("states", Shape.of(n, text.tokens(), text.states())),
                        r.input("mask", Shape.of(n, 1, 1, text.tokens())));
        };
        r.output("out", dit.forward(x, time, condition));
        return device.load(r.program(), weights);
    }

    @Override
    public void close() {
        players.values().forEach(Player::close);
        players.clear();
    }
}
