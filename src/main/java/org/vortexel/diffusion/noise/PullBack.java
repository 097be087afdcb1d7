package org.vortexel.diffusion.noise;

import java.util.List;
import java.util.function.BiFunction;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Carries a gradient back through a network: the product of the network's Jacobian with a vector, from its output to
/// its input. Parameters stay as they are and get no gradients.
@FunctionalInterface
public interface PullBack {
    /// The gradient of the input.
    ///
    /// @param x (N, C, H, W) where the network is asked; not modified
    /// @param upstream the gradient of the network's output there, of the output's shape
    NdArray pull(NdArray x, NdArray upstream);

    /// A network as a program, forwards and backwards.
    ///
    /// Used by one thread at a time.
    final class Recorded implements PullBack, AutoCloseable {
        private final Player player;

        private Recorded(Player player) {
            this.player = player;
        }

        /// Records `network` and its gradient.
        ///
        /// @param shape of `x`
        /// @param network from the recorder, which it may ask for inputs other than `x` and `upstream`, and
        /// `x` to the output
        public static Recorded of(
                Device device, Weights weights, Shape shape, BiFunction<Recorder, Tensor, Tensor> network) {
            Recorder recorder = new Recorder();
            Tensor x = recorder.input("x", shape);
            Tensor out = network.apply(recorder, x);
            Tensor upstream = recorder.input("upstream", out.shape());
            recorder.output(
                    "gradient",
                    Gradients.of(recorder, List.of(out), List.of(upstream), List.of(x))
                            .getFirst());
            return new Recorded(device.load(recorder.program(), weights));
        }

        /// Gives the network's other inputs, which stay until they are given again.
        public Player player() {
            return player;
        }

        @Override
        public NdArray pull(NdArray x, NdArray upstream) {
            player.set("x", x).set("upstream", upstream).run();
            return player.get("gradient");
        }

        @Override
        public void close() {
            player.close();
        }
    }
}
