package org.vortexel.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {
    private static final String RECIPE = "{\"prompt\": \"a red apple 🍎, naïve\\n\", \"seed\": 7}";

    @TempDir
    Path folder;

    @Test
    void pixelsAndRecipeComeBack() {
        Image image = ImageTest.noise(33, 17, 3);
        Path file = folder.resolve("apple.png");
        ImageFile.writePng(file, image, RECIPE);
        assertEquals(image, ImageFile.read(file));
        assertEquals(Optional.of(RECIPE), ImageFile.recipe(file));
    }

    @Test
    void pictureWithoutRecipeHasNone() {
        Path file = folder.resolve("plain.png");
        ImageFile.writePng(file, ImageTest.noise(5, 5, 3));
        assertEquals(Optional.empty(), ImageFile.recipe(file));
    }

    @Test
    void samePictureGivesSameBytes() {
        Image image = ImageTest.noise(33, 17, 3);
        assertArrayEquals(
                ImageFile.encodePng(image, Optional.of(RECIPE)), ImageFile.encodePng(image, Optional.of(RECIPE)));
    }

    @Test
    void recipeInAPlainTextChunkIsReadToo() throws IOException {
        Path file = folder.resolve("text.png");
        Files.write(file, withChunk("tEXt", "vortexel\0{\"seed\": 7}".getBytes(StandardCharsets.ISO_8859_1)));
        assertEquals(Optional.of("{\"seed\": 7}"), ImageFile.recipe(file));
    }

    @Test
    void otherTextChunksArePassedOver() throws IOException {
        Path file = folder.resolve("text.png");
        Files.write(file, withChunk("tEXt", "vortexel2\0no".getBytes(StandardCharsets.ISO_8859_1)));
        assertEquals(Optional.empty(), ImageFile.recipe(file));
    }

    @Test
    void compressedOrCutRecipeIsRefused() throws IOException {
        Path file = folder.resolve("text.png");
        Files.write(file, withChunk("iTXt", "vortexel\0\1\0\0\0xyz".getBytes(StandardCharsets.ISO_8859_1)));
        assertSentence(file + ": cannot be read (its recipe is compressed)", () -> ImageFile.recipe(file));
        Files.write(file, withChunk("iTXt", "vortexel\0\0\0en".getBytes(StandardCharsets.ISO_8859_1)));
        assertSentence(file + ": cannot be read (its recipe is cut short)", () -> ImageFile.recipe(file));
    }

    @Test
    void chunkThatClaimsTwoGigabytesEndsInASentence() throws IOException {
        byte[] png = ImageFile.encodePng(ImageTest.noise(5, 5, 3), Optional.empty());
        Path file = folder.resolve("long.png");
        byte[] longChunk = png.clone();
        Arrays.fill(longChunk, 33, 37, (byte) 0x7F); // the length of the chunk after the header
        Files.write(file, longChunk);
        assertSentence(file + ": not a PNG file, or cut short", () -> ImageFile.recipe(file));
        Arrays.fill(longChunk, 33, 37, (byte) 0xFF);
        Files.write(file, longChunk);
        assertSentence(file + ": cannot be read (a chunk with a negative length)", () -> ImageFile.recipe(file));
    }

    @Test
    void headerThatClaimsTooManyPixelsIsRefusedBeforeDecoding() throws IOException {
        byte[] png = ImageFile.encodePng(ImageTest.noise(5, 5, 3), Optional.empty());
        for (int[] size : new int[][] {{16385, 1}, {1, 16385}, {16384, 16384}, {1 << 30, 1 << 30}}) {
            byte[] hostile = png.clone();
            putInt(hostile, 16, size[0]);
            putInt(hostile, 20, size[1]);
            CRC32 crc = new CRC32();
            crc.update(hostile, 12, 17);
            putInt(hostile, 29, (int) crc.getValue());
            Path file = folder.resolve("huge.png");
            Files.write(file, hostile);
            assertSentence(
                    file + ": the picture cannot be read (its " + size[0] + " x " + size[1]
                            + " pixels are more than 16384 a side or 67108864 in all)",
                    () -> ImageFile.read(file));
        }
    }

    @Test
    void damagedFilesGetOneSentence() throws IOException {
        byte[] png = ImageFile.encodePng(ImageTest.noise(20, 20, 3), Optional.empty());
        for (int length : new int[] {0, 1, 8, 20, 40, png.length / 2}) {
            Path file = folder.resolve("cut.png");
            Files.write(file, Arrays.copyOf(png, length));
            var error = assertThrows(IllegalArgumentException.class, () -> ImageFile.read(file), "length " + length);
            assertTrue(error.getMessage().startsWith(file + ": the picture cannot be read ("), error.getMessage());
            assertThrows(IllegalArgumentException.class, () -> ImageFile.recipe(file), "length " + length);
        }
        Path missing = folder.resolve("none.png");
        assertSentence(missing + ": there is no such file", () -> ImageFile.read(missing));
        assertSentence(missing + ": there is no such file", () -> ImageFile.recipe(missing));
        assertSentence(folder + ": there is no such file", () -> ImageFile.read(folder));
    }

    @Test
    void transparentPixelsLieOnWhite() throws IOException {
        BufferedImage source = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        source.setRGB(0, 0, 0x00123456);
        source.setRGB(1, 0, 0xFF123456);
        Path file = folder.resolve("alpha.png");
        ImageIO.write(source, "png", file.toFile());
        Image image = ImageFile.read(file);
        assertEquals(255, image.channel(0, 0, 2));
        assertEquals(0x56, image.channel(1, 0, 2));
    }

    @Test
    void greyLevelsAreNotBrightened() throws IOException {
        for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
            BufferedImage source = new BufferedImage(1, 1, type);
            source.getRaster().setSample(0, 0, 0, type == BufferedImage.TYPE_BYTE_GRAY ? 100 : 100 * 257);
            Path file = folder.resolve("grey.png");
            ImageIO.write(source, "png", file.toFile());
            assertEquals(Image.filled(1, 1, 100, 100, 100), ImageFile.read(file));
        }
    }

    @Test
    void jpegIsRead() throws IOException {
        BufferedImage source = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        var graphics = source.createGraphics();
        graphics.setColor(new Color(200, 30, 40));
        graphics.fillRect(0, 0, 16, 16);
        graphics.dispose();
        Path file = folder.resolve("red.jpg");
        ImageIO.write(source, "jpg", file.toFile());
        assertEquals(200, ImageFile.read(file).channel(8, 8, 0), 4);
        assertSentence(file + ": not a PNG file", () -> ImageFile.recipe(file));
    }

    @Test
    void writingOverAFolderIsRefused() throws IOException {
        Path target = Files.createDirectory(folder.resolve("out.png"));
        assertThrows(IllegalArgumentException.class, () -> ImageFile.writePng(target, Image.filled(1, 1, 0, 0, 0)));
        assertThrows(
                IllegalArgumentException.class,
                () -> ImageFile.writePng(folder.resolve("no/x.png"), Image.filled(1, 1, 0, 0, 0)));
    }

    @Test
    void recipeThatCouldNotBeReadBackIsNotWritten() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ImageFile.encodePng(Image.filled(1, 1, 0, 0, 0), Optional.of("x".repeat((1 << 20) + 1))));
    }

    /// A PNG with one more chunk after its header.
    private static byte[] withChunk(String type, byte[] content) throws IOException {
        byte[] png = ImageFile.encodePng(ImageTest.noise(4, 4, 1), Optional.empty());
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(png, 0, 33);
        out.writeInt(content.length);
        out.write(name);
        out.write(content);
        out.writeInt((int) crc.getValue());
        out.write(png, 33, png.length - 33);
        return bytes.toByteArray();
    }

    private static void putInt(byte[] bytes, int at, int value) {
        for (int i = 0; i < 4; i++) {
            bytes[at + i] = (byte) (value >>> 24 - 8 * i);
        }
    }

    private static void assertSentence(String expected, org.junit.jupiter.api.function.Executable call) {
        assertEquals(
                expected, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
