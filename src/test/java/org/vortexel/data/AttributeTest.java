package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttributeTest {
    private static Map<Attribute, String> of(String text, String group, String... tones) {
        return Attribute.all(
                new Entry(1, "f", text, "noto", group, "", "b", "", List.of(tones), List.of(), "train", ""));
    }

    @Test
    void wordsSayWhatAPictureShows() {
        assertEquals(
                Map.of(Attribute.STYLE, "noto", Attribute.GROUP, "food-drink", Attribute.COLOUR, "green"),
                of("green apple", "food-drink"));
        assertEquals(
                Map.of(
                        Attribute.STYLE, "noto",
                        Attribute.GROUP, "people-body",
                        Attribute.TONE, "dark",
                        Attribute.HAIR, "red"),
                of("man: dark skin tone, red hair", "people-body", "dark"));
        assertEquals("bald", of("woman: bald", "people-body").get(Attribute.HAIR));
        assertEquals("blond", of("man: blond hair", "people-body").get(Attribute.HAIR));
    }

    @Test
    void whatIsNotClearIsNotSaid() {
        Map<Attribute, String> couple = of("kiss: woman, man", "people-body", "dark", "light");
        assertEquals(Map.of(Attribute.STYLE, "noto", Attribute.GROUP, "people-body"), couple);
        assertEquals("dark", of("kiss", "people-body", "dark", "dark").get(Attribute.TONE));
        assertEquals(Map.of(Attribute.STYLE, "noto"), of("black cat left of green apple", "scene"));
        assertEquals(Map.of(Attribute.STYLE, "noto", Attribute.GROUP, "flags"), of("red and white flag", "flags"));
        assertEquals(Map.of(Attribute.STYLE, "noto"), of("hundred", ""));
    }
}
