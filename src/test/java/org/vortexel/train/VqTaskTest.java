package org.vortexel.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqConfig;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.MobileNetV2;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.nn.Params;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class VqTaskTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void paintPictures() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            ImageFile.writePng(folder.resolve(i + ".png"), cells(i));
            lines.append("{\"file_name\":\"" + i + ".png\",\"text\":\"colour " + i + "\"}\n");
        }
        Files.writeString(folder.resolve("metadata.jsonl"), lines);
    }

    /// Cells of 4 by 4 pixels, black or white; a plain picture would be lost in the group norms.
    private static Image cells(int number) {
        byte[] pixels = new byte[3 * 16 * 16];
        for (int p = 0; p < pixels.length; p++) {
            int x = p / 3 % 16 / 4;
            int y = p / 3 / 16 / 4;
            boolean white = Philox.of(number).below(2, 4 * y + x) == 1;
            pixels[p] = (byte) (white ? 255 : 0);
        }
        return Image.of(16, 16, pixels);
    }

    /// A network of random weights: the loss only has to be a function of the pictures here.
    private static MobileNetPackage.Pretrained pretrained() {
        Params params = new Params();
        MobileNetV2 network = MobileNetV2.of(params);
        return new MobileNetPackage.Pretrained(network, params.initial(1));
    }

    private TrainConfig config(String out, int steps, double perceptual) {
        VqConfig sizes = new VqConfig(16, 4, true, 8, List.of(1, 2, 2), List.of(1, 2, 2), 1, 1, 8, 4, 0.25f, 0.05f);
        VqSubject subject = new VqSubject(
                new TrainConfig.Data(folder.toString(), List.of(), true, List.of()),
                16,
                sizes,
                new VqSubject.Terms(1, perceptual));
        Optimiser optimiser = new Optimiser(3e-3, 1e-4, 5, 0.9, 0.99, 0, 1, 0.9);
        return new TrainConfig(
                subject, optimiser, 4, steps, 5, 2, 1000, folder.resolve(out).toString());
    }

    private static Trainer.Result run(TrainConfig config, int threads, int cancelAfter, boolean resume) {
        AtomicInteger done = new AtomicInteger();
        try (Device device = HostDevice.of(threads)) {
            Task task = new VqTask(config, (VqSubject) config.subject(), device, pretrained());
            return new Trainer(config, device, task, _ -> done.incrementAndGet(), () -> done.get() >= cancelAfter)
                    .run(resume);
        }
    }

    @Test
    void aResumedRunEndsWithTheBitsOfAnUninterruptedOne() throws IOException {
        run(config("straight", 4, 0.1), 1, 100, false);
        assertFalse(run(config("halved", 4, 0.1), 2, 1, false).finished());
        assertTrue(run(config("halved", 4, 0.1), 1, 100, true).finished());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("straight/state.safetensors")),
                Files.readAllBytes(folder.resolve("halved/state.safetensors")));
    }

    @Test
    void picturesComeBackAndIdsAreTheWayThere() {
        run(config("learns", 200, 0), 2, 1000, false);
        List<MetricsLog.Line> lines =
                MetricsLog.open(folder.resolve("learns/metrics.jsonl"), 200).lines();
        double first = lines.getFirst().parts().get("distance");
        double last = lines.getLast().parts().get("distance");
        assertTrue(last < 0.5 * first, lines::toString);
        VqModel model = VqModel.load(folder.resolve("learns/model"));
        try (Device device = HostDevice.of(1);
                VqCodec codec = new VqCodec(model, device)) {
            NdArray pictures = Philox.of(4).normal(Shape.of(2, 3, 16, 16));
            NdArray latents = codec.encode(pictures);
            assertEquals(Shape.of(2, 4, 4, 4), latents.shape());
            NdArray decoded = codec.decode(latents, 0);
            NdArray through = codec.pictures(codec.ids(pictures), 4, 4);
            for (int i = 0; i < decoded.data().length; i++) {
                assertEquals(decoded.data()[i], through.data()[i], 1e-4);
            }
            assertEquals(model.fingerprint(), codec.model().fingerprint());
        }
    }
}
