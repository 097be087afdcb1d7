package org.vortexel.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// BERT's lower-case tokenizer: text to the ids of word pieces, between `[CLS]` and `[SEP]`.
///
/// 1. Special tokens that stand in the text as they are, such as `[MASK]`, are taken out first.
/// 2. The rest is cleaned: control characters dropped, every kind of space made a space, Chinese characters set apart,
///    accents stripped (NFD, then without nonspacing marks), lower case.
/// 3. It is cut into words at spaces and around every punctuation mark.
/// 4. Each word is cut into the longest pieces of the vocabulary, from the left; all but the first begin with `##`. A
/// word
///    that cannot be cut, or is longer than 100 characters, is one `[UNK]`.
///
/// A character is a Unicode code point. Categories are those of the running JDK, newer than the ones of the original
/// for
/// a few scripts.
///
/// Source: Devlin et al. 2018, [arXiv:1810.04805](https://arxiv.org/abs/1810.04805), section 3; Wu et al. 2016,
/// [arXiv:1609.08144](https://arxiv.org/abs/1609.08144), section 4.1; the reference is Hugging Face `tokenizers`,
/// `BertNormalizer`, `BertPreTokenizer` and `WordPiece`.
public final class WordPiece {
    private static final int MAX_WORD = 100;
    private static final String CONTINUED = "##";

    private final Map<String, Integer> vocabulary;
    private final Pattern special;
    private final int unknown;
    private final int begin;
    private final int end;
    private final int padding;

    /// A tokenizer for a vocabulary.
    ///
    /// @param vocabulary the id of every piece; `[PAD]`, `[UNK]`, `[CLS]` and `[SEP]` must be there
    /// @param special the pieces that are matched in the raw text, letter for letter
    public WordPiece(Map<String, Integer> vocabulary, List<String> special) {
        this.vocabulary = Map.copyOf(vocabulary);
        this.special = Pattern.compile(
                special.isEmpty()
                        ? "(?!)"
                        : special.stream()
                                .sorted(Comparator.comparingInt(String::length).reversed())
                                .map(Pattern::quote)
                                .collect(Collectors.joining("|")));
        this.unknown = id("[UNK]");
        this.begin = id("[CLS]");
        this.end = id("[SEP]");
        this.padding = id("[PAD]");
        special.forEach(this::id);
    }

    private int id(String token) {
        Integer id = vocabulary.get(token);
        if (id == null) {
            throw new IllegalArgumentException("the vocabulary has no " + token);
        }
        return id;
    }

    /// How many pieces the vocabulary has.
    public int vocabularySize() {
        return vocabulary.size();
    }

    /// The id that fills the end of short rows.
    public int padding() {
        return padding;
    }

    /// The ids of a text, from `[CLS]` to `[SEP]`, cut on the right to at most `limit` of them.
    ///
    /// @param limit at least 2
    public int[] ids(String text, int limit) {
        if (limit < 2) {
            throw new IllegalArgumentException("a text takes at least 2 tokens but the limit is " + limit);
        }
        Ids ids = new Ids(limit - 1);
        ids.add(begin);
        int start = 0;
        Matcher match = special.matcher(text);
        while (!ids.full() && match.find()) {
            addWords(text.substring(start, match.start()), ids);
            ids.add(id(match.group()));
            start = match.end();
        }
        addWords(text.substring(start), ids);
        return ids.closedBy(end);
    }

    private void addWords(String text, Ids ids) {
        for (String word : words(normalize(text))) {
            if (ids.full()) {
                return;
            }
            addPieces(word, ids);
        }
    }

    private void addPieces(String word, Ids ids) {
        List<Integer> pieces = new ArrayList<>();
        if (word.codePointCount(0, word.length()) > MAX_WORD) {
            ids.add(unknown);
            return;
        }
        for (int start = 0; start < word.length(); ) {
            int stop = word.length();
            Integer id = null;
            while (stop > start) {
                String piece = word.substring(start, stop);
                id = vocabulary.get(start == 0 ? piece : CONTINUED + piece);
                if (id != null) {
                    break;
                }
                stop = word.offsetByCodePoints(stop, -1);
            }
            if (id == null) {
                ids.add(unknown);
                return;
            }
            pieces.add(id);
            start = stop;
        }
        pieces.forEach(ids::add);
    }

    /// Step 2: clean, lower-case text whose only kind of space is the space.
    static String normalize(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isSpace(c)) {
                clean.append(' ');
            } else if (isChinese(c)) {
                clean.append(' ').appendCodePoint(c).append(' ');
            } else if (!isDropped(c)) {
                clean.appendCodePoint(c);
            }
        });
        StringBuilder lower = new StringBuilder(clean.length());
        Normalizer.normalize(clean, Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .map(Character::toLowerCase)
                .forEach(lower::appendCodePoint);
        return lower.toString();
    }

    /// Step 3: words between spaces, every punctuation mark a word of its own.
    static List<String> words(String normal) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        normal.codePoints().forEach(c -> {
            boolean mark = isPunctuation(c);
            if ((mark || isSpace(c)) && !word.isEmpty()) {
                words.add(word.toString());
                word.setLength(0);
            }
            if (mark) {
                words.add(Character.toString(c));
            } else if (!isSpace(c)) {
                word.appendCodePoint(c);
            }
        });
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    private static boolean isSpace(int c) {
        return c == '\t' || c == '\n' || c == '\r' || Character.isSpaceChar(c);
    }

    private static boolean isDropped(int c) {
        return c == 0xFFFD
                || switch (Character.getType(c)) {
                    case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
                    default -> false;
                };
    }

    /// The blocks of CJK ideographs as the reference lists them; Japanese kana and Korean letters are not among
    /// them.
    private static boolean isChinese(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2B73F)
                || (c >= 0x2B740 && c <= 0x2B81F)
                || (c >= 0x2B920 && c <= 0x2CEAF)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }

    /// Unicode's punctuation, and every ASCII sign that is neither letter, digit nor space (`$`, `+`, `^`, ...).
    private static boolean isPunctuation(int c) {
        if (c < 128) {
            return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    /// A growing row of ids that ignores what no longer fits.
    private static final class Ids {
        private final int limit;
        private final List<Integer> ids = new ArrayList<>();

        Ids(int limit) {
            this.limit = limit;
        }

        boolean full() {
            return ids.size() == limit;
        }

        void add(int id) {
            if (!full()) {
                ids.add(id);
            }
        }

        int[] closedBy(int last) {
            ids.add(last);
            return ids.stream().mapToInt(Integer::intValue).toArray();
        }
    }
}
