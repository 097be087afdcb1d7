package org.vortexel.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    @TempDir
    private Path folder;

    private static MetricsLog.Line line(int step) {
        return new MetricsLog.Line(step, 0.5, 1, 1e-3, 100, Map.of());
    }

    @Test
    void linesBeyondTheCheckpointAndHalfLinesAreDropped() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        MetricsLog log = MetricsLog.open(file, 0);
        log.add(line(20));
        log.add(line(40));
        Files.writeString(file, "{\"step\":10,\"lo", StandardOpenOption.APPEND);
        assertEquals(List.of(line(20)), MetricsLog.open(file, 30).lines());
    }

    @Test
    void aFullDiskIsOneSentenceAndTheWholeLinesAreStillRead() throws IOException {
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(64)
                .setMaxSize(1536)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path file = disk.getPath("/metrics.jsonl");
            Path other = Files.write(disk.getPath("/other"), new byte[512]);
            MetricsLog log = MetricsLog.open(file, 0);
            var error = assertThrows(UncheckedIOException.class, () -> {
                for (int step = 1; step < 100; step++) {
                    log.add(line(step));
                }
            });
            assertEquals("cannot write /metrics.jsonl: out of disk space", error.getMessage());
            Files.delete(other);
            assertEquals(List.of(line(1), line(2)), MetricsLog.open(file, 2).lines());
        }
    }
}
