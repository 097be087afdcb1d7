package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.data.Entry;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Pictures of one feature and one pixel, so that what is nearest is plain.
class AttributesTest {
    private static Entry entry(String style, String base, String... tones) {
        return new Entry(1, base, base, style, "", "", base, "", List.of(tones), List.of(), "train", "");
    }

    private static Attributes.Pool pool(List<Entry> entries, float... numbers) {
        NdArray column = NdArray.of(Shape.of(numbers.length, 1), numbers);
        return new Attributes.Pool(entries, column, column);
    }

    private static final Attributes.Pool FLAT = pool(
            List.of(entry("flat", "hand"), entry("flat", "hand", "light"), entry("flat", "hand", "dark")), 1, 2, 3);
    private static final Attributes.Pool ROUND =
            pool(List.of(entry("round", "hand", "light"), entry("round", "cup")), 12, 13);

    @Test
    void theNearestPictureDecides() {
        List<Entry> asked =
                List.of(entry("flat", "hand", "light"), entry("flat", "hand", "dark"), entry("round", "hand", "light"));
        Attributes.Pool real = pool(asked, 2, 3, 12);
        assertEquals(new Attributes(1.0, 1.0), Attributes.of(real, real, List.of(FLAT, ROUND)));
        // the second is light, the third is flat; its tone is asked among round hands only
        assertEquals(
                new Attributes(2 / 3.0, 2 / 3.0), Attributes.of(pool(asked, 2, 2.1f, 3), real, List.of(FLAT, ROUND)));
    }

    @Test
    void whatNobodyAskedForIsNotMeasured() {
        List<Entry> asked = List.of(entry("round", "cup"));
        Attributes.Pool drawn = pool(asked, 2);
        assertNull(Attributes.of(drawn, drawn, List.of(FLAT, ROUND)).skinTone());
        assertNull(Attributes.of(drawn, drawn, List.of(ROUND)).style());
    }
}
