package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
    @TempDir
    Path folder;

    /// A tar header, padded to 512 bytes.
    private static byte[] header(String name, String size, char type) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 124, size);
        header[156] = (byte) type;
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static void file(ByteArrayOutputStream tar, String name, byte[] content) {
        tar.writeBytes(header(name, String.format("%011o", content.length), '0'));
        tar.writeBytes(content);
        tar.writeBytes(new byte[(512 - content.length % 512) % 512]);
    }

    private Path archive(byte[] tar) throws IOException {
        Path file = folder.resolve("x.tgz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(tar);
        }
        return file;
    }

    @Test
    void wantedFilesAreReadAndOthersPassedOver() throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        byte[] large = new byte[1000];
        large[999] = 7;
        file(tar, "package/other", new byte[512]);
        file(tar, "package/a.json", large);
        tar.writeBytes(header("package/link", "00000000000", '2'));
        file(tar, "package/b.json", new byte[] {1, 2, 3});
        tar.writeBytes(new byte[1024]);
        List<byte[]> files = Archive.read(archive(tar.toByteArray()), "package/b.json", "package/a.json");
        assertArrayEquals(large, files.get(1));
        assertArrayEquals(new byte[] {1, 2, 3}, files.get(0));
    }

    @Test
    void missingFileIsNamed() throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        file(tar, "package/a.json", new byte[3]);
        assertWrong(": there is no package/b.json in it", archive(tar.toByteArray()), "package/b.json");
    }

    @Test
    void absurdSizesAreRefusedBeforeMemoryIsTaken() throws IOException {
        assertWrong(
                ": not a good archive (it claims more data than this program reads)",
                archive(header("a", "77777777777", '0')),
                "a");
    }

    @Test
    void unreadableSizeIsRefused() throws IOException {
        assertWrong(": not a good archive (a file in it has no readable size)", archive(header("a", "12x", '0')), "a");
    }

    @Test
    void cutAndForeignFilesAreRefused() throws IOException {
        assertWrong(": not a good archive (it is cut short)", archive(header("a", "00000000100", '0')), "a");
        Path file = folder.resolve("text.tgz");
        Files.writeString(file, "this is not gzip");
        assertWrong(": not a good archive (Not in GZIP format)", file, "a");
    }

    private static void assertWrong(String expected, Path file, String wanted) {
        assertEquals(
                file + expected,
                assertThrows(IllegalArgumentException.class, () -> Archive.read(file, wanted))
                        .getMessage());
    }
}
