package org.vortexel.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.GptConfig;
import org.vortexel.ar.masc.BranchGpt;
import org.vortexel.ar.masc.RefinerModel;
import org.vortexel.ar.rear.Alignment;
import org.vortexel.ar.rear.NoisyContext;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.vq.VqConfig;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.codec.vq.VqTokenizer;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Condition;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class ArTaskTest {
    private static final int CODES = 32;
    private static final int STATES = 12;
    private static final int LENGTH = 4;
    private static final Rear.Align ALIGN =
            new Rear.Align(0, 2, 16, 3, Alignment.Act.SILU, Alignment.Replaced.LEFT_OUT, 1);
    private static final Rear REAR = new Rear(new Rear.Noise(NoisyContext.Mode.SWITCH, new Rear.Annealed(0.75)), ALIGN);

    @TempDir
    private Path folder;

    private static VqModel tokenizer(long seed) {
        VqConfig sizes = new VqConfig(CODES, 8, true, 8, List.of(1, 2, 2), List.of(1, 2, 2), 1, 1, 8, 4, 0.25f, 0.05f);
        VqTokenizer network = new VqTokenizer(sizes);
        return new VqModel(
                new VqModel.Config("tiny", sizes), network, network.params().initial(seed));
    }

    @BeforeEach
    void paintPicturesAndATokenizer() throws IOException {
        StringBuilder lines = new StringBuilder();
        Random random = new Random(3);
        for (int i = 0; i < 12; i++) {
            byte[] pixels = new byte[3 * 16 * 16];
            for (int p = 0; p < pixels.length; p++) {
                pixels[p] = (byte) (40 * (i % 4) + random.nextInt(80) * (i / 4));
            }
            ImageFile.writePng(folder.resolve(i + ".png"), Image.of(16, 16, pixels));
            lines.append("{\"file_name\":\"%d.png\",\"text\":\"colour %d\",\"group\":\"g%d\",\"split\":\"%s\"}%n"
                    .formatted(i, i % 4, i % 2, i < 8 ? "train" : "heldout"));
        }
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
        tokenizer(1).save(folder.resolve("vq"), StorageType.F16);
    }

    /// Token states drawn from the caption's hash, of 2 or 3 tokens.
    private static Condition.Text encode(List<String> captions) {
        int n = captions.size();
        NdArray states = NdArray.zeros(Shape.of(n, LENGTH, STATES));
        NdArray mask = NdArray.zeros(Shape.of(n, LENGTH));
        for (int i = 0; i < n; i++) {
            int tokens = 2 + Math.floorMod(captions.get(i).hashCode(), 2);
            float[] row = new float[tokens * STATES];
            Philox.of(captions.get(i).hashCode()).fillNormal(row);
            System.arraycopy(row, 0, states.data(), i * LENGTH * STATES, row.length);
            java.util.Arrays.fill(mask.data(), i * LENGTH, i * LENGTH + tokens, 1);
        }
        return new Condition.Text(states, mask, NdArray.zeros(Shape.of(n, STATES)));
    }

    private TrainConfig config(
            String out, int steps, GptConfig.Prefix prefix, Clusters clusters, Rear rear, double forget) {
        ArSubject subject = new ArSubject(
                new TrainConfig.Data(folder.toString(), List.of(), true, List.of("train")),
                folder.resolve("vq").toString(),
                16,
                folder.resolve("tokens.safetensors").toString(),
                new GptConfig(CODES, 4, 16, 4, 2, 2, 24, 10000, 1e-5f, prefix, GptConfig.PrefixRope.IDENTITY),
                clusters,
                BranchGpt.Head.ZERO,
                rear,
                null,
                0.2,
                forget);
        Optimiser optimiser = new Optimiser(3e-3, 1e-4, 5, 0.9, 0.95, 0.01, 1, 0.9);
        return new TrainConfig(
                subject, optimiser, 4, steps, 5, 2, 1000, folder.resolve(out).toString());
    }

    private TrainConfig config(String out, int steps, Clusters clusters, Rear rear) {
        return config(out, steps, new GptConfig.Classes(2), clusters, rear, 0);
    }

    private static Trainer.Result run(TrainConfig config, int threads, int cancelAfter, boolean resume) {
        AtomicInteger done = new AtomicInteger();
        try (Device device = HostDevice.of(threads)) {
            Task task = new ArTask(config, (ArSubject) config.subject(), device, ArTaskTest::encode);
            return new Trainer(config, device, task, _ -> done.incrementAndGet(), () -> done.get() >= cancelAfter)
                    .run(resume);
        }
    }

    private Map<String, NdArray> weights(String run) {
        ArModel model = ArModel.load(folder.resolve(run).resolve("model"));
        return model.weights().asMap();
    }

    @Test
    void aResumedRunOfEverythingEndsWithTheBitsOfAnUninterruptedOne() throws IOException {
        Clusters masc = new Clusters.Masc(12);
        GptConfig.Captions words = new GptConfig.Captions(LENGTH, STATES);
        run(config("straight", 6, words, masc, REAR, 0.1), 1, 100, false);
        assertFalse(
                run(config("halved", 6, words, masc, REAR, 0.1), 2, 3, false).finished());
        assertTrue(
                run(config("halved", 6, words, masc, REAR, 0.1), 1, 100, true).finished());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("straight/state.safetensors")),
                Files.readAllBytes(folder.resolve("halved/state.safetensors")));
        assertEquals(Measures.of(folder.resolve("straight")), Measures.of(folder.resolve("halved")));
    }

    @Test
    void offIsPlainTrainingBitForBit() {
        run(config("plain", 4, new Clusters.Flat(), Rear.OFF), 1, 100, false);
        run(config("all", 4, new Clusters.Masc(CODES), Rear.OFF), 1, 100, false);
        Rear none = new Rear(new Rear.Noise(NoisyContext.Mode.SWITCH, new Rear.Even(0)), null);
        run(config("silent", 4, new Clusters.Flat(), none), 1, 100, false);
        Rear unheard = new Rear(null, new Rear.Align(0, 2, 16, 3, Alignment.Act.SILU, Alignment.Replaced.LEFT_OUT, 0));
        run(config("unheard", 4, new Clusters.Flat(), unheard), 1, 100, false);
        run(config("noisy", 4, new Clusters.Flat(), REAR), 1, 100, false);
        assertEquals(weights("plain"), weights("all"));
        assertEquals(weights("plain"), weights("silent"));
        assertEquals(weights("plain"), weights("unheard"));
        assertNotEquals(weights("plain"), weights("noisy"));
    }

    @Test
    void everySwitchOfReArTrainsAndLeavesNothingBehind() {
        int number = 0;
        for (Rear.Schedule schedule : List.of(new Rear.Annealed(1), new Rear.Even(0.5), new Rear.Fixed(0.25))) {
            for (NoisyContext.Mode mode : NoisyContext.Mode.values()) {
                Rear.Align align = new Rear.Align(
                        number % 2 == 0 ? 0 : null,
                        number % 3 == 0 ? null : 2,
                        8,
                        2 + number % 2,
                        Alignment.Act.GELU,
                        Alignment.Replaced.COUNTED,
                        0.5);
                Rear rear = new Rear(new Rear.Noise(mode, schedule), align);
                String out = "switch" + number++;
                assertTrue(run(config(out, 2, new Clusters.Flat(), rear), 1, 100, false)
                        .finished());
                assertEquals(weights("switch0").keySet(), weights(out).keySet());
            }
        }
    }

    @Test
    void theLossFallsAndIsMeasuredOnWhatIsHeldOut() {
        TrainConfig config = config(
                "learns", 150, new GptConfig.Captions(LENGTH, STATES), new Clusters.KMeans(12, 2, 1), Rear.OFF, 0);
        run(config, 2, 1000, false);
        List<MetricsLog.Line> lines =
                MetricsLog.open(folder.resolve("learns/metrics.jsonl"), 150).lines();
        assertEquals(Math.log(12), lines.getFirst().loss(), 0.5);
        assertTrue(lines.getLast().loss() < 0.7 * lines.getFirst().loss(), lines::toString);
        Map<String, Double> values =
                Measures.of(folder.resolve("learns")).lines().getLast().values();
        assertTrue(values.get("codeLoss") > values.get("loss"), values::toString);
        assertTrue(values.get("correct") >= 0 && values.get("correct") <= 1, values::toString);
    }

    @Test
    void aRefinementNetworkLearnsWhatClustersLeaveOpen() {
        run(config("coarse", 2, new Clusters.Masc(8), Rear.OFF), 1, 100, false);
        RefinerSubject subject = new RefinerSubject(
                new TrainConfig.Data(folder.toString(), List.of(), true, List.of("train")),
                folder.resolve("coarse/model").toString(),
                folder.resolve("tokens.safetensors").toString(),
                16,
                2);
        Optimiser optimiser = new Optimiser(3e-3, 1e-4, 5, 0.9, 0.95, 0, 1, 0.9);
        TrainConfig config = new TrainConfig(
                subject, optimiser, 4, 120, 5, 200, 200, folder.resolve("fine").toString());
        try (Device device = HostDevice.of(1)) {
            Task task = new RefinerTask(config, subject, device, CaptionEncoder.NONE);
            new Trainer(config, device, task, _ -> {}, () -> false).run(false);
        }
        Map<String, Double> values =
                Measures.of(folder.resolve("fine")).lines().getLast().values();
        assertTrue(values.get("refined") < 0.8 * values.get("even"), values::toString);
        ArModel model = ArModel.load(folder.resolve("coarse/model"));
        assertTrue(RefinerModel.isIn(folder.resolve("fine/model/refiner")));
        RefinerModel.load(folder.resolve("fine/model/refiner"), model.clusters());
    }

    @Test
    void tokensAreKeptAndThoseOfAnotherTokenizerAreRefused() throws IOException {
        run(config("first", 1, new Clusters.Flat(), Rear.OFF), 1, 100, false);
        Path tokens = folder.resolve("tokens.safetensors");
        byte[] kept = Files.readAllBytes(tokens);
        try (SafeTensors file = SafeTensors.open(tokens)) {
            assertEquals(Shape.of(12, 16), file.shape("ids"));
        }
        tokenizer(2).save(folder.resolve("vq"), StorageType.F16);
        var e = assertThrows(
                WeightsException.class, () -> run(config("second", 1, new Clusters.Flat(), Rear.OFF), 1, 100, false));
        assertTrue(e.getMessage().contains("another tokenizer"), e.getMessage());
        assertFalse(Files.exists(folder.resolve("second")));
        assertArrayEquals(kept, Files.readAllBytes(tokens));
    }

    @Test
    void sizesThatDoNotFitAreOneSentence() {
        TrainConfig good = config("sizes", 1, new GptConfig.Classes(3), new Clusters.Flat(), Rear.OFF, 0);
        var e = assertThrows(IllegalArgumentException.class, () -> run(good, 1, 100, false));
        assertTrue(e.getMessage().contains("3 classes"), e.getMessage());
        TrainConfig many = config("many", 1, new Clusters.Masc(CODES + 1), Rear.OFF);
        e = assertThrows(IllegalArgumentException.class, () -> run(many, 1, 100, false));
        assertTrue(e.getMessage().contains("cannot be cut"), e.getMessage());
    }
}
