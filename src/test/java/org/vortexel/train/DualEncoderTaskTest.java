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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.data.Attribute;
import org.vortexel.data.Entry;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Condition;
import org.vortexel.eval.DualEncoder;
import org.vortexel.eval.DualEncoderModel;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.MobileNetV2;
import org.vortexel.eval.Towers;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.nn.Params;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Scenes of two coloured halves, left and right: red, green, blue and white in every order, two of
/// which are held out.
class DualEncoderTaskTest {
    private static final List<String> COLOURS = List.of("red", "green", "blue", "white");
    private static final int TOKENS = 5;
    private static final int STATES = 8;

    @TempDir
    private Path folder;

    @BeforeEach
    void paintPictures() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int a = 0; a < 4; a++) {
            for (int b = 0; b < 4; b++) {
                if (a == b) {
                    continue;
                }
                String file = a + "" + b + ".png";
                ImageFile.writePng(folder.resolve(file), halves(a, b));
                boolean held = a + b == 1; // red and green
                lines.append("{\"file_name\":\"%s\",\"text\":\"%s left of %s\",\"style\":\"s\",\"group\":\"scene\","
                                .formatted(file, COLOURS.get(a), COLOURS.get(b)))
                        .append("\"subgroup\":\"left\",\"base\":\"left %d %d\",\"tags\":[\"%d\",\"%d\"],\"split\":"
                                .formatted(a, b, a, b))
                        .append(held ? "\"heldout_combination\",\"combination\":\"pair\"}\n" : "\"train\"}\n");
            }
        }
        for (String tone : List.of("dark", "light")) {
            int grey = tone.equals("dark") ? 40 : 200;
            ImageFile.writePng(folder.resolve(tone + ".png"), Image.filled(16, 16, grey, grey, grey));
            lines.append("{\"file_name\":\"%s.png\",\"text\":\"hand\",\"style\":\"s\",\"group\":\"people-body\","
                            .formatted(tone))
                    .append("\"base\":\"hand\",\"tone\":[\"%s\"],\"split\":\"train\"}\n".formatted(tone));
        }
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
    }

    private static Image halves(int a, int b) {
        int[][] rgb = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
        byte[] pixels = new byte[3 * 16 * 16];
        for (int p = 0; p < pixels.length; p++) {
            pixels[p] = (byte) rgb[p / 3 % 16 < 8 ? a : b][p % 3];
        }
        return Image.of(16, 16, pixels);
    }

    /// A network of random weights: maps only have to be a function of the pictures here.
    private static MobileNetPackage.Pretrained pretrained() {
        Params params = new Params();
        MobileNetV2 network = MobileNetV2.of(params);
        Weights weights = params.initial(1);
        weights.asMap().forEach((name, array) -> {
            Philox.of(name.hashCode()).fillNormal(array.data());
            for (int i = 0; i < array.data().length; i++) {
                array.data()[i] *= 0.3f;
            }
        });
        return new MobileNetPackage.Pretrained(network, weights);
    }

    /// Every word is a random state.
    private static Condition.Text encode(List<String> captions) {
        NdArray states = NdArray.zeros(Shape.of(captions.size(), TOKENS, STATES));
        NdArray mask = NdArray.zeros(Shape.of(captions.size(), TOKENS));
        for (int i = 0; i < captions.size(); i++) {
            String[] words = captions.get(i).split("[ ,]+");
            for (int t = 0; t < Math.min(words.length, TOKENS); t++) {
                float[] state =
                        Philox.of(words[t].hashCode()).normal(Shape.of(STATES)).data();
                System.arraycopy(state, 0, states.data(), (i * TOKENS + t) * STATES, STATES);
                mask.data()[i * TOKENS + t] = 1;
            }
        }
        return new Condition.Text(states, mask, NdArray.zeros(Shape.of(captions.size(), STATES)));
    }

    private static DualEncoder.Config sizes() {
        return new DualEncoder.Config(16, 16, 1, 1, 2, 2, 8, TOKENS, STATES);
    }

    private TrainConfig config(String out, int steps) {
        DualEncoderSubject subject = new DualEncoderSubject(
                new TrainConfig.Data(folder.toString(), List.of(), true, List.of("train")), sizes(), 2, 0.2, null);
        Optimiser optimiser = new Optimiser(3e-3, 1e-4, 5, 0.9, 0.99, 0, 1, 0.9);
        return new TrainConfig(
                subject, optimiser, 8, steps, 5, 2, 1000, folder.resolve(out).toString());
    }

    private static Trainer.Result run(TrainConfig config, int threads, int cancelAfter, boolean resume) {
        AtomicInteger done = new AtomicInteger();
        try (Device device = HostDevice.of(threads)) {
            Task task = new DualEncoderTask(
                    config, (DualEncoderSubject) config.subject(), device, DualEncoderTaskTest::encode, pretrained());
            return new Trainer(config, device, task, _ -> done.incrementAndGet(), () -> done.get() >= cancelAfter)
                    .run(resume);
        }
    }

    @Test
    void aResumedRunEndsWithTheBitsOfAnUninterruptedOne() throws IOException {
        run(config("straight", 4), 1, 100, false);
        assertFalse(run(config("halved", 4), 2, 1, false).finished());
        assertTrue(run(config("halved", 4), 1, 100, true).finished());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("straight/state.safetensors")),
                Files.readAllBytes(folder.resolve("halved/state.safetensors")));
    }

    @Test
    void leftIsLearntFromRight() {
        TrainConfig config = config("learns", 240);
        run(config, 2, 1000, false);
        List<MetricsLog.Line> lines =
                MetricsLog.open(folder.resolve("learns/metrics.jsonl"), 240).lines();
        double first = lines.getFirst().parts().get("matching");
        double last = lines.getLast().parts().get("matching");
        assertTrue(last < 0.5 * first, lines::toString);
        Map<String, Double> measured =
                Measures.of(folder.resolve("learns")).lines().getLast().values();
        assertEquals(12.0, measured.get("train, pictures"));
        assertTrue(measured.get("train, caption is first") >= 0.8, measured::toString);
        assertTrue(measured.get("train, order of 10") >= 0.9, measured::toString);
        assertEquals(1.0, measured.get("train, tone of 2"));
        assertEquals(2.0, measured.get("heldout_combination pair, pictures"));
    }

    @Test
    void aRunMayStartFromAModel() {
        TrainConfig first = config("first", 2);
        run(first, 1, 100, false);
        DualEncoderSubject subject = (DualEncoderSubject) first.subject();
        DualEncoderSubject further = new DualEncoderSubject(
                subject.data(),
                subject.network(),
                subject.disturbances(),
                subject.attributes(),
                folder.resolve("first/model").toString());
        try (Device device = HostDevice.of(1)) {
            DualEncoderTask task =
                    new DualEncoderTask(first, further, device, DualEncoderTaskTest::encode, pretrained());
            assertEquals(
                    DualEncoderModel.load(folder.resolve("first/model"))
                            .weights()
                            .get("log_scale"),
                    task.initial().get("log_scale"));
        }
        DualEncoderSubject other = new DualEncoderSubject(
                subject.data(), new DualEncoder.Config(16, 32, 1, 1, 2, 2, 8, TOKENS, STATES), 2, 0.2, further.start());
        try (Device device = HostDevice.of(1)) {
            DualEncoderTask task = new DualEncoderTask(first, other, device, DualEncoderTaskTest::encode, pretrained());
            assertThrows(IllegalArgumentException.class, task::initial);
        }
    }

    /// The gradient of the whole loss by every parameter, along one random direction each, against
    /// differences.
    @Test
    void theLossHasTheGradientOfItsForwardKernels() {
        Map<Attribute, List<String>> attributes = Map.of(Attribute.TONE, List.of("dark", "light", "medium"));
        DualEncoder network = new DualEncoder(sizes(), attributes);
        Weights weights = network.params().initial(3);
        Recorder r = new Recorder();
        Task.Objective objective = DualEncoderTask.record(r, network, attributes, 3, 0.5f);
        var parameters =
                network.params().all().stream().map(p -> p.on(objective.loss())).toList();
        var gradients = Gradients.of(r, objective.loss(), parameters);
        r.output("loss", objective.loss());
        for (int i = 0; i < parameters.size(); i++) {
            r.output("g" + i, gradients.get(i));
        }
        try (Device device = HostDevice.of(1)) {
            for (int i = 0; i < parameters.size(); i++) {
                String name = network.params().all().get(i).name();
                NdArray values = weights.get(name);
                NdArray before = values.copy();
                float[] way = Philox.of(i + 70).normal(values.shape()).data();
                double norm = 0;
                for (float w : way) {
                    norm += w * w;
                }
                double slope = 0;
                double[] loss = new double[2];
                for (int side = 0; side < 3; side++) {
                    double step = (side - 1) * 0.02 / Math.sqrt(norm);
                    for (int j = 0; j < way.length; j++) {
                        values.data()[j] = (float) (before.data()[j] + step * way[j]);
                    }
                    try (Player player = device.load(r.program(), weights)) {
                        feed(player);
                        player.run();
                        if (side == 1) {
                            float[] gradient = player.get("g" + i).data();
                            for (int j = 0; j < way.length; j++) {
                                slope += gradient[j] * way[j] / Math.sqrt(norm);
                            }
                        } else {
                            loss[side / 2] = player.get("loss").data()[0];
                        }
                    }
                }
                System.arraycopy(before.data(), 0, values.data(), 0, way.length);
                assertEquals((loss[1] - loss[0]) / 0.04, slope, 2e-3 + 0.02 * Math.abs(slope), name);
            }
        }
    }

    private static void feed(Player player) {
        Condition.Text text = encode(List.of("red left", "blue left of white", "hand"));
        player.set("tokens", Philox.of(8).normal(Shape.of(3, DualEncoder.PLACES, DualEncoder.CHANNELS)))
                .set("states", text.states())
                .set("present", text.mask())
                .set("label.TONE", 0, 2, 1)
                .set("known.TONE", 0.5f, 0, 0.5f);
    }

    @Test
    void paddingIsNotRead() {
        DualEncoderModel.Config config =
                new DualEncoderModel.Config("d", sizes(), Map.of(Attribute.TONE, List.of("dark", "light")));
        DualEncoderModel model = DualEncoderModel.of(
                config,
                new DualEncoder(config.network(), config.attributes()).params().initial(2));
        Condition.Text text = encode(List.of("red left", "blue left of white", "red left"));
        for (int i = 0; i < STATES; i++) { // what stands behind the end of the last
            text.states().data()[(2 * TOKENS + 3) * STATES + i] = 9;
        }
        try (Device device = HostDevice.of(1);
                Towers towers = new Towers(model, pretrained(), device)) {
            float[] read = towers.read(text.states(), text.mask()).data();
            for (int k = 0; k < 8; k++) {
                assertEquals(read[k], read[2 * 8 + k], 1e-6);
                assertNotEquals(read[k], read[8 + k], 1e-6);
            }
        }
    }

    @Test
    void disturbedPicturesAreTheSameForTheSameStreamAndKeepTheirSides() {
        NdArray pictures = NdArray.zeros(Shape.of(2, 3, 16, 16));
        halves(0, 3).toFloats(pictures.data(), 0);
        halves(0, 3).toFloats(pictures.data(), 3 * 256);
        float[] once = Disturbance.of(pictures, 4, 10, 11).data();
        assertArrayEquals(once, Disturbance.of(pictures, 4, 10, 11).data());
        boolean differ = false;
        for (int i = 0; i < 3 * 256; i++) {
            assertTrue(Math.abs(once[i]) <= 1);
            differ |= once[i] != once[3 * 256 + i];
        }
        assertTrue(differ);
        for (long stream = 0; stream < 50; stream++) { // red is left: no green there, much of it to the right
            float[] one = Disturbance.of(pictures, 4, stream, stream).data();
            assertTrue(one[256 + 8 * 16 + 1] < -0.5, "stream " + stream);
            assertTrue(one[256 + 8 * 16 + 14] > 0.5, "stream " + stream);
        }
    }

    @Test
    void couplesAreHardToTellApart() {
        List<Entry> entries = List.of(
                entry("a", "x", "k", List.of()),
                entry("b", "x", "k", List.of()),
                entry("a", "y", "k", List.of()),
                entry("a", "z", "other", List.of("dark")));
        Kin kin = new Kin(entries);
        Set<Integer> ofFirst = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            ofFirst.add(kin.of(0, Philox.of(i)));
            assertEquals(0, kin.of(1, Philox.of(i))); // the same thing in another style is its only kin
            assertNotEquals(3, kin.of(3, Philox.of(i)));
        }
        assertEquals(Set.of(1, 2), ofFirst);
    }

    private static Entry entry(String style, String base, String subgroup, List<String> tones) {
        return new Entry(1, "f", base, style, "g", subgroup, base, "", tones, List.of(), "train", "");
    }

    @Test
    void whatCannotBeTrainedIsRefused() {
        assertThrows(
                IllegalArgumentException.class, () -> new DualEncoder.Config(16, 16, 1, 1, 3, 2, 8, TOKENS, STATES));
        assertThrows(
                IllegalArgumentException.class, () -> new DualEncoder.Config(15, 16, 1, 1, 2, 2, 8, TOKENS, STATES));
        TrainConfig config = config("odd", 4);
        TrainConfig odd = new TrainConfig(
                config.subject(),
                config.optimiser(),
                7,
                4,
                5,
                2,
                1000,
                folder.resolve("odd").toString());
        var e = assertThrows(IllegalArgumentException.class, () -> run(odd, 1, 100, false));
        assertTrue(e.getMessage().contains("batch must be even"), e::getMessage);
    }
}
