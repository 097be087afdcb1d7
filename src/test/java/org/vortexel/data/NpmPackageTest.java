package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A shell script plays npm.
class NpmPackageTest {
    /// The SHA-512 of the bytes `good`.
    private static final NpmPackage GOOD = new NpmPackage(
            "@scope/thing",
            "1.2.3",
            "sha512-ECWb/hpBBY5GcdBaO5Yrd0xLFpRrQEC8BVBZ0YWdXxXsTX8Byj91YWMtAK3WEi0zcCKhURdOW5zr9DAlS46fpw==");

    @TempDir
    Path folder;

    @BeforeEach
    void needsAShell() {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no /bin/sh to play npm");
    }

    private static List<String> npm(String script) {
        return List.of("/bin/sh", "-c", script);
    }

    @Test
    void archiveIsFetchedOnceAndKept() throws IOException {
        Path cache = folder.resolve("a/cache");
        Path archive = GOOD.fetch(cache, npm("printf good > scope-thing-1.2.3.tgz"));
        assertEquals("good", Files.readString(archive));
        assertEquals(archive, GOOD.fetch(cache, List.of("there-is-no-such-program")));
        try (Stream<Path> files = Files.list(cache)) {
            assertEquals(List.of(archive), files.toList());
        }
    }

    @Test
    void onlyAnArchiveWithItsHashCountsAsCached() throws IOException {
        assertEquals(Optional.empty(), GOOD.cached(folder));
        Path archive = Files.writeString(folder.resolve("scope-thing-1.2.3.tgz"), "goo");
        assertEquals(Optional.empty(), GOOD.cached(folder));
        Files.writeString(archive, "good");
        assertEquals(Optional.of(archive), GOOD.cached(folder));
    }

    @Test
    void damagedArchiveIsFetchedAgain() throws IOException {
        Files.writeString(folder.resolve("scope-thing-1.2.3.tgz"), "goo");
        assertEquals("good", Files.readString(GOOD.fetch(folder, npm("printf good > scope-thing-1.2.3.tgz"))));
    }

    @Test
    void otherBytesThanExpectedAreRefused() throws IOException {
        var error = assertThrows(
                IllegalArgumentException.class, () -> GOOD.fetch(folder, npm("printf evil > scope-thing-1.2.3.tgz")));
        assertTrue(error.getMessage().startsWith("npm brought another @scope/thing@1.2.3 than expected"));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void missingNpmIsSaidWithTheWayOut() {
        assertEquals(
                "the package @scope/thing is fetched with npm, and there-is-no-such-program cannot be started: install"
                        + " Node.js, or put scope-thing-1.2.3.tgz into " + folder,
                assertThrows(
                                IllegalArgumentException.class,
                                () -> GOOD.fetch(folder, List.of("there-is-no-such-program")))
                        .getMessage());
    }

    @Test
    void npmsOwnReasonIsPassedOn() {
        assertEquals(
                "npm cannot fetch @scope/thing@1.2.3: request to the registry failed, reason: getaddrinfo ENOTFOUND",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> GOOD.fetch(
                                        folder,
                                        npm("echo 'npm error code ENOTFOUND'; echo 'npm error syscall"
                                                + " getaddrinfo';echo 'npm error network request to the registry failed,"
                                                + " reason: getaddrinfo ENOTFOUND'; exit 1")))
                        .getMessage());
    }

    @Test
    void cacheThatIsAFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        var error = assertThrows(
                java.io.UncheckedIOException.class, () -> GOOD.fetch(file, npm("printf good > scope-thing-1.2.3.tgz")));
        assertTrue(error.getMessage().startsWith("cannot keep scope-thing-1.2.3.tgz in " + file + ": "));
    }
}
