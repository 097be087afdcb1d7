package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Against SciPy's `stats.wilcoxon`.
class PairedTestTest {
    @Test
    void fewPairsAreCountedOut() {
        double[] a = {1.1, 2.3, 3.0, 4.2, 5.9, 6.1, 7.7};
        double[] b = {1.0, 2.0, 3.5, 4.0, 5.0, 5.0, 7.0};
        PairedTest test = PairedTest.of(a, b);
        assertEquals(0.109375, test.p(), 1e-12);
        assertEquals(2.8 / 7, test.difference(), 1e-12);
        assertEquals(7, test.pairs());
        assertEquals(test.p(), PairedTest.of(b, a).p(), 1e-12);
    }

    @Test
    void pairsOfAWholeEvaluationAreCountedOutAsWell() {
        double[] a = IntStream.range(0, 40)
                .mapToDouble(i -> Math.sin(i * 1.7) + 0.2 + 0.01 * i)
                .toArray();
        double[] b = IntStream.range(0, 40).mapToDouble(i -> Math.cos(i * 0.9)).toArray();
        assertEquals(0.017831046616265667, PairedTest.of(a, b).p(), 1e-9);
    }

    @Test
    void manyPairsAreNearlyNormal() {
        double[] a = IntStream.range(0, 400)
                .mapToDouble(i -> Math.sin(i * 1.7) + 0.12)
                .toArray();
        double[] b = IntStream.range(0, 400).mapToDouble(i -> Math.cos(i * 0.9)).toArray();
        assertEquals(0.02208260948165677, PairedTest.of(a, b).p(), 1e-9);
    }

    @Test
    void equalDifferencesShareTheirRank() {
        // ranks 2.5, 2.5, 2.5, 2.5 and 5, the last against: 12 of 32 patterns of signs add up to at most 5
        PairedTest test = PairedTest.of(new double[] {1, 1, 1, 1, 0}, new double[] {0, 0, 0, 0, 2});
        assertEquals(2 * 12 / 32.0, test.p(), 1e-12);
        // ranks 3, 3, 3 and 1: two patterns of sixteen
        assertEquals(
                2 * 2 / 16.0,
                PairedTest.of(new double[] {1, 1, 1, 0}, new double[] {0, 0, 0, 0.5})
                        .p(),
                1e-12);
    }

    @Test
    void pairsWithoutADifferenceSayNothing() {
        assertEquals(new PairedTest(0, 0, 1), PairedTest.of(new double[] {1, 2}, new double[] {1, 2}));
        PairedTest some = PairedTest.of(new double[] {1, 2, 3, 9, 9}, new double[] {0, 0, 0, 9, 9});
        assertEquals(3, some.pairs());
        assertEquals(0.25, some.p(), 1e-12); // all of three on one side: 2 / 2^3
        assertEquals(1.2, some.difference(), 1e-12);
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> PairedTest.of(new double[] {1}, new double[] {1, 2}));
        assertThrows(IllegalArgumentException.class, () -> PairedTest.of(new double[0], new double[0]));
        assertThrows(IllegalArgumentException.class, () -> PairedTest.of(new double[] {Double.NaN}, new double[] {1}));
    }
}
