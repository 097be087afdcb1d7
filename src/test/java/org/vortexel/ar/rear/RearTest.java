package org.vortexel.ar.rear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.GptConfig;
import org.vortexel.ar.TokenLoss;
import org.vortexel.codebook.Codebook;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class RearTest {
    @Nested
    class Noise {
        @Test
        void isAnnealedAsPublished() {
            NoiseAnnealing annealing = NoiseAnnealing.published(1000);
            double[] at = {0, .1, .25, .375, .5, .75, .9};
            double[] wanted = {1, .866667, .666667, .5, .333333, 0, 0};
            for (int i = 0; i < at.length; i++) {
                assertEquals(wanted[i], annealing.maxRatio(Math.round(1000 * at[i])), 1e-6);
            }
            assertEquals(1, new NoiseAnnealing(10, 20).maxRatio(3));
            assertThrows(IllegalArgumentException.class, () -> new NoiseAnnealing(2, 1));
        }

        @Test
        void hasAShareOfItsOwnForEveryPicture() {
            int pictures = 4000;
            int length = 64;
            int[] clean = new int[pictures * length];
            NoisyContext.Draws draws = NoisyContext.Draws.of(1, 0, pictures, length, 4);
            NoisyContext noisy = NoisyContext.of(clean, draws, 0.8f, NoisyContext.Mode.SWITCH, 4);
            double sum = 0;
            double squares = 0;
            double changed = 0;
            for (int n = 0; n < pictures; n++) {
                double share = 0;
                for (int i = n * length; i < (n + 1) * length; i++) {
                    share += noisy.replaced()[i] / length;
                    changed += noisy.tokens()[i] == 0 ? 0 : 1;
                }
                sum += share;
                squares += share * share;
            }
            double mean = sum / pictures;
            assertEquals(0.4, mean, 0.015);
            assertEquals(0.4 * 0.75, changed / clean.length, 0.015);
            double binomial = (0.4 - 0.8 * 0.8 / 3) / length;
            assertEquals(0.64 / 12 + binomial, squares / pictures - mean * mean, 0.005);
        }

        @Test
        void offChangesNothing() {
            int[] clean = {1, 2, 3, 0};
            NoisyContext.Draws draws = NoisyContext.Draws.of(1, 0, 2, 2, 4);
            assertArrayEquals(
                    clean,
                    NoisyContext.of(clean, draws, 0, NoisyContext.Mode.SWITCH, 4)
                            .tokens());
            assertArrayEquals(
                    clean,
                    NoisyContext.of(clean, draws, 1, NoisyContext.Mode.NONE, 4).tokens());
        }

        @Test
        void learningRatesRiseAndFall() {
            WarmCosine rate = WarmCosine.published();
            assertEquals(0, rate.at(0));
            assertEquals(4e-4, rate.at(62_500), 1e-15);
            assertEquals(1e-5, rate.at(250_000), 1e-15);
        }
    }

    private static final int K = 6;
    private static final int WIDTH = 8;
    private static final int CODE = 3;

    /// The losses of given heads, states and codes.
    private static float[] losses(Alignment.Config config, Codebook codebook, float[] replaced) {
        Params params = new Params();
        Alignment alignment = new Alignment(config, params, WIDTH, 4, CODE);
        Recorder r = new Recorder();
        Tensor states = r.constant(Philox.of(4).normal(Shape.of(1, 4, WIDTH)));
        Tensor targets = r.ids("targets", Shape.of(1, 4));
        Alignment.Side side = new Alignment.Side(states, targets);
        Alignment.Losses losses = alignment.losses(codebook, side, r.input("replaced", Shape.of(1, 4)), side);
        r.output("encode", losses.encode());
        r.output("decode", losses.decode());
        r.output("weighted", losses.weighted());
        List<Tensor> slopes = Gradients.of(
                r,
                losses.weighted(),
                params.all().stream().map(p -> p.on(states)).toList());
        for (int i = 0; i < slopes.size(); i++) {
            r.output("slope" + i, slopes.get(i));
        }
        try (Device device = HostDevice.of(1);
                Player player = device.load(r.program(), params.initial(6))) {
            player.set("targets", 0, 5, 2, 2).set("replaced", replaced).run();
            for (int i = 0; i < slopes.size(); i++) {
                assertEquals(-1, player.get("slope" + i).firstNonFinite());
            }
            return new float[] {
                player.get("encode").data()[0],
                player.get("decode").data()[0],
                player.get("weighted").data()[0]
            };
        }
    }

    private static Alignment.Config config(Alignment.Replaced replaced, float weight) {
        return new Alignment.Config(Optional.of(0), Optional.of(2), 5, 3, Alignment.Act.SILU, replaced, weight);
    }

    private static Codebook codebook() {
        return new Codebook(Philox.of(9).normal(Shape.of(K, CODE)));
    }

    @Nested
    class Aligning {
        @Test
        void replacedTokensCountAsTheSwitchSays() {
            float[] clean = {0, 0, 0, 0};
            float[] noisy = {1, 0, 1, 0};
            float[] all = {1, 1, 1, 1};
            Codebook codebook = codebook();
            assertArrayEquals(
                    losses(config(Alignment.Replaced.LEFT_OUT, 1), codebook, clean),
                    losses(config(Alignment.Replaced.COUNTED, 1), codebook, noisy));
            assertEquals(0, losses(config(Alignment.Replaced.LEFT_OUT, 1), codebook, all)[0], 0);
            float[] left = losses(config(Alignment.Replaced.LEFT_OUT, 1), codebook, noisy);
            float[] counted = losses(config(Alignment.Replaced.COUNTED, 1), codebook, noisy);
            assertFalse(left[0] == counted[0]);
            assertEquals(left[1], counted[1]);
        }

        @Test
        void theWeightScalesBothTerms() {
            float[] losses = losses(config(Alignment.Replaced.COUNTED, 1.5f), codebook(), new float[4]);
            assertEquals(1.5 * (losses[0] + losses[1]), losses[2], 1e-6);
            assertTrue(Math.abs(losses[0]) <= 1 && Math.abs(losses[1]) <= 1);
        }

        @Test
        void lengthsOfCodesDoNotMatterAndZerosGiveNothing() {
            Codebook codebook = codebook();
            NdArray longer = codebook.codes().copy();
            for (int i = 0; i < longer.data().length; i++) {
                longer.data()[i] *= 4;
            }
            Alignment.Config config = config(Alignment.Replaced.COUNTED, 1);
            assertArrayEquals(
                    losses(config, codebook, new float[4]), losses(config, new Codebook(longer), new float[4]), 1e-6f);
            Codebook zeros = new Codebook(NdArray.zeros(Shape.of(K, CODE)));
            assertArrayEquals(new float[3], losses(config, zeros, new float[4]), 0);
        }

        @Test
        void theHeadsOfThePaperHaveTwoLayers() {
            Params params = new Params();
            new Alignment(
                    new Alignment.Config(
                            Optional.empty(),
                            Optional.of(15),
                            2048,
                            2,
                            Alignment.Act.GELU,
                            Alignment.Replaced.COUNTED,
                            1),
                    params,
                    768,
                    20,
                    256);
            assertEquals(
                    2.10, params.all().stream().mapToLong(p -> p.shape().size()).sum() / 1e6, 0.005);
        }

        @Test
        void layersAreCheckedAndPublishedOnesAreAtThreeQuarters() {
            assertEquals(Optional.of(15), Alignment.Config.published(20).decodeLayer());
            assertEquals(Optional.of(18), Alignment.Config.published(24).decodeLayer());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Alignment.Config(
                            Optional.of(1), Optional.of(1), 8, 3, Alignment.Act.SILU, Alignment.Replaced.LEFT_OUT, 1));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Alignment(config(Alignment.Replaced.LEFT_OUT, 1), new Params(), WIDTH, 3, CODE));
        }
    }

    @Test
    void parameterCountsAreThePublishedOnes() {
        assertEquals(260.9, millions(RearConfig.b()), 0.05);
        assertEquals(461.7, millions(RearConfig.l()), 0.05);
        assertEquals(218.4, millions(RearConfig.s()), 0.05);
    }

    private static double millions(RearConfig config) {
        return new RearGpt(config)
                        .params().all().stream()
                                .mapToLong(p -> p.shape().size())
                                .sum()
                / 1e6;
    }

    @Test
    void weightZeroAndNoNoiseGiveTheGradientsOfPlainTrainingOnTheGptAsWell() {
        GptConfig sizes = new GptConfig(
                K, 2, WIDTH, 4, 2, 2, 16, 10000, 1e-5f, new GptConfig.Classes(2), GptConfig.PrefixRope.ZERO);
        List<NdArray> plain = gptGradients(sizes, Optional.empty());
        assertEquals(plain, gptGradients(sizes, Optional.of(0f)));
        assertFalse(plain.equals(gptGradients(sizes, Optional.of(1f))));
    }

    /// On LlamaGen's layout: position 0 holds the label, position `i` token `i`, and each predicts the next.
    private static List<NdArray> gptGradients(GptConfig sizes, Optional<Float> weight) {
        Gpt gpt = new Gpt(sizes);
        int count = gpt.params().all().size();
        Recorder r = new Recorder();
        Tensor prefix = gpt.prefix(gpt.prompt(r, 1));
        Tensor context = r.ids("context", Shape.of(1, 3));
        Tensor targets = r.ids("targets", Shape.of(1, 4));
        Gpt.Output out = gpt.forward(prefix, context);
        Tensor loss = TokenLoss.mean(out.logits(), targets);
        if (weight.isPresent()) {
            Alignment alignment =
                    new Alignment(config(Alignment.Replaced.LEFT_OUT, weight.get()), gpt.params(), WIDTH, 4, CODE);
            Tensor held = out.states().get(0).slice(1, 1, 4);
            Alignment.Losses losses = alignment.losses(
                    codebook(),
                    new Alignment.Side(held, r.ids("held", Shape.of(1, 3))),
                    r.constant(NdArray.zeros(Shape.of(1, 3))),
                    new Alignment.Side(out.states().get(2), targets));
            loss = loss.add(losses.weighted());
        }
        Weights weights = gpt.params().initial(3);
        for (float[] head : List.of(weights.get("output.weight").data())) {
            new Philox(1, 1).fillNormal(head);
        }
        List<Tensor> slopes = Gradients.of(
                r,
                loss,
                gpt.params().all().subList(0, count).stream()
                        .map(p -> p.on(prefix))
                        .toList());
        for (int i = 0; i < count; i++) {
            r.output("slope" + i, slopes.get(i));
        }
        try (Device device = HostDevice.of(1);
                Player player = device.load(r.program(), weights)) {
            player.set("prompt", new int[] {1}).set("context", 3, 0, 5).set("targets", 3, 0, 5, 2);
            if (weight.isPresent()) {
                player.set("held", 3, 0, 5);
            }
            player.run();
            List<NdArray> got = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                got.add(player.get("slope" + i));
            }
            return got;
        }
    }

    @Test
    void perplexityAndCorrectTokensOfEvenLogits() {
        NdArray even = NdArray.zeros(Shape.of(3, 4));
        assertEquals(4, Diagnostics.perplexity(even, 1, 2, 3), 1e-9);
        assertEquals(1.0 / 3, Diagnostics.correctTokens(even, 0, 2, 3), 1e-9);
    }
}
