package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Pictures on a line.
class ManifoldTest {
    private static NdArray at(float... places) {
        return NdArray.of(Shape.of(places.length, 1), places);
    }

    @Test
    void aSetLiesOnItself() {
        NdArray set = at(0, 1, 3, 7);
        Manifold same = Manifold.of(set, set, 1);
        assertEquals(1, same.precision());
        assertEquals(1, same.recall());
        assertEquals(1, same.coverage());
    }

    @Test
    void ballsReachToTheNeighbourAndHaveTheirBorder() {
        // Real balls: [-1, 1], [0, 2] and [1, 19]; drawn balls: [-16, 20], [19, 21] and [20, 22].
        Manifold got = Manifold.of(at(0, 1, 10), at(2, 20, 21), 1);
        assertEquals(1.0 / 3, got.precision(), 1e-12); // 2 only, which is on the border of the second ball
        assertEquals(2.0 / 3, got.density(), 1e-12); // and inside the third
        assertEquals(2.0 / 3, got.coverage(), 1e-12);
        assertEquals(1, got.recall());
    }

    @Test
    void distantSetsHaveNothingInCommon() {
        assertEquals(new Manifold(0, 0, 0, 0), Manifold.of(at(0, 1, 2), at(100, 101, 102), 2));
    }

    @Test
    void moreNeighboursThanPicturesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Manifold.of(at(0, 1, 2), at(0, 1, 2), 3));
        assertThrows(IllegalArgumentException.class, () -> Manifold.of(at(0, 1, 2), at(0, 1, 2), 0));
    }
}
