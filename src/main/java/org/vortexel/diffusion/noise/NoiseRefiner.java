package org.vortexel.diffusion.noise;

import java.util.List;
import java.util.function.Consumer;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Estimate;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseLevel;
import org.vortexel.diffusion.Prediction;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What happens to the noise of a batch before sampling begins, so that pictures of one prompt become less alike. The
/// sampler, the network and the condition stay as they are.
public sealed interface NoiseRefiner {
    /// The refined noise, of the same shape; `noise` is not modified.
    ///
    /// @param noise unit noise (N, C, H, W)
    /// @param start the first step of sampling
    NdArray refine(NdArray noise, Start start);

    /// The first step of sampling, seen from the noise.
    ///
    /// @param network with the guidance of the sampling
    /// @param prediction what the network outputs
    /// @param interval the first step
    /// @param scale what unit noise is multiplied with to become `x`
    /// @param perPrompt how many pictures of the batch, one after the other, share a prompt; only they are
    /// compared
    record Start(GuidedDenoiser network, Prediction prediction, Interval interval, double scale, int perPrompt) {
        public Start {
            if (perPrompt < 1) {
                throw new IllegalArgumentException("a prompt has at least one picture, not " + perPrompt);
            }
        }

        /// What the network believes about noise; an output's learnt variance is left out.
        private NdArray believes(NdArray x) {
            return network.predict(x, interval.timesteps());
        }

        private NdArray tweedie(NdArray x, NdArray output) {
            return Estimate.of(prediction, x, output, interval.from(), Clip.NONE)
                    .x0();
        }
    }

    /// The noise stays.
    record Off() implements NoiseRefiner {
        @Override
        public NdArray refine(NdArray noise, Start start) {
            return noise;
        }
    }

    /// How the loss finds its way from the pictures back to the noise.
    sealed interface Way {
        /// The network's output is taken for a constant: the gradient is the Tweedie formula's own, and the
        /// network is never differentiated.
        ///
        /// @param refresh whether the network is asked again before every step; otherwise its first answer is
        /// kept
        record Stop(boolean refresh) implements Way {}

        /// Through the network.
        ///
        /// @param network the Jacobian of the very network that is asked, guidance included
        record Full(PullBack network) implements Way {}
    }

    /// CNO: a few steps of Adam on the noise push the one-step estimates of the pictures apart, while each is
    /// held to what it was at first. One picture per prompt has nothing to be pushed from and stays.
    ///
    /// Source: CNO, [arXiv:2510.03813](https://arxiv.org/abs/2510.03813), algorithm 1.
    ///
    /// @param iterations steps of Adam, usually 3
    /// @param rate of Adam, usually 0.01; elements move by about `iterations · rate` at most
    /// @param loss what is made small
    /// @param way how its gradient reaches the noise
    /// @param seen told about every step
    record Contrastive(int iterations, double rate, ContrastiveLoss loss, Way way, Consumer<Step> seen)
            implements NoiseRefiner {
        public Contrastive {
            if (iterations < 1 || !(rate > 0)) {
                throw new IllegalArgumentException("noise is optimised in at least one step at a positive rate, not "
                        + iterations + " at " + rate);
            }
        }

        /// Three steps at a rate of 0.01, the network's output taken for a constant.
        public static Contrastive usual() {
            return new Contrastive(3, 0.01, ContrastiveLoss.usual(), new Way.Stop(true), step -> {});
        }

        /// One step of Adam.
        ///
        /// @param index from 0
        /// @param loss before the step, the mean over prompts
        /// @param gradient of the noise, that the step used
        /// @param noise after the step
        /// @param norm the root mean square of the noise after the step; 1 for normal noise. A drift warns of
        /// spoilt pictures
        public record Step(int index, double loss, NdArray gradient, NdArray noise, double norm) {}

        @Override
        public NdArray refine(NdArray noise, Start start) {
            int batch = noise.shape().dim(0);
            if (batch % start.perPrompt() != 0) {
                throw new IllegalArgumentException(
                        "a batch of " + batch + " does not divide into prompts of " + start.perPrompt());
            }
            if (start.perPrompt() == 1) {
                return noise;
            }
            NdArray z = noise.copy();
            Adam adam = new Adam(rate, z.data().length);
            NdArray x = scaled(z, start.scale());
            NdArray output = start.believes(x);
            NdArray anchors = start.tweedie(x, output);
            for (int k = 0; k < iterations; k++) {
                if (k > 0) {
                    x = scaled(z, start.scale());
                    output = refreshes() ? start.believes(x) : output;
                }
                NdArray y = start.tweedie(x, output);
                double mean = 0;
                NdArray upstream = NdArray.zeros(y.shape());
                int prompts = batch / start.perPrompt();
                for (int p = 0; p < prompts; p++) {
                    int from = p * start.perPrompt();
                    int to = from + start.perPrompt();
                    ContrastiveLoss.Value value = loss.of(y.rows(from, to), anchors.rows(from, to));
                    mean += value.loss() / prompts;
                    float[] part = value.gradient().data();
                    System.arraycopy(part, 0, upstream.data(), p * part.length, part.length);
                }
                NdArray gradient = scaled(toNoise(start, x, output, upstream), start.scale());
                adam.step(z, gradient);
                seen.accept(new Step(k, mean, gradient, z.copy(), rootMeanSquare(z)));
            }
            return z;
        }

        private boolean refreshes() {
            return switch (way) {
                case Way.Stop(boolean refresh) -> refresh;
                case Way.Full _ -> true;
            };
        }

        /// The gradient of `x` from that of its estimate `y = a x + b m`.
        private NdArray toNoise(Start start, NdArray x, NdArray output, NdArray upstream) {
            Factors[] factors = factors(start, x.shape());
            NdArray gradient = NdArray.zeros(x.shape());
            switch (way) {
                case Way.Stop _ -> {
                    for (int i = 0; i < gradient.data().length; i++) {
                        gradient.data()[i] = (float) (factors[i].alone * upstream.data()[i]);
                    }
                }
                case Way.Full(PullBack network) -> {
                    NdArray ofOutput = NdArray.zeros(output.shape());
                    int picture = x.shape().size(1, 4);
                    int out = output.shape().size(1, 4); // longer by a learnt variance
                    for (int i = 0; i < gradient.data().length; i++) {
                        ofOutput.data()[i / picture * out + i % picture] =
                                (float) (factors[i].output * upstream.data()[i]);
                    }
                    NdArray pulled = network.pull(x, ofOutput);
                    for (int i = 0; i < gradient.data().length; i++) {
                        gradient.data()[i] = (float) (factors[i].x * upstream.data()[i] + pulled.data()[i]);
                    }
                }
            }
            return gradient;
        }

        /// `x0 = x · x_t + output · m` for one element, and the factor of `x_t` when the noise in it is held.
        private record Factors(double x, double output, double alone) {
            /// A network that predicts the picture itself has no `x` in its formula; a factor of 1 then
            /// keeps the direction, which is all that Adam looks at.
            static Factors of(Prediction prediction, NoiseLevel level) {
                double x = prediction.x0(1, 0, level);
                return new Factors(x, prediction.x0(0, 1, level), prediction == Prediction.X0 ? 1 : x);
            }
        }

        private static Factors[] factors(Start start, Shape shape) {
            int[] region = start.interval().from().regionOf(shape);
            List<Factors> of = start.interval().from().levels().stream()
                    .map(level -> Factors.of(start.prediction(), level))
                    .toList();
            Factors[] factors = new Factors[region.length];
            for (int i = 0; i < factors.length; i++) {
                factors[i] = of.get(region[i]);
            }
            return factors;
        }

        private static NdArray scaled(NdArray array, double factor) {
            NdArray scaled = array.copy();
            for (int i = 0; i < scaled.data().length; i++) {
                scaled.data()[i] *= (float) factor;
            }
            return scaled;
        }

        private static double rootMeanSquare(NdArray z) {
            double sum = 0;
            for (float value : z.data()) {
                sum += (double) value * value;
            }
            return Math.sqrt(sum / z.data().length);
        }
    }

    /// Noise of which every picture is normal, but no two independent. Costs nothing.
    ///
    /// Source: [arXiv:2605.11311](https://arxiv.org/abs/2605.11311).
    enum Coupling {
        /// `sqrt(B / (B - 1)) (g_i - mean of g)` over the B pictures of a prompt.
        REPULSIVE,
        /// Pictures of a prompt in pairs `g, -g`; one left over keeps its own.
        ANTITHETIC
    }

    /// Coupled noise; see [Coupling].
    ///
    /// @param coupling how
    record Coupled(Coupling coupling) implements NoiseRefiner {
        @Override
        public NdArray refine(NdArray noise, Start start) {
            return coupled(noise, start.perPrompt());
        }

        /// The coupled noise; a picture alone keeps its own.
        ///
        /// @param group how many pictures, one after the other, are coupled
        public NdArray coupled(NdArray noise, int group) {
            NdArray coupled = noise.copy();
            int size = noise.shape().size(1, noise.shape().rank());
            for (int from = 0; group > 1 && from + group <= noise.shape().dim(0); from += group) {
                for (int i = 0; i < size; i++) {
                    double mean = 0;
                    for (int k = from; k < from + group; k++) {
                        mean += noise.data()[k * size + i] / (double) group;
                    }
                    for (int k = from; k < from + group; k++) {
                        coupled.data()[k * size + i] = switch (coupling) {
                            case REPULSIVE ->
                                (float) (Math.sqrt(group / (group - 1.0)) * (noise.data()[k * size + i] - mean));
                            case ANTITHETIC ->
                                (k - from) % 2 == 0 ? noise.data()[k * size + i] : -noise.data()[(k - 1) * size + i];
                        };
                    }
                }
            }
            return coupled;
        }
    }
}
