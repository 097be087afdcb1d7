package org.vortexel.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;

/// Ids of the captions in `golden/minilm`, made by Hugging Face `tokenizers` from the same `tokenizer.json`.
class WordPieceGoldenTest {
    private static final WordPiece TOKENIZER = MiniLm.tokenizer();

    private static List<Path> files() {
        return Golden.files("minilm", "*.io.safetensors");
    }

    @TestFactory
    Stream<DynamicTest> everyCaptionHasTheReferencesIds() {
        return files().stream().flatMap(path -> {
            try (Golden golden = Golden.open(path)) {
                JsonNode captions = golden.about().path("captions");
                int[] ids = golden.file().ints("ids");
                int[] mask = golden.file().ints("attention_mask");
                int limit = golden.file().shape("ids").dim(1);
                assertEquals(captions.size() * limit, ids.length);
                return Stream.iterate(0, i -> i < captions.size(), i -> i + 1).map(i -> {
                    String caption = captions.get(i).asText();
                    int[] wanted = Arrays.copyOfRange(ids, i * limit, (i + 1) * limit);
                    int[] ones = Arrays.copyOfRange(mask, i * limit, (i + 1) * limit);
                    return DynamicTest.dynamicTest(i + " " + caption, () -> {
                        int[] got = TOKENIZER.ids(caption, limit);
                        assertEquals(Arrays.stream(ones).sum(), got.length);
                        int[] padded = Arrays.copyOf(got, limit);
                        Arrays.fill(padded, got.length, limit, TOKENIZER.padding());
                        assertArrayEquals(wanted, padded);
                    });
                });
            }
        });
    }

    @Test
    void aLongCaptionHasTheReferencesIdsWithoutTruncation() {
        for (Path path : files()) {
            try (Golden golden = Golden.open(path)) {
                JsonNode captions = golden.about().path("captions");
                String last = captions.get(captions.size() - 1).asText();
                int[] wanted = golden.file().ints("long.ids_full");
                assertArrayEquals(wanted, TOKENIZER.ids(last, wanted.length + 1));
            }
        }
    }
}
