package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
    @TempDir
    private Path folder;

    private static byte[] idx(int magic, int[] sizes, byte... body) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(4 + 4 * sizes.length).putInt(magic);
        for (int size : sizes) {
            head.putInt(size);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(head.array());
            out.write(body);
        }
        return bytes.toByteArray();
    }

    @Test
    void theBytesBehindTheHeaderAreRead() throws IOException {
        byte[] file = idx(0x803, new int[] {1, 2, 3}, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) -1);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, -1}, FashionMnist.idx("f", file, 0x803, 1, 2, 3));
    }

    @Test
    void otherFilesAreOneSentence() throws IOException {
        byte[] good = idx(0x801, new int[] {2}, (byte) 1, (byte) 2);
        byte[] cut = idx(0x801, new int[] {2}, (byte) 1);
        byte[] longer = idx(0x801, new int[] {2}, (byte) 1, (byte) 2, (byte) 3);
        for (Object[] bad : new Object[][] {{good, 0x803, 2}, {good, 0x801, 3}, {cut, 0x801, 2}, {longer, 0x801, 2}}) {
            var e = assertThrows(
                    IllegalArgumentException.class,
                    () -> FashionMnist.idx("labels", (byte[]) bad[0], (int) bad[1], (int) bad[2]));
            assertTrue(e.getMessage().startsWith("labels: is not"), e.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> FashionMnist.idx("f", new byte[] {1, 2, 3}, 0x801, 2));
    }

    @Test
    void aFolderWithoutTheFilesIsOneSentenceAndMakesNothing() throws IOException {
        Path from = Files.createDirectory(folder.resolve("from"));
        Path out = folder.resolve("out");
        var e = assertThrows(
                IllegalArgumentException.class, () -> FashionMnist.build(out, Optional.of(from), (_, _) -> {}));
        assertTrue(e.getMessage().contains("there is no train-images"), e.getMessage());
        assertFalse(Files.exists(out));
    }
}
