package org.vortexel.data;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.vortexel.checkpoint.Reason;

/// One npm package at one version, known by the hash of its archive.
///
/// Archives are kept in a folder, by default [#userCache()], and read from there with [Archive].
///
/// @param name the package's name, such as `@iconify-json/noto`
/// @param version its version
/// @param integrity `sha512-` and the Base64 hash of the archive, as npm's lock files write it
public record NpmPackage(String name, String version, String integrity) {
    private static final long MAX_ARCHIVE_BYTES = 64L << 20;
    private static final int TIMEOUT_MINUTES = 5;

    /// The folder in which a user's packages are kept: `vortexel/npm` in `$XDG_CACHE_HOME`, or in `~/.cache`.
    public static Path userCache() {
        String given = System.getenv("XDG_CACHE_HOME");
        Path caches =
                given != null && !given.isEmpty() ? Path.of(given) : Path.of(System.getProperty("user.home"), ".cache");
        return caches.resolve("vortexel").resolve("npm");
    }

    /// The file name that `npm pack` gives the archive.
    public String archiveName() {
        return name.replace("@", "").replace('/', '-') + "-" + version + ".tgz";
    }

    /// The archive in `cache` if it is there and has the hash [#integrity()]; nothing is fetched.
    public Optional<Path> cached(Path cache) {
        Path archive = cache.resolve(archiveName());
        try {
            return Files.isRegularFile(archive) && hasExpectedHash(archive) ? Optional.of(archive) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + archive + ": " + e.getMessage(), e);
        }
    }

    /// The archive in `cache`, fetched there by the npm client if it is not there yet. An archive with another hash
    /// than [#integrity()] is fetched again; if it still differs, it is refused.
    ///
    /// @param npm the words of the npm command, usually `npm` alone
    /// @throws IllegalArgumentException if npm is missing, cannot fetch, or brings other bytes than expected
    public Path fetch(Path cache, List<String> npm) {
        Optional<Path> kept = cached(cache);
        if (kept.isPresent()) {
            return kept.get();
        }
        Path archive = cache.resolve(archiveName());
        try {
            Files.createDirectories(cache);
            Path folder = Files.createTempDirectory(cache, "fetch");
            try {
                pack(folder, npm, archive);
                Path fetched = folder.resolve(archiveName());
                if (!Files.isRegularFile(fetched) || !hasExpectedHash(fetched)) {
                    throw new IllegalArgumentException("npm brought another " + name + "@" + version
                            + " than expected: its archive does not have the hash " + integrity);
                }
                Files.move(fetched, archive, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Folders.delete(folder);
            }
            return archive;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep " + archiveName() + " in " + cache + ": " + Reason.of(e), e);
        }
    }

    private void pack(Path folder, List<String> npm, Path archive) throws IOException {
        List<String> command = new ArrayList<>(npm);
        command.addAll(List.of("pack", "--loglevel=error", "--fetch-retries=1", name + "@" + version));
        Path log = folder.resolve("npm.log");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File(nullDevice())))
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the package " + name + " is fetched with npm, and " + npm.getFirst()
                            + " cannot be started: install Node.js, or put " + archive.getFileName() + " into "
                            + archive.getParent(),
                    e);
        }
        try {
            if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                throw new IllegalArgumentException(
                        "npm did not fetch " + name + "@" + version + " within " + TIMEOUT_MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("interrupted while npm fetched " + name + "@" + version, e);
        } finally {
            process.destroy();
        }
        if (process.exitValue() != 0) {
            String reason = reason(Files.readString(log)).orElse("it gave no reason");
            long free = Files.getFileStore(folder).getUsableSpace(); // npm's log is on the same disk
            throw new IllegalArgumentException("npm cannot fetch " + name + "@" + version + ": " + reason
                    + (free < MAX_ARCHIVE_BYTES
                            ? "; only " + free / 1024 + " kB are free in " + archive.getParent()
                            : ""));
        }
    }

    /// The first line of npm's log that a person can use.
    private static Optional<String> reason(String log) {
        return log.lines()
                .filter(line -> line.matches("npm (error|ERR!) .*"))
                .map(line -> line.replaceFirst("npm (error|ERR!) ", "").strip())
                .filter(line -> !line.isEmpty() && !line.matches("(code|syscall|errno|path) .*"))
                .map(line -> line.replaceFirst("^(network|notarget|FetchError:) ", ""))
                .findFirst();
    }

    private static String nullDevice() {
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
        return windows ? "NUL" : "/dev/null";
    }

    private boolean hasExpectedHash(Path file) throws IOException {
        if (Files.size(file) > MAX_ARCHIVE_BYTES) {
            return false;
        }
        return integrity.equals("sha512-" + Base64.getEncoder().encodeToString(sha512(Files.readAllBytes(file))));
    }

    private static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-512", e);
        }
    }
}
