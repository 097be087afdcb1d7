package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.image.Image;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Random weights.
class MobileNetFeaturesTest {
    private static final Params PARAMS = new Params();
    private static final MobileNetV2 NETWORK = MobileNetV2.of(PARAMS);
    private static final Weights WEIGHTS = random();
    private static final Device DEVICE = HostDevice.of(2);
    private static final MobileNetFeatures FEATURES = new MobileNetFeatures(NETWORK, WEIGHTS, DEVICE);

    /// Weights under which numbers neither vanish nor explode.
    static Weights random() {
        Weights weights = PARAMS.initial(0);
        weights.asMap().forEach((name, array) -> {
            Philox.of(name.hashCode()).fillNormal(array.data());
            Shape shape = array.shape();
            float scale = shape.rank() == 1 ? 0.1f : (float) Math.sqrt(2.0 / shape.size(1, 4));
            for (int i = 0; i < array.data().length; i++) {
                array.data()[i] *= scale;
            }
        });
        return weights;
    }

    @AfterAll
    static void close() {
        FEATURES.close();
        DEVICE.close();
    }

    private static Image noise(int side, long seed) {
        byte[] rgb = new byte[side * side * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Philox.of(seed).below(256, i);
        }
        return Image.of(side, side, rgb);
    }

    @Test
    void perceptualDistanceIsZeroForEqualPicturesAndGrowsWithNoise() {
        Image flat = Image.filled(32, 32, 200, 100, 50);
        MobileNetFeatures.Seen seen = FEATURES.of(List.of(flat, flat, noise(32, 1)));
        assertEquals(0, seen.perceptualDistance(0, seen, 1));
        double distance = seen.perceptualDistance(0, seen, 2);
        assertTrue(distance > 0.01 && distance <= 12, "distance " + distance);
        assertEquals(distance, seen.perceptualDistance(2, seen, 0), 1e-9);
    }

    @Test
    void featuresOfAPictureDoNotDependOnItsBatch() {
        List<Image> pictures = List.of(noise(32, 1), noise(32, 2), noise(32, 3));
        NdArray together = FEATURES.of(pictures).layout();
        NdArray alone = FEATURES.of(pictures.subList(1, 2)).layout();
        assertArrayEquals(alone.data(), together.rows(1, 2).data(), 1e-5f);
        assertEquals(Shape.of(3, 576), together.shape());
    }

    @Test
    void largerPicturesAreShrunkFirst() {
        Image large = noise(16, 4).resized(192, 192);
        NdArray shrunk = FEATURES.of(List.of(large.resized(96, 96))).pooled();
        assertArrayEquals(shrunk.data(), FEATURES.of(List.of(large)).pooled().data());
    }

    @Test
    void picturesThatAreNotSquareOrNotOfOneSizeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> FEATURES.of(List.of()));
        assertThrows(IllegalArgumentException.class, () -> FEATURES.of(List.of(Image.filled(32, 31, 0, 0, 0))));
        assertThrows(IllegalArgumentException.class, () -> FEATURES.of(List.of(noise(32, 1), noise(16, 1))));
    }

    @Test
    void theRecordedDistanceIsThatOfPlaces() {
        Recorder recorder = new Recorder();
        Tensor a = recorder.input("a", Shape.of(2, 3, 32, 32));
        Tensor b = recorder.input("b", Shape.of(2, 3, 32, 32));
        MobileNetV2.Maps mapsA = NETWORK.forward(a);
        MobileNetV2.Maps mapsB = NETWORK.forward(b);
        recorder.output("distance", PerceptualDistance.of(mapsA, mapsB));
        recorder.output("places", Tensor.concat(0, PerceptualDistance.place(mapsA), PerceptualDistance.place(mapsB)));
        try (Player player = DEVICE.load(recorder.program(), WEIGHTS)) {
            player.set("a", Philox.of(1).normal(Shape.of(2, 3, 32, 32)));
            player.set("b", Philox.of(2).normal(Shape.of(2, 3, 32, 32))).run();
            NdArray places = player.get("places");
            for (int i = 0; i < 2; i++) {
                double wanted = Features.squaredDistance(places, i, places, 2 + i);
                assertEquals(wanted, player.get("distance").get(i), 1e-4 * wanted);
                assertTrue(wanted > 0);
            }
        }
    }

    @Test
    void bilinearSamplingKeepsAPlaneAndRepeatsItsBorder() {
        Recorder recorder = new Recorder();
        Tensor ramp = recorder.input("ramp", Shape.of(1, 1, 2, 4)); // x + 10 y
        recorder.output("borders", Bilinear.BORDERS.resize(ramp, 2, 8));
        recorder.output("first", Bilinear.FIRST_PIXELS.resize(ramp, 2, 3));
        try (Player player = DEVICE.load(recorder.program(), new Weights())) {
            player.set("ramp", 0f, 1, 2, 3, 10, 11, 12, 13).run();
            assertArrayEquals(
                    new float[] {0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3},
                    player.get("borders").reshape(2, 8).rows(0, 1).data(),
                    1e-6f);
            assertArrayEquals(
                    new float[] {10, 11 + 1 / 3f, 12 + 2 / 3f},
                    player.get("first").reshape(2, 3).rows(1, 2).data(),
                    1e-5f);
        }
    }
}
