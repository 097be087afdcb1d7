package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// Scenes of twelve plain squares, each of its own red, in two styles.
class ScenesTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void paintThings() throws IOException {
        StringBuilder lines = new StringBuilder();
        Files.createDirectories(folder.resolve("things"));
        for (int i = 0; i < 13; i++) {
            for (String style : List.of("flat", "round")) {
                String file = style + i + ".png";
                ImageFile.writePng(
                        folder.resolve("things").resolve(file),
                        Image.filled(32, 32, 20 * i, style.equals("flat") ? 0 : 100, 0));
                // the last is known in one style only
                String split = i == 12 && style.equals("round") ? "heldout_combination" : "train";
                lines.append("{\"file_name\":\"%s\",\"text\":\"thing %d\",\"style\":\"%s\",\"base\":\"%d\",\"group\":"
                                .formatted(file, i, style, i))
                        .append("\"objects\",\"split\":\"%s\"}\n".formatted(split));
            }
        }
        Files.writeString(folder.resolve("things").resolve(ImageFolder.METADATA), lines);
    }

    private Map<String, Integer> build(String out, int things, int count) {
        return Scenes.build(
                folder.resolve(out), folder.resolve("things"), 64, things, count, 5, false, (_, _, _) -> {});
    }

    @Test
    void scenesShowWhatTheirCaptionsSay() {
        build("scenes", 12, 200);
        ImageFolder scenes = ImageFolder.open(folder.resolve("scenes"));
        assertEquals(200, scenes.size());
        Set<String> relations = new HashSet<>();
        for (int i = 0; i < scenes.size(); i++) {
            Entry entry = scenes.entries().get(i);
            Image image = scenes.image(i, 64);
            relations.add(entry.subgroup());
            int first = 20 * Integer.parseInt(entry.tags().getFirst());
            int second = 20 * Integer.parseInt(entry.tags().get(1));
            int green = entry.style().equals("flat") ? 0 : 100;
            switch (entry.subgroup()) {
                case "left" -> {
                    assertEquals(first, image.channel(16, 32, 0));
                    assertEquals(second, image.channel(48, 32, 0));
                    assertEquals(255, image.channel(32, 8, 0));
                    assertTrue(entry.text().contains(" left of "));
                }
                case "above" -> {
                    assertEquals(first, image.channel(32, 16, 0));
                    assertEquals(second, image.channel(32, 48, 0));
                }
                case "bigger" -> {
                    assertEquals(first, image.channel(20, 28, 0));
                    assertEquals(second, image.channel(52, 38, 0));
                    assertTrue(entry.text().startsWith("big thing"));
                }
                default -> assertEquals(3, new HashSet<>(entry.tags()).size());
            }
            if (entry.subgroup().equals("left")) {
                assertEquals(green, image.channel(16, 32, 1));
            }
        }
        assertEquals(Set.of("left", "above", "bigger", "row"), relations);
    }

    @Test
    void pairsAreHeldOutInEveryRelation() {
        build("many", 12, 1000);
        Map<Set<String>, Set<String>> sides = new HashMap<>();
        for (Entry entry : ImageFolder.open(folder.resolve("many")).entries()) {
            if (entry.tags().size() == 2) {
                sides.computeIfAbsent(Set.copyOf(entry.tags()), _ -> new HashSet<>())
                        .add(entry.split());
            }
        }
        assertTrue(sides.values().stream().allMatch(splits -> splits.size() == 1));
        long heldOut = sides.values().stream()
                .filter(Set.of("heldout_combination")::equals)
                .count();
        assertTrue(heldOut > 0 && heldOut < 20, () -> heldOut + " of " + sides.size());
    }

    @Test
    void equalRequestsGiveEqualScenesAndOthersAreRefused() throws IOException {
        build("a", 12, 20);
        build("b", 12, 20);
        assertEquals(-1, Files.mismatch(folder.resolve("a/000013.png"), folder.resolve("b/000013.png")));
        assertEquals(build("a", 12, 20), build("b", 12, 20));
        assertThrows(IllegalArgumentException.class, () -> build("a", 12, 21));
        var e = assertThrows(IllegalArgumentException.class, () -> build("c", 13, 20));
        assertTrue(e.getMessage().contains("only 12 plain things"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> build("c", 2, 20));
    }

    @Test
    void mirroredScenesComeInTwos() {
        Path out = folder.resolve("mirrored");
        Scenes.build(out, folder.resolve("things"), 64, 12, 60, 5, true, (_, _, _) -> {});
        List<Entry> entries = ImageFolder.open(out).entries();
        for (int i = 0; i < 60; i += 2) {
            Entry one = entries.get(i);
            Entry other = entries.get(i + 1);
            assertEquals(one.tags().reversed(), other.tags());
            assertEquals(one.subgroup() + one.style() + one.split(), other.subgroup() + other.style() + other.split());
        }
        assertThrows(IllegalArgumentException.class, () -> build("mirrored", 12, 60));
    }
}
