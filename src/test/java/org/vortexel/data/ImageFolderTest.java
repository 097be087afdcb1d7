package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class ImageFolderTest {
    @TempDir
    Path folder;

    @BeforeEach
    void pictures() throws IOException {
        Files.createDirectory(folder.resolve("a"));
        ImageFile.writePng(folder.resolve("a/red.png"), Image.filled(8, 8, 255, 0, 0));
        ImageFile.writePng(folder.resolve("green.png"), Image.filled(8, 4, 0, 255, 0));
        ImageFile.writePng(folder.resolve("blue.png"), Image.filled(2, 2, 0, 0, 255));
    }

    private ImageFolder open(String... lines) throws IOException {
        Files.write(folder.resolve("metadata.jsonl"), List.of(lines));
        return ImageFolder.open(folder);
    }

    private ImageFolder three() throws IOException {
        return open(
                "{\"file_name\":\"a/red.png\",\"text\":\"Red\",\"style\":\"noto\",\"split\":\"train\",\"tone\":[\"dark\"],"
                        + "\"tags\":[\"warm\"],\"group\":\"g\",\"subgroup\":\"s\",\"base\":\"1f34e\",\"emoji\":\"🍎\","
                        + "\"combination\":\"\",\"licence\":{\"free\":true}}",
                "{\"file_name\":\"green.png\",\"text\":\"green\",\"style\":\"fluent\",\"split\":\"train\"}",
                "",
                "{\"file_name\":\"blue.png\",\"text\":\"blue\",\"split\":null}");
    }

    @Test
    void everyColumnIsRead() throws IOException {
        assertEquals(
                new Entry(
                        1,
                        "a/red.png",
                        "Red",
                        "noto",
                        "g",
                        "s",
                        "1f34e",
                        "🍎",
                        List.of("dark"),
                        List.of("warm"),
                        "train",
                        ""),
                three().entries().getFirst());
    }

    @Test
    void onlyFileNameAndTextAreNeeded() throws IOException {
        Entry entry = three().entries().getLast();
        assertEquals(new Entry(4, "blue.png", "blue", "", "", "", "", "", List.of(), List.of(), "", ""), entry);
        assertEquals("blue", entry.caption());
    }

    @Test
    void captionIsTextAndStyleInLowerCase() throws IOException {
        assertEquals("red, noto style", three().entries().getFirst().caption());
        assertEquals("a red apple", CaptionFormat.caption("  A red APPLE ", ""));
    }

    @Test
    void exampleIsTheMiddleSquareAtTheWantedSize() throws IOException {
        Example example = three().example(1, 2);
        assertEquals(Shape.of(3, 2, 2), example.image().shape());
        assertArrayEquals(
                new float[] {-1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1},
                example.image().data());
        assertEquals("green", example.entry().text());
    }

    @Test
    void packedPicturesEqualDecodedOnes() throws IOException {
        ImageFolder images = three();
        PackedImages packed = images.pack(4);
        NdArray batch = packed.batch(2, 0, 2);
        assertEquals(Shape.of(3, 3, 4, 4), batch.shape());
        assertEquals(images.example(2, 4).image(), batch.rows(0, 1).reshape(3, 4, 4));
        assertEquals(images.example(0, 4).image(), batch.rows(1, 2).reshape(3, 4, 4));
        assertEquals(3, packed.count());
        assertEquals(images.entries(), packed.entries());
    }

    @Test
    void selectionKeepsWhatFits() throws IOException {
        ImageFolder images = three();
        assertEquals(3, images.select(Selection.all()).size());
        assertEquals(2, images.select(Selection.all().withSplits("train")).size());
        assertEquals(
                1, images.select(Selection.all().withStyles("fluent", "other")).size());
        assertEquals(
                1,
                images.select(Selection.all().withSubgroups("s").withGroups("g"))
                        .size());
        assertEquals(
                List.of("green", "blue"),
                images.select(Selection.all().withoutSkinTones()).entries().stream()
                        .map(Entry::text)
                        .toList());
        var error = assertThrows(
                IllegalArgumentException.class,
                () -> images.select(Selection.all().withSplits("heldout")));
        assertTrue(error.getMessage().startsWith(folder + ": none of its 3 pictures fits"), error.getMessage());
    }

    @Test
    void badLinesAreNamedWithLineAndField() throws IOException {
        String good = "{\"file_name\":\"blue.png\",\"text\":\"blue\"}";
        Path file = folder.resolve("metadata.jsonl");
        assertWrong(file + " line 2: file_name is missing or empty", good, "{\"text\":\"x\"}");
        assertWrong(file + " line 2: text is missing or empty", good, "{\"file_name\":\"blue.png\"}");
        assertWrong(file + " line 1: text is missing or empty", "{\"file_name\":\"blue.png\",\"text\":\" \"}");
        assertWrong(file + " line 1: text must be a string", "{\"file_name\":\"blue.png\",\"text\":3}");
        assertWrong(
                file + " line 1: tags must be a list of strings",
                "{\"file_name\":\"blue.png\",\"text\":\"x\",\"tags\":[3]}");
        assertWrong(
                file + " line 1: tone must be a list of strings",
                "{\"file_name\":\"blue.png\",\"text\":\"x\",\"tone\":\"dark\"}");
        assertWrong(
                file + " line 1: file_name names a file that is not there: no.png",
                "{\"file_name\":\"no.png\",\"text\":\"x\"}");
        assertWrong(
                file + " line 1: file_name names a file that is not there: a", "{\"file_name\":\"a\",\"text\":\"x\"}");
        assertWrong(file + " line 1: file_name is not a path", "{\"file_name\":\"a\\u0000b\",\"text\":\"x\"}");
        assertWrong(file + " line 1: is not a JSON object", "[1]");
        assertWrong(file + ": has no lines", "");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> open(good, "{\"file_name\":"))
                .getMessage()
                .startsWith(file + " line 2: is not good JSON ("));
    }

    @Test
    void pathsOutOfTheFolderAreRefused() throws IOException {
        Path outside = folder.resolveSibling("outside.png");
        ImageFile.writePng(outside, Image.filled(1, 1, 0, 0, 0));
        Path file = folder.resolve("metadata.jsonl");
        for (String name : List.of("../outside.png", "a/../../outside.png", outside.toString())) {
            assertWrong(
                    file + " line 1: file_name leads out of the folder: " + name,
                    "{\"file_name\":\"" + name + "\",\"text\":\"x\"}");
        }
        assertEquals(1, open("{\"file_name\":\"a/../blue.png\",\"text\":\"x\"}").size());
        Files.delete(outside);
    }

    @Test
    void unreadablePictureIsNamedWithItsLine() throws IOException {
        Files.writeString(folder.resolve("bad.png"), "not a picture");
        ImageFolder images =
                open("{\"file_name\":\"blue.png\",\"text\":\"x\"}", "{\"file_name\":\"bad.png\",\"text\":\"x\"}");
        String expected = folder.resolve("metadata.jsonl") + " line 2: file_name: " + folder.resolve("bad.png")
                + ": the picture cannot be read (it is not a PNG, JPEG, GIF, BMP or TIFF file)";
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, () -> images.example(1, 8))
                        .getMessage());
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, () -> images.pack(8))
                        .getMessage());
    }

    @Test
    void folderWithoutMetadataOrWithBinaryOneIsRefused() throws IOException {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ImageFolder.open(folder))
                .getMessage()
                .startsWith(folder + ": there is no metadata.jsonl in it"));
        Files.write(folder.resolve("metadata.jsonl"), "{\"file_name\":\"ü\"".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(
                folder.resolve("metadata.jsonl") + ": is not UTF-8 text",
                assertThrows(IllegalArgumentException.class, () -> ImageFolder.open(folder))
                        .getMessage());
    }

    @Test
    void picturesThatDoNotFitIntoMemoryAreRefusedFirst() throws IOException {
        ImageFolder images = three();
        var error = assertThrows(IllegalArgumentException.class, () -> images.pack(1_000_000));
        assertTrue(error.getMessage().contains("MB in memory"), error.getMessage());
        assertFalse(error.getMessage().contains("-8"), error.getMessage());
    }

    private void assertWrong(String expected, String... lines) {
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, () -> open(lines)).getMessage());
    }
}
