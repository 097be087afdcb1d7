package org.vortexel.checkpoint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/// Writes a file so that its name always stands for a whole one: the old, or the new.
///
/// The bytes go to a temporary file in the same folder, which is forced to the disk and then renamed over the target;
/// the folder is forced too, so that the rename survives a power cut. Killed at any instant, the old file is untouched.
public final class AtomicFile {
    private AtomicFile() {}

    /// What to write.
    @FunctionalInterface
    public interface Content {
        /// Writes everything to `out`, which is buffered and is closed by the caller.
        void writeTo(OutputStream out) throws IOException;
    }

    /// Writes `content` to `path`, replacing what was there.
    ///
    /// @throws IllegalArgumentException when `path` is a folder
    /// @throws UncheckedIOException when writing fails (no such folder, disk full); the old file is then unchanged
    public static void write(Path path, Content content) {
        if (Files.isDirectory(path)) {
            throw new IllegalArgumentException("cannot write the file " + path + ": it is a folder");
        }
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("cannot write " + path + ": there is no folder " + folder);
        }
        String unique = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
        Path temporary = folder.resolve("." + path.getFileName() + "." + unique + ".tmp");
        try {
            try {
                writeAndForce(temporary, content);
                Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
            forceFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
        }
    }

    private static void writeAndForce(Path temporary, Content content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    /// Forces the rename itself to the disk, on systems that let a folder be opened like a file (all but Windows).
    private static void forceFolder(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
