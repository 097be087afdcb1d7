package org.vortexel.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class AtomicFileTest {
    @TempDir
    Path folder;

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void replacesTheOldFile() throws IOException {
        Path path = folder.resolve("a.json");
        AtomicFile.write(path, out -> out.write("old".getBytes()));
        AtomicFile.write(path, out -> out.write("new".getBytes()));
        assertEquals("new", Files.readString(path));
        assertEquals(List.of("a.json"), names(folder));
    }

    @Test
    void aFailureWhileWritingLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("a.json");
        Files.writeString(path, "old");
        UncheckedIOException e = assertThrows(
                UncheckedIOException.class,
                () -> AtomicFile.write(path, out -> {
                    out.write(new byte[1 << 20]);
                    throw new IOException("the plug was pulled");
                }));
        assertTrue(e.getMessage().endsWith("a.json: the plug was pulled"), e.getMessage());
        assertEquals("old", Files.readString(path));
        assertEquals(List.of("a.json"), names(folder));
    }

    @Test
    void theOldFileStandsUntilTheNewOneIsWhole() throws IOException {
        Path path = folder.resolve("a.json");
        Files.writeString(path, "old");
        AtomicFile.write(path, out -> {
            out.write(new byte[1 << 20]);
            out.flush();
            assertEquals("old", Files.readString(path));
        });
        assertEquals(1 << 20, Files.size(path));
    }

    @Test
    void whatAKilledWriterLeftIsRemovedByTheNextAndNothingElse() throws IOException {
        Path path = folder.resolve("a.json");
        Files.writeString(folder.resolve(".a.json.1y2p0ij32e8e7-12.tmp"), "half");
        Files.writeString(folder.resolve(".b.json.1y2p0ij32e8e7-13.tmp"), "of another file");
        Files.writeString(folder.resolve(".a.json.tmp"), "somebody's own");
        AtomicFile.write(path, out -> out.write("new".getBytes()));
        assertEquals(List.of(".a.json.tmp", ".b.json.1y2p0ij32e8e7-13.tmp", "a.json"), names(folder));
    }

    @Test
    void theFileOfALivingWriterIsLeftAlone() throws IOException {
        Path path = folder.resolve("a.json");
        Path other = folder.resolve(".a.json.1y2p0ij32e8e7-12.tmp");
        try (FileChannel channel = FileChannel.open(other, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                FileLock lock = channel.lock()) {
            assertTrue(lock.isValid());
            AtomicFile.write(path, out -> out.write("new".getBytes()));
            assertEquals(List.of(".a.json.1y2p0ij32e8e7-12.tmp", "a.json"), names(folder));
        }
        AtomicFile.write(path, out -> out.write("new".getBytes()));
        assertEquals(List.of("a.json"), names(folder));
    }

    @Test
    void ofTwoWritersTheLastToFinishWins() throws IOException {
        Path path = folder.resolve("a.json");
        AtomicFile.write(path, out -> {
            out.write("begun first".getBytes());
            AtomicFile.write(path, inner -> inner.write("finished first".getBytes()));
            assertEquals("finished first", Files.readString(path));
        });
        assertEquals("begun first", Files.readString(path));
        assertEquals(List.of("a.json"), names(folder));
    }

    @Test
    void aFullDiskLeavesTheOldCheckpoint() throws IOException {
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(4096)
                .setMaxSize(64 * 1024)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path path = disk.getPath("/weights.safetensors");
            SafeTensorsWriter.write(path, List.of(StoredTensor.of("x", NdArray.scalar(1))), Map.of());
            byte[] old = Files.readAllBytes(path);
            List<StoredTensor> tooLarge = List.of(StoredTensor.of("x", NdArray.zeros(Shape.of(100_000))));
            UncheckedIOException e =
                    assertThrows(UncheckedIOException.class, () -> SafeTensorsWriter.write(path, tooLarge, Map.of()));
            assertEquals("cannot write /weights.safetensors: out of disk space", e.getMessage());
            assertEquals(-1, java.util.Arrays.mismatch(old, Files.readAllBytes(path)));
            assertEquals(List.of("weights.safetensors", "work"), names(disk.getPath("/")));
        }
    }

    @Test
    void aFolderInTheWayAndAMissingFolderAreTold() throws IOException {
        Path inTheWay = Files.createDirectory(folder.resolve("d"));
        assertThrows(IllegalArgumentException.class, () -> AtomicFile.write(inTheWay, out -> {}));
        Path nowhere = folder.resolve("none").resolve("a.json");
        assertThrows(IllegalArgumentException.class, () -> AtomicFile.write(nowhere, out -> {}));
        assertFalse(Files.exists(folder.resolve("none")));
    }
}
