package org.vortexel.dit;

import java.util.Arrays;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.noise.PullBack;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Carries gradients back through a captioned [Dit] under classifier-free guidance, which is linear in
/// its
/// two answers: `J = scale · J_with + (1 - scale) · J_without`. A few pictures at a time go forwards
/// and
/// backwards through one program, so that memory does not grow with the batch; pictures do not hang on
/// one
/// another.
///
/// Used by one thread at a time.
public final class GuidedPullBack implements PullBack, AutoCloseable {
    private final DitConfig config;
    private final PullBack.Recorded network;
    private final Condition.Text condition;
    private final Condition.Text instead;
    private final double scale;
    private final int most;

    private GuidedPullBack(
            DitConfig config,
            PullBack.Recorded network,
            Condition.Text condition,
            Condition.Text instead,
            double scale,
            int most) {
        this.config = config;
        this.network = network;
        this.condition = condition;
        this.instead = instead;
        this.scale = scale;
        this.most = most;
    }

    /// Records the network and its gradient.
    ///
    /// @param weights the model's; not modified
    /// @param time that all pictures are at
    /// @param condition what the pictures should show, one entry per picture
    /// @param instead the null condition or the negative prompt, as often
    /// @param scale of classifier-free guidance
    /// @param most how many pictures go through the program at a time
    public static GuidedPullBack of(
            Device device,
            Dit dit,
            Weights weights,
            Timesteps.Shared time,
            Condition.Text condition,
            Condition.Text instead,
            double scale,
            int most) {
        DitConfig config = dit.config();
        if (!(config.condition() instanceof DitConfig.Text text)) {
            throw new IllegalArgumentException("gradients are carried back through a model that is asked with words");
        }
        int rows = 2 * most; // the condition's, then those of what is asked instead
        Shape x = Shape.of(rows, config.channels(), config.size(), config.size());
        PullBack.Recorded network = PullBack.Recorded.of(
                device,
                weights,
                x,
                (r, in) -> dit.forward(
                        in,
                        r.input("time", Shape.of(rows)),
                        new Dit.Caption(
                                r.input("states", Shape.of(rows, text.tokens(), text.states())),
                                r.input("mask", Shape.of(rows, 1, 1, text.tokens())))));
        float[] times = new float[rows];
        Arrays.fill(times, (float) time.of(0));
        network.player().set("time", times);
        return new GuidedPullBack(config, network, condition, instead, scale, most);
    }

    /// The gradient of the input.
    ///
    /// @param x (N, C, H, W), one for every condition
    /// @param upstream the gradient of the guided output
    @Override
    public NdArray pull(NdArray x, NdArray upstream) {
        int batch = x.shape().dim(0);
        if (batch != condition.batch()) {
            throw new IllegalArgumentException(
                    "there are " + condition.batch() + " conditions for " + batch + " pictures");
        }
        NdArray gradient = NdArray.zeros(x.shape());
        for (int from = 0; from < batch; from += most) {
            pull(gradient, x, upstream, from, Math.min(most, batch - from));
        }
        return gradient;
    }

    /// Some of the pictures; rows of the program that are left over repeat the first of them with
    /// nothing
    /// upstream.
    private void pull(NdArray gradient, NdArray x, NdArray upstream, int from, int count) {
        NdArray here = NdArray.zeros(x.shape().with(0, 2 * most));
        NdArray above = NdArray.zeros(upstream.shape().with(0, 2 * most));
        DitConfig.Text text = (DitConfig.Text) config.condition();
        NdArray states = NdArray.zeros(Shape.of(2 * most, text.tokens(), text.states()));
        NdArray mask = NdArray.zeros(Shape.of(2 * most, text.tokens()));
        for (int row = 0; row < 2 * most; row++) {
            boolean wanted = row < most;
            int own = row % most < count ? from + row % most : from;
            copy(x, own, here, row, 1);
            copy((wanted ? condition : instead).states(), own, states, row, 1);
            copy((wanted ? condition : instead).mask(), own, mask, row, 1);
            copy(upstream, own, above, row, row % most >= count ? 0 : wanted ? scale : 1 - scale);
        }
        Player player = network.player();
        player.set("states", states).set("mask", DitDenoiser.additive(mask));
        NdArray pulled = network.pull(here, above);
        int size = x.data().length / x.shape().dim(0);
        for (int i = 0; i < count * size; i++) {
            gradient.data()[from * size + i] = pulled.data()[i] + pulled.data()[most * size + i];
        }
    }

    private static void copy(NdArray of, int row, NdArray to, int into, double factor) {
        int size = of.data().length / of.shape().dim(0);
        for (int i = 0; i < size; i++) {
            to.data()[into * size + i] = (float) (factor * of.data()[row * size + i]);
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
