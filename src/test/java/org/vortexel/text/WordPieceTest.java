package org.vortexel.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vortexel.checkpoint.WeightsException;

class WordPieceTest {
    private static final List<String> PIECES = List.of(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "##a", "red", "apple", "!", "家",
            "caf", "##e", "u", "##n");

    private static WordPiece tokenizer() {
        Map<String, Integer> vocabulary = new HashMap<>();
        IntStream.range(0, PIECES.size()).forEach(i -> vocabulary.put(PIECES.get(i), i));
        return new WordPiece(vocabulary, PIECES.subList(0, 5));
    }

    private static String pieces(String text, int limit) {
        return String.join(
                " ",
                IntStream.of(tokenizer().ids(text, limit)).mapToObj(PIECES::get).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
        red apple    | red apple
        RED  Apple!! | red apple ! !
        unaffable    | un ##aff ##able
        unaffabl     | [UNK]
        un-red       | un [UNK] red
        café         | caf ##e
        家red家       | 家 red 家
        [MASK]red[SEP] | [MASK] red [SEP]
        [mask]       | [UNK] [UNK] [UNK]
        unun         | [UNK]
        """)
    void wordsAreCutIntoTheLongestPieces(String text, String wanted) {
        assertEquals("[CLS] " + wanted + " [SEP]", pieces(text, 100));
    }

    @Test
    void anEmptyTextIsTwoTokens() {
        assertEquals("[CLS] [SEP]", pieces("", 2));
        assertEquals("[CLS] [SEP]", pieces(" \t\n\u0000\u200d\ufeff", 9));
    }

    @Test
    void truncationKeepsTheSeparator() {
        assertEquals("[CLS] red apple [SEP]", pieces("red apple red apple", 4));
        assertEquals("[CLS] un ##aff [SEP]", pieces("unaffable", 4));
        assertEquals("[CLS] [SEP]", pieces("red", 2));
        assertThrows(IllegalArgumentException.class, () -> tokenizer().ids("red", 1));
    }

    @Test
    void aWordOfMoreThanAHundredCharactersIsUnknown() {
        assertEquals(
                "[CLS] u" + " ##n".repeat(99) + " [SEP]",
                pieces("u" + "n".repeat(99), 200).replace("un ", "u ##n "));
        assertEquals("[CLS] [UNK] red [SEP]", pieces("u" + "n".repeat(100) + " red", 200));
    }

    @Test
    void aMillionCharactersAreFine() {
        assertEquals(512, tokenizer().ids("red apple! ".repeat(100_000), 512).length);
        assertEquals("[CLS] [UNK] [SEP]", pieces("x".repeat(1_000_000), 512));
    }

    @Test
    void controlCharactersGoAndSpacesAreUnified() {
        assertEquals("ab c d e", WordPiece.normalize("A\u0000\u200b\ufffd\ue000B\u00a0C\u2028d\u3000e\ud800"));
    }

    @Test
    void sigmaAndDottedIAreLoweredLetterByLetter() {
        assertEquals("οδοσ i", WordPiece.normalize("ΟΔΟΣ İ"));
    }

    @Test
    void everyAsciiSignIsAWord() {
        String signs = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
        assertEquals(signs.length(), WordPiece.words(signs).size());
        assertEquals(List.of("a", "—", "b", "¿", "c"), WordPiece.words("a—b ¿c"));
    }

    @Test
    void aVocabularyWithoutSpecialTokensIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new WordPiece(Map.of("a", 1), List.of()));
    }

    @Test
    void aTokenizerOfAnotherKindIsRefused() {
        for (String json : List.of("{}", "{\"model\":{\"type\":\"BPE\"}}", "[", "")) {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            assertThrows(WeightsException.class, () -> TokenizerFile.read("here", new ByteArrayInputStream(bytes)));
        }
    }

    @Test
    void idsDoNotDependOnWhatWasReadBefore() {
        WordPiece tokenizer = tokenizer();
        int[] first = tokenizer.ids("red apple", 9);
        tokenizer.ids("unaffable!", 9);
        assertArrayEquals(first, tokenizer.ids("red apple", 9));
    }
}
