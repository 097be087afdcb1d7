package org.vortexel.data;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A Debian package, fetched by `apt-get download` and opened by `dpkg-deb`: they know the user's
/// mirrors, and check what they fetch against the mirror's signed list. Nothing is installed.
///
/// @param name of the package
record DebianPackage(String name) {
    private static final int TIMEOUT_MINUTES = 5;

    /// The bytes of files in the package.
    ///
    /// @param paths as `dpkg-deb --contents` shows them, beginning with `./`
    /// @throws IllegalArgumentException when a program is missing, cannot fetch, or a file is not
    /// in the package
    List<byte[]> files(List<String> paths) {
        try {
            Path folder = Files.createTempDirectory("vortexel-deb");
            try {
                run(folder, folder.resolve("log"), List.of("apt-get", "download", name));
                Path archive = downloaded(folder);
                Path tar = folder.resolve("content.tar");
                run(folder, tar, List.of("dpkg-deb", "--fsys-tarfile", archive.toString()));
                try (InputStream in = Files.newInputStream(tar)) {
                    return Archive.read(archive.getFileName().toString(), in, paths);
                }
            } finally {
                Folders.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the package " + name + " cannot be fetched: " + e.getMessage(), e);
        }
    }

    private Path downloaded(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("apt-get brought no package " + name));
        }
    }

    private void run(Path folder, Path out, List<String> command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(out.toFile())
                    .redirectError(folder.resolve("errors").toFile())
                    .start();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the package " + name + " is fetched with " + command.getFirst()
                            + ", which cannot be started; unpack it elsewhere and name the folder of its files",
                    e);
        }
        try {
            if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                String reason = Files.readString(folder.resolve("errors"))
                        .lines()
                        .filter(line -> line.startsWith("E: "))
                        .map(line -> line.substring(3))
                        .findFirst()
                        .orElse("it gave no reason");
                throw new IllegalArgumentException(command.getFirst() + " cannot fetch " + name + ": " + reason);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("interrupted while " + name + " was fetched", e);
        } finally {
            process.destroy();
        }
    }
}
