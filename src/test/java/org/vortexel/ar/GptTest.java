package org.vortexel.ar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Rope;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class GptTest {
    private static final GptConfig TINY =
            new GptConfig(12, 3, 16, 2, 2, 1, 24, 10000, 1e-5f, new GptConfig.Classes(4), GptConfig.PrefixRope.ZERO);

    private static Weights random(Gpt gpt) {
        Weights weights = gpt.params().initial(1);
        weights.asMap().forEach((name, array) -> {
            for (int i = 0; i < array.data().length; i++) {
                array.data()[i] += (float) (0.3 * new Philox(5, name.hashCode()).normal(i));
            }
        });
        return weights;
    }

    private record Parallel(NdArray logits, float loss) {}

    private static Parallel run(Gpt gpt, Weights weights, int label, int... tokens) {
        int t = gpt.sizes().tokens();
        Recorder r = new Recorder();
        Tensor prefix = gpt.prefix(gpt.prompt(r, 1));
        Gpt.Output out = gpt.forward(prefix, r.ids("context", Shape.of(1, t - 1)));
        r.output("logits", out.logits());
        r.output("loss", TokenLoss.mean(out.logits(), r.ids("targets", Shape.of(1, t))));
        try (Device device = HostDevice.of(1);
                Player player = device.load(r.program(), weights)) {
            player.set("prompt", new int[] {label}).set("context", Arrays.copyOf(tokens, t - 1));
            player.set("targets", tokens).run();
            return new Parallel(player.get("logits"), player.get("loss").data()[0]);
        }
    }

    @Test
    void parameterCountsAreThePublishedOnes() {
        assertEquals(110.89, millions(GptConfig.b()), 0.005);
        assertEquals(342.91, millions(GptConfig.l()), 0.005);
        assertEquals(774.70, millions(GptConfig.xl()), 0.005);
        assertEquals(1410.97, millions(GptConfig.xxl()), 0.005);
        assertEquals(3893.0, millions(GptConfig.xxxl()), 0.05);
        assertEquals(1199.6, millions(GptConfig.b1()), 0.05);
        assertEquals(3096.7, millions(GptConfig.b3()), 0.05);
        assertEquals(6614.6, millions(GptConfig.b7()), 0.05);
    }

    private static double millions(GptConfig config) {
        return new Gpt(config)
                        .params().all().stream()
                                .mapToLong(p -> p.shape().size())
                                .sum()
                / 1e6;
    }

    @Test
    void theFirstLossIsTheLogarithmOfTheVocabulary() {
        Gpt gpt = new Gpt(TINY);
        assertEquals(Math.log(12), run(gpt, gpt.params().initial(1), 2, 1, 2, 3, 4, 5, 6, 7, 8, 9).loss, 1e-6);
    }

    @Test
    void logitsDoNotSeeTheirOwnTokenNorLaterOnes() {
        Gpt gpt = new Gpt(TINY);
        Weights weights = random(gpt);
        float[] a = run(gpt, weights, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9).logits.data();
        float[] b = run(gpt, weights, 2, 1, 2, 3, 4, 11, 6, 7, 8, 9).logits.data();
        assertArrayEquals(Arrays.copyOf(a, 5 * 12), Arrays.copyOf(b, 5 * 12));
        assertEquals(false, Arrays.equals(Arrays.copyOfRange(a, 60, 72), Arrays.copyOfRange(b, 60, 72)));
    }

    @Test
    void oneTokenAtATimeGivesTheLogitsOfAllAtOnce() {
        for (GptConfig config : new GptConfig[] {
            TINY, // fewer heads of keys
            new GptConfig(12, 3, 16, 2, 2, 2, 24, 10000, 1e-5f, new GptConfig.Classes(4), GptConfig.PrefixRope.IDENTITY)
        }) {
            Gpt gpt = new Gpt(config);
            Weights weights = random(gpt);
            int[] tokens = {3, 1, 4, 1, 5, 9, 2, 6, 5};
            float[] parallel = run(gpt, weights, 2, tokens).logits.data();
            try (Device device = HostDevice.of(1);
                    GptGoldenTest.Forced model = new GptGoldenTest.Forced(device, gpt, weights, 1)) {
                NdArray prefix = model.prefix(new Prompt.Labels(2));
                for (int p = 0; p < tokens.length; p++) {
                    NdArray logits = model.step(prefix, new int[] {p == 0 ? 0 : tokens[p - 1]}, p);
                    assertArrayEquals(Arrays.copyOfRange(parallel, p * 12, (p + 1) * 12), logits.data(), 1e-4f);
                }
            }
        }
    }

    @Test
    void aTokensScoreDependsOnDifferencesOfRowsAndColumnsOnly() {
        GptConfig config = GptConfig.b().withGrid(5);
        Rope.Angles angles = Gpt.angles(config);
        NdArray q = Philox.of(1).normal(Shape.of(config.headWidth()));
        NdArray k = Philox.of(2).normal(Shape.of(config.headWidth()));
        assertEquals(score(angles, q, k, 1 + 6, 1 + 13), score(angles, q, k, 1 + 11, 1 + 18), 1e-4);
        assertEquals(0, score(angles, q, k, 7, 0), 0);
    }

    private static double score(Rope.Angles angles, NdArray q, NdArray k, int at, int other) {
        int pairs = q.data().length / 2;
        double sum = 0;
        for (int p = 0; p < pairs; p++) {
            double[] a = turned(angles, q, at, p);
            double[] b = turned(angles, k, other, p);
            sum += a[0] * b[0] + a[1] * b[1];
        }
        return sum;
    }

    private static double[] turned(Rope.Angles angles, NdArray x, int at, int p) {
        double c = angles.cos().get(at, p);
        double s = angles.sin().get(at, p);
        double a = x.data()[2 * p];
        double b = x.data()[2 * p + 1];
        return new double[] {a * c - b * s, b * c + a * s};
    }

    @Test
    void guidanceOneIsNoGuidanceAndAPictureDoesNotDependOnItsBatch() {
        Gpt gpt = new Gpt(TINY);
        Weights weights = random(gpt);
        try (Device device = HostDevice.of(1)) {
            int[][] off = generate(device, gpt, weights, new TokenGuidance.Off(), 7, 1, 2);
            int[][] one = generate(device, gpt, weights, new TokenGuidance.Constant(1, -1), 7, 1, 2);
            assertArrayEquals(off, one);
            assertArrayEquals(off[1], generate(device, gpt, weights, new TokenGuidance.Off(), 8, 2)[0]);
        }
    }

    private static int[][] generate(
            Device device, Gpt gpt, Weights weights, TokenGuidance guidance, long seed, int... labels) {
        try (TokenGenerator generator = new TokenGenerator(device, gpt, weights, labels.length, guidance)) {
            return generator.all(new Prompt.Labels(labels), TokenSampling.plain(), Uniforms.seeded(seed));
        }
    }

    @Test
    void aModelWantsItsOwnKindOfPromptAndSizes() {
        Gpt gpt = new Gpt(TINY);
        Recorder r = new Recorder();
        Prompt.Recorded caption = new Prompt.RecordedCaptions(r.input("c", Shape.of(1, 2, 3)));
        assertThrows(IllegalArgumentException.class, () -> gpt.prefix(caption));
        Tensor prefix = gpt.prefix(gpt.prompt(r, 1));
        Tensor all = r.ids("all", Shape.of(1, 9));
        assertThrows(IllegalArgumentException.class, () -> gpt.forward(prefix, all));
        assertThrows(IllegalArgumentException.class, () -> GptConfig.of(100, 1, 3));
        assertThrows(IllegalArgumentException.class, () -> new TokenSampling(1, 0, 2, false));
    }

    @Test
    void rampsOfGuidanceHaveThePublishedValues() {
        TokenGuidance steep = new TokenGuidance.PowerCosine(22, 2.75);
        int[] at = {0, 64, 128, 192, 255};
        double[] wanted = {1, 1.0253, 2.1243, 9.9662, 21.9941};
        for (int i = 0; i < at.length; i++) {
            assertEquals(wanted[i], steep.scale(at[i], 256), 1e-4);
        }
        assertEquals(4, new TokenGuidance.PowerCosine(4, 0).scale(0, 256), 1e-12);
    }
}
