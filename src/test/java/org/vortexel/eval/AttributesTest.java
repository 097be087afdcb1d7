package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vortexel.data.Attribute;

class AttributesTest {
    private static final Map<Attribute, List<String>> KNOWN =
            Map.of(Attribute.STYLE, List.of("flat", "round"), Attribute.TONE, List.of("dark", "light"));

    @Test
    void whatWasAskedForIsCompared() {
        List<Map<Attribute, String>> asked = List.of(
                Map.of(Attribute.STYLE, "flat", Attribute.TONE, "light"),
                Map.of(Attribute.STYLE, "flat"),
                Map.of(Attribute.STYLE, "round", Attribute.TONE, "dark"));
        Map<Attribute, List<String>> told = Map.of(
                Attribute.STYLE, List.of("flat", "round", "round"), Attribute.TONE, List.of("dark", "light", "dark"));
        Attributes found = Attributes.of(asked, told, KNOWN);
        assertEquals(new Attributes.Share(2, 3), found.shares().get(Attribute.STYLE));
        assertEquals(0.5, found.of(Attribute.TONE));
        assertEquals(3 / 5.0, found.all());
    }

    @Test
    void whatNobodyAskedForOrKnowsIsNotMeasured() {
        List<Map<Attribute, String>> asked = List.of(Map.of(Attribute.STYLE, "oil", Attribute.HAIR, "red"));
        Attributes found =
                Attributes.of(asked, Map.of(Attribute.STYLE, List.of("flat"), Attribute.TONE, List.of("dark")), KNOWN);
        assertEquals(Map.of(), found.shares());
        assertNull(found.of(Attribute.STYLE));
        assertNull(found.all());
    }
}
