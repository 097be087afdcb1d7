package org.vortexel.data;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What can be told of a picture in one word, and looked for in a drawn one.
///
/// | attribute | values                                             | of                                          |
/// |-----------|----------------------------------------------------|---------------------------------------------|
/// | `STYLE`   | `twemoji`, …                                       | every picture of a style                    |
/// | `TONE`    | `light` … `dark`                                   | people of one skin tone                     |
/// | `HAIR`    | `red`, `blond`, `white`, `curly`, `bald`           | people whose caption names their hair       |
/// | `GROUP`   | `food-drink`, …                                    | single things                               |
/// | `COLOUR`  | `red`, `orange`, …                                 | single things whose caption names one colour |
public enum Attribute {
    /// How it is drawn.
    STYLE,
    /// The skin of everybody in it.
    TONE,
    /// The hair of the one person in it.
    HAIR,
    /// What kind of thing it is.
    GROUP,
    /// The colour of the thing.
    COLOUR;

    /// The colours that captions name.
    static final List<String> COLOURS =
            List.of("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey");

    private static final String PEOPLE = "people-body";
    private static final String SCENE = "scene";
    private static final Pattern HAIR_WORDS = Pattern.compile("\\b(red|blond|white|curly) hair\\b|\\b(bald)\\b");
    private static final Pattern COLOUR_WORDS = Pattern.compile("\\b(" + String.join("|", COLOURS) + ")\\b");

    /// The value that a picture's words give, if they speak of it.
    public Optional<String> of(Entry entry) {
        return switch (this) {
            case STYLE -> some(entry.style());
            case TONE -> one(new HashSet<>(entry.tones()));
            case HAIR -> {
                Matcher matcher = HAIR_WORDS.matcher(entry.text());
                yield matcher.find()
                        ? Optional.of(matcher.group(1) == null ? matcher.group(2) : matcher.group(1))
                        : Optional.empty();
            }
            case GROUP -> entry.group().equals(SCENE) ? Optional.empty() : some(entry.group());
            case COLOUR ->
                entry.group().equals(SCENE) || entry.group().equals(PEOPLE)
                        ? Optional.empty()
                        : one(colours(entry.text()));
        };
    }

    /// All values that a picture's words give.
    public static Map<Attribute, String> all(Entry entry) {
        Map<Attribute, String> all = new EnumMap<>(Attribute.class);
        for (Attribute attribute : values()) {
            attribute.of(entry).ifPresent(value -> all.put(attribute, value));
        }
        return all;
    }

    private static Set<String> colours(String text) {
        Set<String> found = new HashSet<>();
        Matcher matcher = COLOUR_WORDS.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static Optional<String> some(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    private static Optional<String> one(Set<String> values) {
        return values.size() == 1 ? values.stream().findFirst() : Optional.empty();
    }
}
