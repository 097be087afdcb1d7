package org.vortexel.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class ImageTest {
    static Image noise(int width, int height, long seed) {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Philox.of(seed).below(256, i);
        }
        return Image.of(width, height, rgb);
    }

    @Test
    void everyByteSurvivesTheWayThroughFloats() {
        byte[] rgb = new byte[256 * 3];
        for (int i = 0; i < 256; i++) {
            rgb[3 * i] = (byte) i;
            rgb[3 * i + 1] = (byte) (255 - i);
            rgb[3 * i + 2] = (byte) (i ^ 0x55);
        }
        Image image = Image.of(64, 4, rgb);
        assertEquals(image, Image.fromFloats(image.toArray().data(), 0, 64, 4));
    }

    @Test
    void floatsAreChannelPlanesInMinusOneToOne() {
        NdArray array =
                Image.of(2, 1, new byte[] {0, 0, (byte) 255, (byte) 255, 0, 0}).toArray();
        assertEquals(Shape.of(3, 1, 2), array.shape());
        assertArrayEquals(new float[] {-1, 1, -1, -1, 1, -1}, array.data());
    }

    @Test
    void halvesRoundUpAndValuesAreClamped() {
        Image image = Image.fromFloats(new float[] {0f, -7f, 7f}, 0, 1, 1); // 0 lies between bytes 127 and 128
        assertEquals(
                List.of(128, 0, 255), List.of(image.channel(0, 0, 0), image.channel(0, 0, 1), image.channel(0, 0, 2)));
    }

    @Test
    void nonFinitePixelIsNamed() {
        float[] pixels = new float[3 * 3 * 2];
        pixels[6 + 4] = Float.NaN; // green, second row, second column of three
        var error = assertThrows(IllegalArgumentException.class, () -> Image.fromFloats(pixels, 0, 3, 2));
        assertEquals("the green of pixel (x 1, y 1) is NaN, not a finite number", error.getMessage());
    }

    @Test
    void batchGivesItsPicturesInOrder() {
        Image first = noise(3, 2, 1);
        Image second = noise(3, 2, 2);
        NdArray batch = NdArray.zeros(Shape.of(2, 3, 2, 3));
        first.toFloats(batch.data(), 0);
        second.toFloats(batch.data(), 18);
        assertEquals(List.of(first, second), Image.fromBatch(batch));
        assertThrows(IllegalArgumentException.class, () -> Image.fromBatch(batch.reshape(6, 2, 3)));
    }

    @Test
    void shrinkingAveragesTheCoveredArea() {
        Image image = Image.of(3, 1, new byte[] {0, 0, 0, 90, 90, 90, (byte) 240, (byte) 240, (byte) 240});
        Image half = image.resized(2, 1); // pixel 0 covers all of 0 and half of 90
        assertEquals(30, half.channel(0, 0, 0));
        assertEquals(190, half.channel(1, 0, 0));
    }

    @Test
    void enlargingByAWholeFactorRepeatsPixels() {
        Image image = noise(3, 2, 5);
        Image large = image.resized(12, 8);
        for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 12; x++) {
                assertEquals(image.channel(x / 4, y / 4, 1), large.channel(x, y, 1));
            }
        }
        assertEquals(image, large.resized(3, 2));
    }

    @Test
    void oneColourStaysOneColourAtEverySize() {
        Image image = Image.filled(7, 5, 10, 255, 77);
        for (int size : new int[] {1, 2, 3, 4, 11, 31, 33}) {
            assertEquals(Image.filled(size, size, 10, 255, 77), image.resized(size, size));
        }
    }

    @Test
    void centreSquareIsTheMiddle() {
        Image wide = noise(7, 3, 9);
        assertEquals(wide.cropped(2, 0, 3, 3), wide.centreSquare());
        assertEquals(wide.channel(2, 1, 0), wide.centreSquare().channel(0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> wide.cropped(5, 0, 3, 3));
    }

    @Test
    void wrongSizesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Image.of(2, 2, new byte[11]));
        assertThrows(IllegalArgumentException.class, () -> Image.filled(0, 1, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> Image.filled(1 << 20, 1 << 20, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> Image.fromFloats(new float[11], 0, 2, 2));
    }

    @Test
    void contactSheetShowsEveryPictureInItsCell() {
        List<ContactSheet.Cell> cells = List.of(
                new ContactSheet.Cell(Image.filled(4, 4, 255, 0, 0), ""),
                new ContactSheet.Cell(Image.filled(4, 4, 0, 255, 0), ""),
                new ContactSheet.Cell(Image.filled(100, 50, 0, 0, 255), ""));
        Image sheet = ContactSheet.of(cells, 2, 32);
        assertEquals(255, sheet.channel(6 + 16, 6 + 16, 0));
        assertEquals(0, sheet.channel(6 + 16, 6 + 16, 1));
        assertEquals(255, sheet.channel(44 + 16, 6 + 16, 1));
        assertEquals(255, sheet.channel(6 + 16, 44 + 16, 2));
        assertEquals(82, sheet.width());
        assertEquals(82, sheet.height());
    }

    @Test
    void captionsTakeRoomBelow() {
        Image plain = ContactSheet.of(List.of(new ContactSheet.Cell(Image.filled(8, 8, 0, 0, 0), "")), 1, 64);
        Image named = ContactSheet.of(
                List.of(new ContactSheet.Cell(
                        Image.filled(8, 8, 0, 0, 0), "a caption far too long for a cell of this size 🍎🍎🍎🍎")),
                1,
                64);
        assertTrue(named.height() > plain.height());
        assertEquals(plain.width(), named.width());
        assertThrows(IllegalArgumentException.class, () -> ContactSheet.of(List.of(), 1, 64));
    }
}
