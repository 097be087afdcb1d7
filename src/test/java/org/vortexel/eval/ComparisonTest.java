package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.checkpoint.Json;
import org.vortexel.data.Attribute;
import org.vortexel.data.CompositionalPrompt;

/// Two prompts, two pictures of each, drawn in two ways.
class ComparisonTest {
    private static final CompositionalPrompt OLD = new CompositionalPrompt(
            CompositionalPrompt.Kind.COLOUR,
            "red \"x\"",
            "s",
            true,
            Map.of(Attribute.COLOUR, "red"),
            List.of("blue x"));
    private static final CompositionalPrompt NEW = new CompositionalPrompt(
            CompositionalPrompt.Kind.OBJECTS, "a left of b", "s", false, Map.of(), List.of("b left of a"));

    private static Comparison.About about(long seed) {
        return new Comparison.About("m", "w", "j", List.of("d"), List.of(OLD, NEW), 2, seed, "euler", 4, 2);
    }

    private static Comparison.Row row(String method, int prompt, double seconds, Double attributes, double... cosines) {
        return new Comparison.Row(
                method,
                prompt,
                seconds,
                8,
                new PromptScorer.Scores(List.of(cosines[0], cosines[1]), 0.5, attributes, 1.5, 0.25, null));
    }

    private static Comparison whole() {
        return new Comparison(
                        about(1),
                        List.of(new Comparison.Method("plain", ""), new Comparison.Method("late 1", "--async linear")),
                        List.of(),
                        List.of())
                .with(row("plain", 0, 2, 0.5, 0.1, 0.3))
                .with(row("plain", 1, 1, null, 0.2, 0.2))
                .with(row("late 1", 0, 3, 1.0, 0.3, 0.5))
                .with(row("late 1", 1, 2, null, 0.4, 0.6))
                .withDistances(List.of(7.0, 8.0));
    }

    @Test
    void waysAreComparedPromptByPrompt() {
        List<Comparison.Summary> both = whole().summaries();
        Comparison.Summary plain = both.getFirst();
        Comparison.Summary late = both.getLast();
        assertEquals(0.2, plain.alignment(), 1e-12);
        assertEquals(0.45, late.alignment(), 1e-12);
        // the mean of the first pictures is 0.35, of the second 0.55
        assertEquals(0.2 / Math.sqrt(2), late.spread(), 1e-12);
        assertEquals(1.75, late.time(), 1e-12); // the median of 1.5 and 2
        assertEquals(8.0, late.mobileNetV2Block9Fd());
        assertEquals(1.0, late.attributes()); // of the one prompt that names some
        assertNull(late.coverage());
        assertNull(plain.alignmentTest());
        assertEquals(new PairedTest(2, 0.25, 0.5), round(late.alignmentTest()));
        assertEquals(1, late.vendiTest() == null ? 0 : late.vendiTest().p());
    }

    private static PairedTest round(PairedTest test) {
        return new PairedTest(test.pairs(), Math.round(test.difference() * 1e9) / 1e9, test.p());
    }

    @Test
    void tablesSayWhatThereIs() {
        List<String> table = whole().table();
        assertEquals(4, table.size());
        assertTrue(table.getLast().startsWith("| late 1 | 0.4500 | 0.1414 | 0.500 |"), table::toString);
        List<String> kinds = whole().tableOfKinds();
        assertEquals(2 + 4, kinds.size());
        assertTrue(kinds.get(2).startsWith("| objects, never seen | plain |"), kinds::toString);
        List<String> csv = whole().csv();
        assertEquals(5, csv.size());
        assertTrue(csv.get(1).startsWith("\"plain\",colour,true,\"s\",\"red \"\"x\"\"\",2.0,8.0,"), csv::toString);
        assertEquals(csv.getFirst().split(",").length, csv.getLast().split(",", -1).length);
    }

    @Test
    void promptsThatOneWayLacksAreLeftOut() {
        Comparison whole = whole();
        Comparison part =
                new Comparison(whole.about(), whole.methods(), whole.rows().subList(0, 3), List.of());
        assertEquals(0.2, part.summaries().getFirst().alignment(), 1e-12);
        assertEquals(0.4, part.summaries().getLast().alignment(), 1e-12);
        assertEquals(List.of(), new Comparison(whole.about(), whole.methods(), List.of(), List.of()).summaries());
    }

    @Test
    void earlierFiguresOfTheSamePicturesAreTakenOver(@TempDir Path folder) {
        Json.write(folder.resolve("figures.json"), whole());
        Comparison before = Json.read(folder.resolve("figures.json"), Comparison.class);
        assertEquals(whole(), before);
        Comparison fresh = new Comparison(
                about(1),
                List.of(new Comparison.Method("plain", ""), new Comparison.Method("other", "")),
                List.of(),
                List.of());
        assertEquals(2, fresh.resumed(before).rows().size());
        Comparison otherSeed = new Comparison(about(2), fresh.methods(), List.of(), List.of());
        assertThrows(IllegalArgumentException.class, () -> otherSeed.resumed(before));
        Comparison otherOptions = new Comparison(
                about(1), List.of(new Comparison.Method("plain", "--diverse cno")), List.of(), List.of());
        assertThrows(IllegalArgumentException.class, () -> otherOptions.resumed(before));
    }

    @Test
    void rowsOfOtherPromptsAreRefused() {
        Comparison whole = whole();
        assertThrows(IllegalArgumentException.class, () -> whole.with(row("plain", 2, 1, null, 0, 0)));
    }

    @Test
    void plotsAreWritten(@TempDir Path folder) {
        List<Path> files = new ComparisonPlots(folder).of(whole());
        assertEquals(2, files.size());
        assertTrue(files.stream().allMatch(Files::exists));
    }
}
