package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Pictures on a line.
class RetrievalTest {
    private static final NdArray POOL = at(0, 1, 2, 3, 4, 5, 6);
    private static final List<String> KINDS = List.of("a", "b", "b", "c", "d", "e", "f");

    private static NdArray at(float... places) {
        return NdArray.of(Shape.of(places.length, 1), places);
    }

    @Test
    void theNearestKindCounts() {
        assertEquals(new Retrieval(0.5, 1), Retrieval.of(at(0.1f, 0.9f), at(0, 0), List.of("a", "a"), POOL, KINDS));
    }

    @Test
    void aKindIsCountedOnceHoweverManyPicturesItHas() {
        // From 1.5, b twice is nearest, then a and c, d, e: e is fifth, f sixth.
        assertEquals(new Retrieval(0, 1), Retrieval.of(at(1.4f), at(5), List.of("e"), POOL, KINDS));
        assertEquals(new Retrieval(0, 0), Retrieval.of(at(1.4f), at(6), List.of("f"), POOL, KINDS));
    }

    @Test
    void theTruePictureOfAHeldOutCaptionIsAmongTheNeighbours() {
        assertEquals(new Retrieval(1, 1), Retrieval.of(at(9.1f), at(9), List.of("new"), POOL, KINDS));
        assertEquals(new Retrieval(0, 0), Retrieval.of(at(0), at(9), List.of("new"), POOL, KINDS));
    }

    @Test
    void chanceCountsTheKindsThereAre() {
        assertEquals(new Retrieval(1.0 / 6, 5.0 / 6), Retrieval.chance(List.of("a"), KINDS));
        assertEquals(new Retrieval(1.0 / 7, 5.0 / 7), Retrieval.chance(List.of("new"), KINDS));
        assertEquals(new Retrieval(0.5, 1), Retrieval.chance(List.of("new"), List.of("a")));
    }
}
