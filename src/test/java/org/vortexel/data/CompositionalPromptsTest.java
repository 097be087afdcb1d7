package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.data.CompositionalPrompt.Kind;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// A folder of thirty things, three colours of hearts and some people, in two styles; all share one
/// picture.
class CompositionalPromptsTest {
    @TempDir
    private static Path folder;

    private static final StringBuilder LINES = new StringBuilder();

    @BeforeAll
    static void writeEntries() throws IOException {
        ImageFile.writePng(folder.resolve("all.png"), Image.filled(4, 4, 1, 2, 3));
        for (String style : List.of("flat", "round")) {
            for (int i = 0; i < 30; i++) {
                boolean held = i >= 28 && style.equals("round");
                line(style, "thing " + i, "t" + i, "objects", "", held ? "style-object" : "");
            }
            line(style, "red heart", "red", "symbols", "", "");
            line(style, "blue heart", "blue", "symbols", "", "");
            line(style, "green salad", "salad", "symbols", "", ""); // comes in one colour only
            for (String tone : List.of("light", "dark")) {
                for (String hair : List.of("red hair", "bald")) {
                    boolean held = tone.equals("dark") && hair.equals("bald");
                    line(
                            style,
                            "man: " + tone + " skin tone, " + hair,
                            "man-" + hair,
                            "people-body",
                            tone,
                            held ? "hair-tone" : "");
                }
                line(style, "man cook: " + tone + " skin tone", "cook", "people-body", tone, "");
            }
            line(style, "man cook", "cook", "people-body", "", "");
        }
        Files.writeString(folder.resolve(ImageFolder.METADATA), LINES);
    }

    private static void line(String style, String text, String base, String group, String tone, String combination) {
        LINES.append("{\"file_name\":\"all.png\",\"text\":\"%s\",\"style\":\"%s\",\"base\":\"%s\",\"group\":\"%s\","
                        .formatted(text, style, base, group))
                .append("\"tone\":[%s],\"split\":\"%s\",\"combination\":\"%s\"}\n"
                        .formatted(
                                tone.isEmpty() ? "" : "\"" + tone + "\"",
                                combination.isEmpty() ? "train" : "heldout_combination",
                                combination));
    }

    private static List<CompositionalPrompt> prompts(boolean skinTones, int each, long seed) {
        return CompositionalPrompts.of(
                ImageFolder.open(folder), new CompositionalPrompts.Choice(List.of(), skinTones, 100, each, seed));
    }

    private static Map<Kind, List<CompositionalPrompt>> byKind(List<CompositionalPrompt> all) {
        return all.stream().collect(Collectors.groupingBy(CompositionalPrompt::kind));
    }

    @Test
    void halfOfEveryKindIsSeen() {
        Map<Kind, List<CompositionalPrompt>> kinds = byKind(prompts(true, 4, 1));
        for (Kind kind : Kind.values()) {
            List<CompositionalPrompt> own = kinds.get(kind);
            assertEquals(2, own.stream().filter(CompositionalPrompt::seen).count(), own::toString);
            assertEquals(kind == Kind.OPEN ? 2 : 4, own.size(), own::toString);
        }
    }

    @Test
    void seenMeansThatTheTrainingSplitHasTheCombination() {
        Set<String> trained = ImageFolder.open(folder).entries().stream()
                .filter(entry -> entry.split().equals("train"))
                .map(Entry::caption)
                .collect(Collectors.toSet());
        List<CompositionalPrompt> all = prompts(true, 20, 2);
        for (CompositionalPrompt prompt : all) {
            if (prompt.kind() != Kind.OBJECTS) {
                assertEquals(trained.contains(prompt.caption()), prompt.seen(), prompt::toString);
            }
        }
        for (CompositionalPrompt prompt : byKind(all).get(Kind.OBJECTS)) {
            String[] bases = prompt.text()
                    .replaceFirst("^big ", "")
                    .replaceFirst(" (left of|above|and small) ", "|")
                    .replace("thing ", "t")
                    .split("\\|");
            assertEquals(!Scenes.heldOut(bases[0], bases[1]), prompt.seen(), prompt::toString);
        }
    }

    @Test
    void everyFoilDiffersAndAttributesAreThoseOfTheWords() {
        List<CompositionalPrompt> all = prompts(true, 12, 3);
        for (CompositionalPrompt prompt : all) {
            assertFalse(prompt.foils().contains(prompt.text()), prompt::toString);
            assertEquals(prompt.foils().size(), Set.copyOf(prompt.foils()).size(), prompt::toString);
            assertEquals(prompt.style(), prompt.attributes().get(Attribute.STYLE));
        }
        assertTrue(byKind(all).get(Kind.COLOUR).stream()
                .allMatch(p -> p.text().equals(p.attributes().get(Attribute.COLOUR) + " heart")));
        CompositionalPrompt person = byKind(all).get(Kind.PERSON).stream()
                .filter(p -> p.attributes().containsKey(Attribute.HAIR))
                .findFirst()
                .orElseThrow();
        assertTrue(person.text().contains(person.attributes().get(Attribute.TONE) + " skin tone, "));
    }

    @Test
    void theSeedDecidesAndSkinTonesCanBeLeftOut() {
        assertEquals(prompts(true, 6, 4), prompts(true, 6, 4));
        assertNotEquals(prompts(true, 6, 4), prompts(true, 6, 5));
        assertEquals(
                Set.of(Kind.OBJECTS, Kind.COLOUR, Kind.STYLE),
                byKind(prompts(false, 6, 4)).keySet());
    }

    @Test
    void whatCannotBeIsRefused() {
        ImageFolder open = ImageFolder.open(folder);
        assertThrows(
                IllegalArgumentException.class,
                () -> CompositionalPrompts.of(open, new CompositionalPrompts.Choice(List.of("oil"), true, 10, 4, 1)));
        assertThrows(IllegalArgumentException.class, () -> new CompositionalPrompts.Choice(List.of(), true, 10, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new CompositionalPrompts.Choice(List.of(), true, 1, 4, 1));
    }
}
