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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.LatentScale;
import org.vortexel.codec.Pixels;
import org.vortexel.codec.kl.KlCodec;
import org.vortexel.codec.kl.KlConfig;
import org.vortexel.codec.kl.KlModel;
import org.vortexel.data.PackedImages;
import org.vortexel.device.Device;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.TimeSampling;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitModel;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class TrainerTest {
    private static final int STATES = 12;
    private static final int TOKENS = 4;

    @TempDir
    private Path folder;

    /// Token states drawn from the caption's hash: different captions, different states.
    private static Condition.Text encode(List<String> captions) {
        int n = captions.size();
        NdArray states = NdArray.zeros(Shape.of(n, TOKENS, STATES));
        for (int i = 0; i < n; i++) {
            float[] row = new float[TOKENS * STATES];
            Philox.of(captions.get(i).hashCode()).fillNormal(row);
            System.arraycopy(row, 0, states.data(), i * row.length, row.length);
        }
        return new Condition.Text(states, NdArray.full(Shape.of(n, TOKENS), 1), NdArray.zeros(Shape.of(n, STATES)));
    }

    @BeforeEach
    void paintFourPictures() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            ImageFile.writePng(folder.resolve(i + ".png"), Image.filled(8, 8, 60 * i, 255 - 50 * i, 10 * i));
            lines.append("{\"file_name\":\"" + i + ".png\",\"text\":\"colour " + i + "\"}\n");
        }
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
    }

    private TrainConfig config(String out, int steps) {
        return config(out, steps, null);
    }

    private TrainConfig config(String out, int steps, String start) {
        return config(out, steps, start, List.of());
    }

    private TrainConfig config(String out, int steps, String start, List<String> styles) {
        return config(out, steps, start, styles, null, 3);
    }

    private TrainConfig config(String out, int steps, String start, List<String> styles, String codec, int channels) {
        return new TrainConfig(
                new DitSubject(
                        new TrainConfig.Data(folder.toString(), styles, true, List.of()),
                        codec,
                        new DitConfig(
                                8, channels, 4, 16, 2, 2, 2, false, true, new DitConfig.Text(STATES, TOKENS, 2, 2, 8)),
                        start,
                        Prediction.X0,
                        DitSubject.Loss.UNIFORM,
                        new TimeSampling.LogitNormal(0, 1),
                        0.1),
                new Optimiser(3e-3, 1e-4, 5, 0.9, 0.99, 0.01, 1, 0.9),
                4,
                steps,
                5,
                2,
                1000,
                folder.resolve(out).toString());
    }

    private Trainer.Result run(TrainConfig config, int threads, int cancelAfter, boolean resume) {
        return run(config, HostDevice.of(threads), cancelAfter, resume);
    }

    private static LatentCodec codec(DitSubject subject, Device device) {
        return subject.codec() == null ? new Pixels() : new KlCodec(KlModel.load(Path.of(subject.codec())), device);
    }

    private static Trainer.Result run(TrainConfig config, Device opened, int cancelAfter, boolean resume) {
        AtomicInteger done = new AtomicInteger();
        try (Device device = opened) {
            DitSubject subject = (DitSubject) config.subject();
            Task task = new DitTask(config, subject, device, codec(subject, device), TrainerTest::encode);
            return new Trainer(config, device, task, _ -> done.incrementAndGet(), () -> done.get() >= cancelAfter)
                    .run(resume);
        }
    }

    @Test
    void aResumedRunEndsWithTheBitsOfAnUninterruptedOne() throws IOException {
        run(config("straight", 6), 1, 100, false);
        Trainer.Result half = run(config("halved", 6), 2, 3, false);
        assertFalse(half.finished());
        assertEquals(3, half.step());
        assertTrue(run(config("halved", 6), 1, 100, true).finished());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("straight/state.safetensors")),
                Files.readAllBytes(folder.resolve("halved/state.safetensors")));
    }

    /// The tolerance is that of float sums in another order, which twenty steps of Adam make larger.
    @Test
    @Tag("tornado")
    void twentyStepsOnTornadoFollowTheHostsLosses() {
        run(config("host", 20), 2, 100, false);
        run(config("tornado", 20), TestDevice.plain(2), 100, false);
        List<MetricsLog.Line> host =
                MetricsLog.open(folder.resolve("host/metrics.jsonl"), 20).lines();
        List<MetricsLog.Line> tornado =
                MetricsLog.open(folder.resolve("tornado/metrics.jsonl"), 20).lines();
        assertEquals(host.size(), tornado.size());
        for (int i = 0; i < host.size(); i++) {
            assertEquals(
                    host.get(i).loss(),
                    tornado.get(i).loss(),
                    1e-3 * host.get(i).loss());
        }
    }

    @Test
    void theLossFallsOnFourPlainPictures() {
        TrainConfig config = config("learns", 120);
        run(config, 2, 1000, false);
        List<MetricsLog.Line> lines =
                MetricsLog.open(folder.resolve("learns/metrics.jsonl"), 120).lines();
        assertTrue(lines.getLast().loss() < 0.7 * lines.getFirst().loss(), lines::toString);
    }

    /// A codec that halves pictures once; the network's latents of 8 x 8 are pictures of 16 x 16.
    private String codec() {
        KlModel.Config sizes = new KlModel.Config("tiny", new KlConfig(2, List.of(8, 8), 1, 8, true), LatentScale.NONE);
        KlModel empty = KlModel.of(sizes, new Weights());
        KlModel.of(sizes, empty.network().params().initial(1)).save(folder.resolve("codec"), StorageType.F32);
        return folder.resolve("codec").toString();
    }

    @Test
    void latentsAreLearntAndTheModelTakesItsCodecAlong() throws IOException {
        run(config("latents", 120, null, List.of(), codec(), 2), 2, 1000, false);
        List<MetricsLog.Line> lines =
                MetricsLog.open(folder.resolve("latents/metrics.jsonl"), 120).lines();
        assertTrue(lines.getLast().loss() < 0.8 * lines.getFirst().loss(), lines::toString);
        Path model = folder.resolve("latents/model");
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("codec/codec.safetensors")),
                Files.readAllBytes(DitModel.codec(model).resolve("codec.safetensors")));
        try (KlCodec taken = new KlCodec(KlModel.load(DitModel.codec(model)), HostDevice.of(1))) {
            assertEquals(2, taken.latentChannels());
        }
        String whole = DitModel.fingerprint(model);
        Files.delete(DitModel.codec(model).resolve("codec.safetensors"));
        assertNotEquals(whole, DitModel.fingerprint(model));
    }

    @Test
    void aCodecOfOtherChannelsIsRefused() {
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> run(config("other", 2, null, List.of(), codec(), 3), 1, 100, false));
        assertTrue(e.getMessage().contains("latents have 2 channels but the network has 3"), e.getMessage());
    }

    @Test
    void furtherFoldersAreTakenAfterTheFirst() {
        TrainConfig.Data twice =
                new TrainConfig.Data(folder.toString(), List.of(), true, List.of(), List.of(folder.toString()));
        PackedImages images = DitTask.images(twice, 8);
        assertEquals(8, images.count());
        assertEquals(images.image(1), images.image(5));
        assertEquals(images.entries().get(3), images.entries().get(7));
    }

    @Test
    void aRunCanStartFromAModel() {
        run(config("first", 120), 2, 1000, false);
        run(config("second", 20, folder.resolve("first/model").toString()), 2, 1000, false);
        run(config("alone", 20), 2, 1000, false);
        assertTrue(firstLoss("second", 20) < 0.7 * firstLoss("alone", 20));
    }

    private double firstLoss(String out, int step) {
        return MetricsLog.open(folder.resolve(out + "/metrics.jsonl"), step)
                .lines()
                .getFirst()
                .loss();
    }

    @Test
    void aRunCannotStartFromAModelOfOtherSizes() throws IOException {
        run(config("small", 2), 1, 100, false);
        Path model = folder.resolve("small/model/model.json");
        Files.writeString(model, Files.readString(model).replace("\"depth\" : 2", "\"depth\" : 3"));
        assertThrows(
                WeightsException.class,
                () -> run(config("other", 2, folder.resolve("small/model").toString()), 1, 100, false));
        Files.writeString(model, Files.readString(model).replace("\"depth\" : 3", "\"depth\" : 2"));
        Files.writeString(model, Files.readString(model).replace("\"heads\" : 2", "\"heads\" : 4"));
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> run(config("other", 2, folder.resolve("small/model").toString()), 1, 100, true));
        assertTrue(e.getMessage().contains("other sizes"), e.getMessage());
    }

    @Test
    void aRunIsNotOverwrittenAndAnotherConfigurationIsNotResumed() throws IOException {
        run(config("kept", 2), 1, 100, false);
        String begun = Files.readString(folder.resolve("kept/config.json"));
        assertThrows(IllegalArgumentException.class, () -> run(config("kept", 2), 1, 100, false));
        var e = assertThrows(RuntimeException.class, () -> run(config("kept", 9), 1, 100, true));
        assertTrue(e.getMessage().contains("another configuration"), e.getMessage());
        assertEquals(begun, Files.readString(folder.resolve("kept/config.json")));
    }

    @Test
    void anEmptySelectionIsOneSentence() {
        TrainConfig wrong = config("none", 2, null, List.of("oil"));
        var e = assertThrows(IllegalArgumentException.class, () -> run(wrong, 1, 100, false));
        assertTrue(e.getMessage().contains("none of its"), e.getMessage());
        assertFalse(Files.exists(folder.resolve("none")));
    }
}
