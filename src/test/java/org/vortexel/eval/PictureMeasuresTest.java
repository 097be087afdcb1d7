package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.vortexel.image.Image;
import org.vortexel.tensor.Philox;

class PictureMeasuresTest {
    private static Image noise(long seed) {
        byte[] rgb = new byte[20 * 20 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Philox.of(seed).below(256, i);
        }
        return Image.of(20, 20, rgb);
    }

    @Test
    void signalToNoiseOfAKnownDifference() {
        Image black = Image.filled(20, 20, 0, 0, 0);
        assertEquals(0, Psnr.of(black, Image.filled(20, 20, 255, 255, 255)), 1e-12);
        assertEquals(20 * Math.log10(255.0 / 5), Psnr.of(black, Image.filled(20, 20, 5, 5, 5)), 1e-12);
        assertEquals(Double.POSITIVE_INFINITY, Psnr.of(black, black));
    }

    @Test
    void aPictureIsLikeItselfAndUnlikeNoise() {
        Image picture = noise(1);
        assertEquals(1, Ssim.gaussian().of(picture, picture), 1e-12);
        assertEquals(1, Ssim.uniform(7).of(picture, picture), 1e-12);
        assertTrue(Math.abs(Ssim.gaussian().of(picture, noise(2))) < 0.1);
    }

    @Test
    void flatPicturesDifferInLightOnly() {
        double c1 = Math.pow(0.01 * 255, 2);
        double wanted = (2 * 100 * 200 + c1) / (100 * 100 + 200 * 200 + c1);
        double got = Ssim.gaussian().of(Image.filled(20, 20, 100, 100, 100), Image.filled(20, 20, 200, 200, 200));
        assertEquals(wanted, got, 1e-9);
    }

    @Test
    void picturesOfAnotherSizeOrSmallerThanTheWindowAreRefused() {
        Image wide = Image.filled(21, 20, 0, 0, 0);
        assertThrows(IllegalArgumentException.class, () -> Psnr.of(wide, noise(1)));
        assertThrows(IllegalArgumentException.class, () -> Ssim.gaussian().of(wide, noise(1)));
        Image small = Image.filled(10, 10, 0, 0, 0);
        assertThrows(IllegalArgumentException.class, () -> Ssim.gaussian().of(small, small));
    }
}
