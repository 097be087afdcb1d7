package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class DiversityTest {
    /// `rows` rows of `width` numbers; row `i` points along axis `i % kinds`, at another length each.
    private static NdArray axes(int rows, int width, int kinds) {
        NdArray features = NdArray.zeros(Shape.of(rows, width));
        for (int i = 0; i < rows; i++) {
            features.data()[i * width + i % kinds] = 1 + i;
        }
        return features;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2})
    void vendiCountsKinds(double q) {
        assertEquals(1, Diversity.vendi(axes(7, 9, 1), q), 1e-9);
        assertEquals(7, Diversity.vendi(axes(7, 9, 7), q), 1e-9);
        assertEquals(3, Diversity.vendi(axes(6, 9, 3), q), 1e-9);
        assertEquals(3, Diversity.vendi(axes(60, 9, 3), q), 1e-9);
    }

    @Test
    void meanSimilarityLeavesOutAPictureAndItself() {
        assertEquals(1, Diversity.meanSimilarity(axes(7, 9, 1)), 1e-9);
        assertEquals(0, Diversity.meanSimilarity(axes(7, 9, 7)), 1e-9);
        assertEquals(2.0 / 6, Diversity.meanSimilarity(axes(4, 9, 2)), 1e-9);
        assertEquals(-1, Diversity.meanSimilarity(NdArray.of(Shape.of(2, 1), 1, -3)), 1e-9);
    }

    @Test
    void aPictureWithoutDirectionIsRefused() {
        NdArray features = axes(3, 4, 3);
        features.data()[0] = 0;
        assertThrows(IllegalArgumentException.class, () -> Diversity.vendi(features));
        assertThrows(IllegalArgumentException.class, () -> Diversity.vendi(axes(3, 4, 3), 0));
    }

    @Test
    void coverageCountsVariantsThatAreNearest() {
        NdArray variants = NdArray.of(Shape.of(4, 1), 0, 10, 20, 30);
        assertEquals(0.5, Diversity.coverage(NdArray.of(Shape.of(5, 1), 1, 2, -3, 9, 11), variants), 1e-12);
        assertEquals(1, Diversity.coverage(NdArray.of(Shape.of(4, 1), 31, 2, 19, 11), variants), 1e-12);
        // two pictures cannot show more than two variants
        assertEquals(1, Diversity.coverage(NdArray.of(Shape.of(2, 1), 31, 2), variants), 1e-12);
        assertEquals(0.5, Diversity.coverage(NdArray.of(Shape.of(2, 1), 1, 2), variants), 1e-12);
    }
}
