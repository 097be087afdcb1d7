package org.vortexel.codec.ssdd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.LatentScale;
import org.vortexel.device.host.HostDevice;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class SsddCodecTest {
    private static SsddModel model(int steps) {
        SsddModel.Config config = new SsddModel.Config(
                "tiny",
                new SsddEncoder.Config(2, 32, List.of(1, 1, 1, 1)),
                new SsddConfig(2, 8, List.of(4, 4, 8, 8), 1, 2, 4, 8),
                new LatentScale(0.5, 2),
                steps);
        Weights weights = SsddModel.params(config).initial(3);
        // what begins at zero would hide the rest of the network
        weights.asMap().forEach((name, array) -> {
            if (name.endsWith("conv2.weight")) {
                float[] noise = Philox.of(name.hashCode()).normal(array.shape()).data();
                for (int i = 0; i < noise.length; i++) {
                    array.data()[i] = 0.1f * noise[i];
                }
            }
        });
        return SsddModel.of(config, weights);
    }

    @Test
    void aModelComesBackFromItsFolder(@TempDir Path folder) {
        SsddModel model = model(2);
        model.save(folder, StorageType.F32);
        SsddModel back = SsddModel.load(folder);
        assertEquals(model.config(), back.config());
        model.weights()
                .asMap()
                .forEach((name, array) ->
                        assertArrayEquals(array.data(), back.weights().get(name).data(), name));
        assertThrows(WeightsException.class, () -> SsddModel.load(folder.resolve("nothing")));
    }

    @Test
    void latentsAndPicturesHaveTheirShapesAndRanges() {
        try (HostDevice device = HostDevice.of(2);
                SsddCodec codec = new SsddCodec(model(2), device)) {
            NdArray z = codec.encode(Philox.of(1).normal(Shape.of(2, 3, 32, 24)));
            assertEquals(Shape.of(2, 2, 4, 3), z.shape());
            NdArray pictures = codec.decodeFrom(z, 7);
            assertEquals(Shape.of(2, 3, 32, 24), pictures.shape());
            for (float p : pictures.data()) {
                assertTrue(p >= -1 && p <= 1);
            }
            assertThrows(IllegalArgumentException.class, () -> codec.encode(NdArray.zeros(Shape.of(1, 3, 30, 32))));
            assertThrows(
                    IllegalArgumentException.class, () -> codec.decodeFrom(NdArray.zeros(Shape.of(1, 4, 4, 4)), 7));
        }
    }

    @Test
    void aPictureIsTheSameInAnyBatch() {
        try (HostDevice device = HostDevice.of(2);
                SsddCodec codec = new SsddCodec(model(3), device)) {
            NdArray z = Philox.of(2).normal(Shape.of(2, 2, 4, 4));
            NdArray both = codec.decodeFrom(z, 10);
            assertEquals(both.rows(0, 1), codec.decodeFrom(z.rows(0, 1), 10));
            assertEquals(both.rows(1, 2), codec.decodeFrom(z.rows(1, 2), 11));
        }
    }

    @Test
    void aLargePictureIsDecodedInTilesThatBegin() {
        try (HostDevice device = HostDevice.of(2);
                SsddCodec codec = new SsddCodec(model(1), device)) {
            NdArray z = Philox.of(2).normal(Shape.of(1, 2, 50, 33));
            NdArray picture = codec.decodeFrom(z, 10);
            assertEquals(Shape.of(1, 3, 400, 264), picture.shape());
            assertEquals(-1, picture.firstNonFinite());
        }
    }
}
