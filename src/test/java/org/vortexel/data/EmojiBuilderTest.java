package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.data.EmojiCatalog.Emoji;
import org.vortexel.image.Image;

/// A hand-made catalogue of four emoji in two styles stands for the packages; the last tests read the real ones
/// where they have been fetched.
class EmojiBuilderTest {
    private static final String WORDS = """
        [{"label": "Red Apple", "hexcode": "1F34E", "tags": ["fruit"], "emoji": "🍎", "group": 4, "subgroup": 42},
         {"label": "red heart", "hexcode": "2764-FE0F", "emoji": "❤️", "group": 0, "subgroup": 9},
         {"label": "woman: red hair", "hexcode": "1F469-200D-1F9B0", "emoji": "👩‍🦰", "group": 1, "subgroup": 23,
          "skins": [{"label": "woman: dark skin tone, red hair", "hexcode": "1F469-1F3FF-200D-1F9B0",
                     "emoji": "👩🏿‍🦰", "group": 1, "subgroup": 23, "tone": 5},
                    {"label": "woman: medium skin tone, red hair", "hexcode": "1F469-1F3FD-200D-1F9B0",
                     "emoji": "👩🏽‍🦰", "group": 1, "subgroup": 23, "tone": 3}]},
         {"label": "handshake", "hexcode": "1F91D", "emoji": "🤝", "group": 1, "subgroup": 20,
          "skins": [{"label": "handshake: light skin tone, dark skin tone", "hexcode": "1FAF1-1F3FB-200D-1FAF2-1F3FF",
                     "emoji": "🫱🏻‍🫲🏿", "group": 1, "subgroup": 20, "tone": [1, 5]}]},
         {"label": "regional indicator A", "hexcode": "1F1E6", "emoji": "🇦"}]
        """;
    private static final String GROUPS = """
        {"groups": {"0": "smileys-emotion", "1": "people-body", "4": "food-drink"},
         "subgroups": {"9": "heart", "20": "hands", "23": "person", "42": "food-fruit"}}
        """;
    private static final String ICONS = """
        {"prefix": "x", "width": 10, "height": 10, "icons": {
         "apple": {"body": "<path fill=\\"#f00\\" d=\\"M0 0h10v10H0z\\"/>"},
         "heart": {"body": "<path fill=\\"#00f\\" d=\\"M0 0h10v5H0z\\"/>", "height": 5},
         "woman": {"body": "<path d=\\"M0 0h5v10H0z\\"/>"},
         "unnamed": {"body": ""}}}
        """;
    private static final String CHARS = """
        {"1f34e": "apple", "2764": "heart", "1f469-1f3fd-200d-1f9b0": "woman", "e50a": "unnamed"}
        """;

    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static EmojiPackages sources() {
        return new EmojiPackages(
                EmojiCatalog.parse(bytes(WORDS), bytes(GROUPS)),
                List.of(
                        IconSet.parse("twemoji", bytes(ICONS), bytes(CHARS)),
                        IconSet.parse("noto", bytes(ICONS), bytes("{\"1f34e\": \"apple\"}"))));
    }

    private EmojiBuilder.Request request(Path out) {
        return new EmojiBuilder.Request(out, 8, EmojiBuilder.styles(), folder.resolve("cache"));
    }

    private EmojiBuilder.Result write(Path out) {
        return EmojiBuilder.write(out, 8, sources(), EmojiBuilder.stamp(request(out)), (stage, done, total) -> {});
    }

    @Test
    void wordsAreJoinedOnTheHexcode() {
        Map<String, Emoji> emoji = new HashMap<>();
        sources().catalog().emoji().forEach(each -> emoji.put(each.hexcode(), each));
        assertEquals(
                new Emoji("1f34e", "1f34e", "red apple", List.of("fruit"), "food-drink", "food-fruit", "🍎", List.of()),
                emoji.get("1f34e"));
        assertEquals("red heart", emoji.get("2764").label());
        Emoji woman = emoji.get("1f469-1f3fd-200d-1f9b0");
        assertEquals("1f469-200d-1f9b0", woman.base());
        assertEquals(List.of("medium"), woman.tones());
        assertEquals(
                List.of("light", "dark"),
                emoji.get("1faf1-1f3fb-200d-1faf2-1f3ff").tones());
        assertEquals("", emoji.get("1f1e6").group());
    }

    @Test
    void folderIsReadByTheLoader() {
        Path out = folder.resolve("new/emoji");
        EmojiBuilder.Result result = write(out);
        assertFalse(result.upToDate());
        ImageFolder images = ImageFolder.open(out);
        assertEquals(
                List.of(
                        "twemoji/1f34e.png",
                        "twemoji/2764.png",
                        "twemoji/1f469-1f3fd-200d-1f9b0.png",
                        "noto/1f34e.png"),
                images.entries().stream().map(Entry::fileName).toList());
        assertEquals(
                4, result.counts().values().stream().mapToInt(Integer::intValue).sum());
        Entry woman = images.entries().get(2);
        assertEquals("woman: medium skin tone, red hair, twemoji style", woman.caption());
        assertEquals("heldout_combination", woman.split());
        assertEquals("hair-tone", woman.combination());
        assertEquals("train", images.entries().getFirst().split());
        assertEquals(Image.filled(8, 8, 255, 0, 0), images.image(0, 8));
        assertTrue(Files.exists(out.resolve("ATTRIBUTION.md")));
    }

    @Test
    void drawingIsCentredOnWhite() {
        Path out = folder.resolve("emoji");
        write(out);
        Image heart = ImageFolder.open(out).image(1, 8); // 10 x 5: blue between rows 2 and 6
        assertEquals(Image.filled(8, 2, 255, 255, 255), heart.cropped(0, 0, 8, 2));
        assertEquals(Image.filled(8, 4, 0, 0, 255), heart.cropped(0, 2, 8, 4));
        assertEquals(Image.filled(8, 2, 255, 255, 255), heart.cropped(0, 6, 8, 2));
    }

    @Test
    void sameInputsGiveSameBytes() throws IOException {
        write(folder.resolve("one"));
        write(folder.resolve("two"));
        try (Stream<Path> files = Files.walk(folder.resolve("one"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path twin = folder.resolve("two").resolve(folder.resolve("one").relativize(file));
                assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(twin), file.toString());
            }
        }
    }

    @Test
    void secondBuildFindsItUpToDate() {
        Path out = folder.resolve("emoji");
        EmojiBuilder.Result first = write(out);
        EmojiBuilder.Result second = EmojiBuilder.build(request(out), (stage, done, total) -> {
            throw new AssertionError("worked again");
        });
        assertTrue(second.upToDate());
        assertEquals(first.counts(), second.counts());
    }

    @Test
    void foreignFoldersAndFilesAreLeftAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        assertRefused(file + ": is a file, wanted the name of a folder", request(file));
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(mine.resolve("thesis.txt"), "mine");
        assertRefused(mine + ": the folder holds other files; choose a new or an empty folder", request(mine));
        Path out = folder.resolve("emoji");
        write(out);
        assertRefused(
                out
                        + ": the folder holds a data set of another size, style or version; remove it or choose"
                        + " another folder",
                request(out).withStyles(List.of("noto")));
        assertEquals("mine", Files.readString(mine.resolve("thesis.txt")));
    }

    @Test
    void damagedResultIsBuiltAgain() throws IOException {
        Path out = folder.resolve("emoji");
        write(out);
        byte[] picture = Files.readAllBytes(out.resolve("noto/1f34e.png"));
        Files.delete(out.resolve("noto/1f34e.png"));
        Files.writeString(folder.resolve("cache"), "a file, so that nothing can be fetched");
        assertThrows(UncheckedIOException.class, () -> EmojiBuilder.build(request(out), (stage, done, total) -> {}));
        write(out);
        assertArrayEquals(picture, Files.readAllBytes(out.resolve("noto/1f34e.png")));
        assertOnly(Set.of("emoji", "cache"));
    }

    @Test
    void badDrawingStopsTheBuildAndLeavesNothing() throws IOException {
        EmojiPackages bad = new EmojiPackages(
                sources().catalog(), List.of(new IconSet("noto", Map.of("1f34e", "<svg", "2764", "<svg"))));
        Path out = folder.resolve("emoji");
        var error = assertThrows(
                IllegalArgumentException.class, () -> EmojiBuilder.write(out, 8, bad, "", (stage, done, total) -> {}));
        assertTrue(error.getMessage().endsWith(".png: not a good SVG drawing"), error.getMessage());
        assertOnly(Set.of());
    }

    @Test
    void aFullDiskIsOneSentenceAndLeavesNothing() throws IOException {
        Configuration small = Configuration.unix().toBuilder()
                .setBlockSize(512)
                .setMaxSize(2048)
                .build();
        try (FileSystem disk = Jimfs.newFileSystem(small)) {
            Path out = disk.getPath("/emoji");
            var error = assertThrows(
                    UncheckedIOException.class,
                    () -> EmojiBuilder.write(out, 64, sources(), "", (stage, done, total) -> {}));
            assertEquals("/emoji: the data set cannot be written (out of disk space)", error.getMessage());
            try (Stream<Path> files = Files.list(disk.getPath("/"))) {
                assertEquals(List.of("/work"), files.map(Path::toString).toList()); // jimfs's own
            }
        }
    }

    @Test
    void folderThatCannotBeMadeIsOneSentence() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        var error = assertThrows(UncheckedIOException.class, () -> write(file.resolve("emoji")));
        assertTrue(
                error.getMessage().startsWith(file.resolve("emoji") + ": the data set cannot be written ("),
                error.getMessage());
        assertOnly(Set.of("file"));
    }

    @Test
    void absurdRequestsAreRefused() {
        Path out = folder.resolve("emoji");
        assertThrows(IllegalArgumentException.class, () -> EmojiBuilder.Request.of(out, 7));
        assertThrows(IllegalArgumentException.class, () -> EmojiBuilder.Request.of(out, 1025));
        EmojiBuilder.Request good = EmojiBuilder.Request.of(out, 64);
        assertEquals(
                "the styles must be some of twemoji, noto, fluent, each once, but are noto, cubist",
                assertThrows(IllegalArgumentException.class, () -> good.withStyles(List.of("noto", "cubist")))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> good.withStyles(List.of()));
        assertThrows(IllegalArgumentException.class, () -> good.withStyles(List.of("noto", "noto")));
        assertEquals(
                List.of("twemoji", "noto"),
                good.withStyles(List.of("noto", "twemoji")).styles());
    }

    @Test
    void badPackagesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> EmojiCatalog.parse(bytes("[{"), bytes(GROUPS)));
        assertEquals(
                "the noto icons have no pear for 1f350",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> IconSet.parse("noto", bytes(ICONS), bytes("{\"1f350\": \"pear\"}")))
                        .getMessage());
    }

    private static void assertRefused(String expected, EmojiBuilder.Request request) {
        assertEquals(
                expected,
                assertThrows(
                                IllegalArgumentException.class,
                                () -> EmojiBuilder.build(request, (stage, done, total) -> {}))
                        .getMessage());
    }

    private void assertOnly(Set<String> names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> found = new HashSet<>();
            files.forEach(file -> found.add(file.getFileName().toString()));
            assertEquals(names, found);
        }
    }

    /// The real packages, where an earlier build left them in the user's cache; never fetched here.
    private EmojiPackages realSources() {
        EmojiBuilder.Request request = EmojiBuilder.Request.of(folder.resolve("emoji"), 64);
        for (NpmPackage each : EmojiPackages.of(request.styles())) {
            Path archive = request.cache().resolve(each.archiveName());
            assumeTrue(Files.exists(archive), "not fetched: " + archive.getFileName());
        }
        return EmojiPackages.fetch(
                request.styles(), request.cache(), List.of("no-npm-in-tests"), (stage, done, total) -> {});
    }

    @Test
    void realPackagesJoinCompletely() {
        EmojiPackages real = realSources();
        Map<String, Integer> captioned = new TreeMap<>();
        for (IconSet set : real.sets()) {
            real.catalog().emoji().stream()
                    .filter(emoji -> set.drawing(emoji).isPresent())
                    .forEach(emoji -> captioned.merge(set.style(), 1, Integer::sum));
        }
        assertEquals(Map.of("twemoji", 3970, "noto", 3708, "fluent", 3139), captioned);
    }

    @Test
    void everyHeldOutCombinationIsSeenInItsParts() {
        EmojiPackages real = realSources();
        Set<String> trained = new HashSet<>();
        Map<String, Set<String>> heldOut = new TreeMap<>();
        for (IconSet set : real.sets()) {
            for (Emoji emoji : real.catalog().emoji()) {
                if (set.drawing(emoji).isPresent()) {
                    EmojiSplit.Side side = EmojiSplit.of(emoji, set.style());
                    if (side.split().equals("train")) {
                        trained.add(emoji.base());
                        emoji.tones().forEach(tone -> trained.add(set.style() + " " + tone));
                    } else if (side.combination().equals("style-object")
                            && emoji.tones().isEmpty()) {
                        heldOut.computeIfAbsent("base", key -> new HashSet<>()).add(emoji.base());
                    } else if (side.split().equals("heldout")) {
                        heldOut.computeIfAbsent("never", key -> new HashSet<>()).add(emoji.base());
                    }
                }
            }
        }
        assertTrue(trained.containsAll(heldOut.get("base")), "a held-out thing is drawn in no other style");
        assertTrue(heldOut.get("never").stream().noneMatch(trained::contains), "a held-out thing is trained on");
        assertFalse(trained.contains("noto medium-light"));
        assertTrue(trained.containsAll(Set.of("twemoji medium-light", "noto medium", "noto light")));
    }
}
