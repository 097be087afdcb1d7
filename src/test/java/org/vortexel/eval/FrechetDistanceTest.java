package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.vortexel.eval.FrechetDistance.Gaussian;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class FrechetDistanceTest {
    private static NdArray normals(int rows, int width, long seed) {
        return Philox.of(seed).normal(Shape.of(rows, width));
    }

    @Test
    void aSetIsAtNoDistanceFromItself() {
        NdArray set = normals(50, 8, 1);
        assertEquals(0, FrechetDistance.of(set, set), 1e-9);
    }

    @Test
    void inOneDimensionItIsTheDifferencesOfMeanAndDeviationSquared() {
        Gaussian a = new Gaussian(new double[] {1}, new double[][] {{4}});
        Gaussian b = new Gaussian(new double[] {4}, new double[][] {{25}});
        assertEquals(9 + 9, FrechetDistance.of(a, b), 1e-12);
    }

    @Test
    void ofTurnedCovariancesItIsKnownInClosedForm() {
        // Of (2, 0; 0, 1) and (1, 0; 0, 2) turned by 90 degrees: diagonal, so sum over (√λ - √μ)².
        Gaussian a = new Gaussian(new double[] {0, 0}, new double[][] {{2, 0}, {0, 1}});
        Gaussian b = new Gaussian(new double[] {0, 2}, new double[][] {{1, 0}, {0, 2}});
        assertEquals(4 + 2 * Math.pow(Math.sqrt(2) - 1, 2), FrechetDistance.of(a, b), 1e-12);
        // (1, c; c, 1) against the unit matrix: eigenvalues 1 ± c.
        Gaussian unit = new Gaussian(new double[] {0, 0}, new double[][] {{1, 0}, {0, 1}});
        Gaussian leaning = new Gaussian(new double[] {0, 0}, new double[][] {{1, 0.6}, {0.6, 1}});
        double wanted = Math.pow(Math.sqrt(1.6) - 1, 2) + Math.pow(Math.sqrt(0.4) - 1, 2);
        assertEquals(wanted, FrechetDistance.of(unit, leaning), 1e-12);
    }

    @Test
    void itIsSymmetricAndNotNegativeWithFewerPicturesThanDimensions() {
        NdArray few = normals(5, 12, 2);
        NdArray many = normals(40, 12, 3);
        double there = FrechetDistance.of(few, many);
        assertEquals(there, FrechetDistance.of(many, few), 1e-5);
        assertTrue(there > 0);
        assertEquals(0, FrechetDistance.of(few, few), 1e-5);
    }

    @Test
    void aShiftOfAllPicturesAddsItsSquare() {
        NdArray set = normals(30, 3, 4);
        NdArray moved = set.copy();
        for (int i = 0; i < moved.data().length; i += 3) {
            moved.data()[i] += 2;
        }
        assertEquals(4, FrechetDistance.of(set, moved), 1e-5);
    }

    @Test
    void setsThatCannotBeComparedAreRefused() {
        NdArray set = normals(4, 3, 5);
        assertThrows(IllegalArgumentException.class, () -> FrechetDistance.of(set, normals(4, 2, 5)));
        assertThrows(IllegalArgumentException.class, () -> FrechetDistance.of(set, normals(1, 3, 5)));
        set.data()[4] = Float.NaN;
        var error = assertThrows(IllegalArgumentException.class, () -> FrechetDistance.of(set, set));
        assertEquals("feature 1 of picture 1 is NaN", error.getMessage());
    }
}
