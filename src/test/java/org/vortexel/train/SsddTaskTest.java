package org.vortexel.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.kl.KlCodec;
import org.vortexel.codec.kl.KlConfig;
import org.vortexel.codec.kl.KlModel;
import org.vortexel.codec.ssdd.SsddConfig;
import org.vortexel.codec.ssdd.SsddEncoder;
import org.vortexel.codec.ssdd.SsddModel;
import org.vortexel.device.host.HostDevice;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.MobileNetV2;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// SSDD training on four plain pictures, seen through a MobileNetV2 with random weights.
class SsddTaskTest {
    private static final SsddEncoder.Config ENCODER = new SsddEncoder.Config(2, 32, List.of(1, 1, 1, 1));

    @TempDir
    private Path folder;

    private static MobileNetPackage.Pretrained random() {
        Params params = new Params();
        MobileNetV2 network = MobileNetV2.of(params);
        Weights weights = params.initial(1);
        weights.asMap().forEach((name, array) -> {
            double deviation =
                    Math.sqrt(2.0 / array.shape().size(1, array.shape().rank()));
            float[] noise = Philox.of(name.hashCode()).normal(array.shape()).data();
            for (int i = 0; i < noise.length; i++) {
                array.data()[i] = (float) (noise[i] * (name.endsWith("bias") ? 0.1 : deviation));
            }
        });
        return new MobileNetPackage.Pretrained(network, weights);
    }

    private static SsddConfig decoder(int layers) {
        return new SsddConfig(2, 8, List.of(8, 8, 16, 16), layers, 2, 8, 8);
    }

    @BeforeEach
    void paintFourPictures() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            ImageFile.writePng(folder.resolve(i + ".png"), Image.filled(16, 16, 60 * i, 255 - 50 * i, 10 * i));
            lines.append("{\"file_name\":\"" + i + ".png\",\"text\":\"colour " + i + "\"}\n");
        }
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
    }

    private TrainConfig config(
            String out, int steps, @Nullable String start, boolean frozen, int teacher, SsddConfig decoder) {
        return new TrainConfig(
                new SsddSubject(
                        new TrainConfig.Data(folder.toString(), List.of(), true, List.of()),
                        16,
                        ENCODER,
                        decoder,
                        start == null ? null : folder.resolve(start + "/model").toString(),
                        frozen,
                        teacher,
                        SsddSubject.Terms.PAPER,
                        null),
                new Optimiser(3e-3, 1e-3, 5, 0.9, 0.99, 0.01, 1, 0.9),
                2,
                steps,
                5,
                1000,
                1000,
                folder.resolve(out).toString());
    }

    private Trainer.Result run(TrainConfig config, int threads, int cancelAfter, boolean resume) {
        AtomicInteger done = new AtomicInteger();
        try (HostDevice device = HostDevice.of(threads)) {
            Task task = new SsddTask(config, (SsddSubject) config.subject(), device, random());
            return new Trainer(config, device, task, _ -> done.incrementAndGet(), () -> done.get() >= cancelAfter)
                    .run(resume);
        }
    }

    private MetricsLog.Line last(String out) {
        return MetricsLog.open(folder.resolve(out + "/metrics.jsonl"), 10_000)
                .lines()
                .getLast();
    }

    @Test
    void theFlowIsLearntThenDistilledThenSharedByAnotherDecoder() {
        run(config("flow", 60, null, false, 0, decoder(1)), 2, 1000, false);
        List<MetricsLog.Line> lines =
                MetricsLog.open(folder.resolve("flow/metrics.jsonl"), 60).lines();
        assertTrue(lines.getLast().loss() < 0.8 * lines.getFirst().loss(), lines::toString);
        assertEquals(
                List.of("alignment", "divergence", "flow", "perceptual"),
                lines.getLast().parts().keySet().stream().sorted().toList());

        run(config("one", 20, "flow", true, 3, decoder(1)), 2, 1000, false);
        assertEquals(
                List.of("alignment", "flow", "perceptual"),
                last("one").parts().keySet().stream().sorted().toList());
        SsddModel flow = SsddModel.load(folder.resolve("flow/model"));
        SsddModel one = SsddModel.load(folder.resolve("one/model"));
        assertEquals(1, one.config().steps());

        run(config("deeper", 20, "flow", true, 0, decoder(2)), 2, 1000, false);
        SsddModel deeper = SsddModel.load(folder.resolve("deeper/model"));
        for (String name : flow.weights().asMap().keySet()) {
            if (name.startsWith("encoder.")) {
                float[] wanted = flow.weights().get(name).data();
                assertArrayEquals(wanted, one.weights().get(name).data(), "frozen: " + name);
                assertArrayEquals(wanted, deeper.weights().get(name).data(), "frozen: " + name);
            }
        }
        String some = "decoder.conv_in.weight";
        assertFalse(Arrays.equals(
                flow.weights().get(some).data(), one.weights().get(some).data()));
    }

    @Test
    void theBaselineIsLearntToo() {
        TrainConfig like = config("kl", 60, null, false, 0, decoder(1));
        KlSubject subject = new KlSubject(
                ((SsddSubject) like.subject()).data(),
                16,
                new KlConfig(2, List.of(8, 8, 8, 8), 1, 8, true),
                new KlSubject.Terms(1, 0.5, 1e-6));
        TrainConfig config = new TrainConfig(
                subject, like.optimiser(), like.batch(), like.steps(), like.seed(), 1000, 1000, like.out());
        try (HostDevice device = HostDevice.of(2)) {
            new Trainer(config, device, new KlTask(config, subject, device, random()), _ -> {}, () -> false).run(false);
            List<MetricsLog.Line> lines =
                    MetricsLog.open(folder.resolve("kl/metrics.jsonl"), 60).lines();
            assertTrue(lines.getLast().loss() < 0.8 * lines.getFirst().loss(), lines::toString);
            try (KlCodec codec = new KlCodec(KlModel.load(folder.resolve("kl/model")), device)) {
                NdArray z = codec.encode(NdArray.zeros(Shape.of(1, 3, 32, 16)));
                assertEquals(Shape.of(1, 2, 4, 2), z.shape());
                assertEquals(Shape.of(1, 3, 32, 16), codec.decodeFrom(z, 0).shape());
            }
        }
    }

    @Test
    void aResumedRunEndsWithTheBitsOfAnUninterruptedOne() throws IOException {
        run(config("straight", 4, null, false, 0, decoder(1)), 1, 100, false);
        run(config("halved", 4, null, false, 0, decoder(1)), 2, 2, false);
        assertTrue(run(config("halved", 4, null, false, 0, decoder(1)), 1, 100, true)
                .finished());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("straight/state.safetensors")),
                Files.readAllBytes(folder.resolve("halved/state.safetensors")));
    }

    @Test
    void aPoisonedWeightStopsTheRunAndIsNamed() throws IOException {
        run(config("healthy", 2, null, false, 0, decoder(1)), 1, 100, false);
        SsddModel model = SsddModel.load(folder.resolve("healthy/model"));
        model.weights().get("encoder.down.1.block.0.conv1.weight").data()[3] = Float.NaN;
        model.save(folder.resolve("healthy/model"), StorageType.F32);
        var e = assertThrows(
                ArithmeticException.class,
                () -> run(config("sick", 2, "healthy", false, 0, decoder(1)), 1, 100, false));
        assertTrue(e.getMessage().contains("diverged at step 1"), e.getMessage());
        assertTrue(e.getMessage().contains("at encoder.down.1.block.0.conv1.weight"), e.getMessage());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        run(config("flow", 2, null, false, 0, decoder(1)), 1, 100, false);
        assertThrows(
                IllegalArgumentException.class,
                () -> run(config("other", 2, "flow", true, 3, decoder(2)), 1, 100, false));
        assertThrows(IllegalArgumentException.class, () -> config("none", 2, null, true, 0, decoder(1)));
        assertThrows(IllegalArgumentException.class, () -> config("none", 2, null, false, 2, decoder(1)));
    }
}
