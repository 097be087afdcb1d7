package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import org.junit.jupiter.api.Test;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

class ImageOpsTest {
    @Test
    void convolutionHasTheDerivativeOfTheTextbook() {
        check(
                x -> x.get(0).conv2d(Conv2d.padded(1), x.get(1), x.get(2)),
                3e-3,
                random(1, 2, 2, 4, 3),
                random(2, 3, 2, 3, 3),
                random(3, 3));
        check(
                x -> x.get(0).conv2d(Conv2d.strided(2, 0), x.get(1), null),
                3e-3,
                random(1, 1, 3, 5, 6),
                random(2, 2, 3, 2, 3));
    }

    @Test
    void unevenPaddingHasTheDerivativeOfTheTextbook() {
        check(
                x -> x.get(0).conv2d(new Conv2d(2, 0, 1, 2, 0, 1), x.get(1), x.get(2)),
                3e-3,
                random(1, 1, 2, 4, 5),
                random(2, 3, 2, 3, 3),
                random(3, 3));
        check(
                x -> x.get(0).conv2d(new Conv2d(3, 1, 0, 0, 2, 1), x.get(1), null),
                3e-3,
                random(1, 1, 1, 7, 5),
                random(2, 2, 1, 2, 2));
    }

    @Test
    void groupsHaveTheDerivativeOfTheTextbook() {
        check(
                x -> x.get(0).conv2d(Conv2d.padded(1).withGroups(2), x.get(1), x.get(2)),
                3e-3,
                random(1, 2, 4, 3, 3),
                random(2, 6, 2, 3, 3),
                random(3, 6));
        check(
                x -> x.get(0).conv2d(Conv2d.strided(2, 1).withGroups(3), x.get(1), null),
                3e-3,
                random(1, 1, 3, 4, 5),
                random(2, 3, 1, 3, 3));
    }

    @Test
    void modulationByAMapHasTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).modulateImage(x.get(1)), 2e-3, random(1, 2, 3, 4, 6), random(2, 2, 6, 2, 3));
        check(x -> x.get(0).modulateImage(x.get(1)), 2e-3, random(1, 2, 2, 3, 3), random(2, 2, 4, 1, 1));
        check(x -> x.get(0).modulateImage(x.get(1)), 2e-3, random(1, 1, 2, 3, 2), random(2, 1, 4, 3, 2));
        check(x -> x.get(0).modulateImage(x.get(1)), 2e-3, random(1, 1, 2, 4, 6), random(2, 1, 4, 1, 2));
    }

    @Test
    void modulationByAMapIsThatByTheEnlargedMap() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 3, 6, 4));
        Tensor map = r.input("map", Shape.of(2, 6, 3, 2));
        var parts = map.upsample(2).chunk(2, 1);
        r.output(
                "difference",
                x.modulateImage(map).sub(x.mul(parts.get(0).add(1f)).add(parts.get(1))));
        try (HostDevice device = HostDevice.of(2);
                Player player = device.load(r.program(), new Weights())) {
            player.set("x", random(1, 2, 3, 6, 4))
                    .set("map", random(2, 2, 6, 3, 2))
                    .run();
            for (float d : player.get("difference").data()) {
                assertEquals(0, d, 1e-6);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> x.modulateImage(r.input("other", Shape.of(2, 6, 4, 2))));
    }

    @Test
    void poolsHaveTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).averagePool(2, 2), 1e-3, random(1, 1, 2, 5, 4));
        check(x -> x.get(0).averagePool(3, 1), 1e-3, random(1, 1, 1, 5, 4));
        check(x -> x.get(0).averagePool(2, 3), 1e-3, random(1, 1, 1, 7, 6));
        check(x -> x.get(0).adaptiveAveragePool(2, 3), 1e-3, random(1, 1, 2, 5, 7));
        check(x -> x.get(0).adaptiveAveragePool(5, 1), 1e-3, random(1, 2, 1, 3, 4));
    }

    @Test
    void resizingAndShufflingHaveTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).upsample(2), 1e-3, random(1, 1, 2, 3, 5));
        check(x -> x.get(0).upsample(3), 1e-3, random(1, 2, 1, 1, 2));
        check(x -> x.get(0).pixelShuffle(2), 1e-3, random(1, 1, 8, 3, 2));
        check(x -> x.get(0).pixelUnshuffle(3), 1e-3, random(1, 1, 2, 6, 3));
    }

    @Test
    void wrongShapesAreNamed() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(1, 3, 5, 5));
        Tensor w = r.input("w", Shape.of(4, 2, 3, 3));
        assertEquals(
                "Conv2d: Conv2d with weight (4, 2, 3, 3), 1 groups and padding (left, right, top, bottom) (1, 1, 1, 1)"
                        + " expected x (N, 2, H, W) but got (1, 3, 5, 5)",
                assertThrows(IllegalArgumentException.class, () -> x.conv2d(Conv2d.padded(1), w, null))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Conv2d.strided(0, 1));
        assertThrows(IllegalArgumentException.class, () -> x.averagePool(6, 1));
        assertThrows(IllegalArgumentException.class, () -> x.pixelShuffle(2));
        assertThrows(IllegalArgumentException.class, () -> x.pixelUnshuffle(2));
    }
}
