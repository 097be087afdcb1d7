package org.vortexel.checkpoint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/// Writes a file so that its name always stands for a whole one: the old, or the new.
///
/// The bytes go to a temporary file in the same folder, which is forced to the disk and then renamed over the
/// target; the folder is forced too, so that the rename survives a power cut. Killed at any instant, the old
/// file is untouched.
///
/// What a killed writer leaves behind, `.NAME.WRITER-NUMBER.tmp`, is removed when the same file is written again. A
/// writer holds a lock on its temporary file, which dies with it, so that the file of a living one is left alone: of
/// two writers the last to finish wins, and both write a whole file.
public final class AtomicFile {
    /// Names this process: its temporary files are never taken for those of a dead one.
    private static final String WRITER =
            Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);

    private static final AtomicLong NUMBER = new AtomicLong();

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
        String prefix = "." + path.getFileName() + ".";
        try {
            removeLeftovers(folder, prefix);
            boolean written = false;
            while (!written) {
                Path temporary = folder.resolve(prefix + WRITER + "-" + NUMBER.incrementAndGet() + ".tmp");
                try {
                    written = write(temporary, path, content);
                } finally {
                    Files.deleteIfExists(temporary);
                }
            }
            forceFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + Reason.of(e), e);
        }
    }

    /// Writes the temporary file and renames it, which ends with it closed and its lock free.
    ///
    /// @return false when someone who removes leftovers was quicker than this writer with its lock
    private static boolean write(Path temporary, Path path, Content content) throws IOException {
        try (FileChannel channel =
                FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            if (!lock(channel) || !Files.exists(temporary)) {
                return false;
            }
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
            Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return true;
        }
    }

    private static boolean lock(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException e) {
            return true; // a file system without locks, where nobody removes anything either
        }
    }

    /// Removes the temporary files of dead writers of one target.
    private static void removeLeftovers(Path folder, String prefix) throws IOException {
        Pattern leftover = Pattern.compile(Pattern.quote(prefix) + "(?!" + WRITER + "-)[0-9a-z]+-[0-9]+\\.tmp");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> leftover.matcher(file.getFileName().toString()).matches())) {
            for (Path file : files) {
                removeUnlessHeld(file);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static void removeUnlessHeld(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | OverlappingFileLockException e) {
            // Not ours to remove, which is no reason to write nothing.
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
