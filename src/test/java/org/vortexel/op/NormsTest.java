package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import org.junit.jupiter.api.Test;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.Shape;

class NormsTest {
    @Test
    void layerNormHasTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).layerNorm(1e-5f), 3e-3, random(1, 2, 3, 7));
        check(x -> x.get(0).layerNorm(x.get(1), x.get(2), 1e-5f), 3e-3, random(1, 2, 3, 7), random(2, 7), random(3, 7));
    }

    @Test
    void rmsNormHasTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).rmsNorm(1e-5f), 3e-3, random(1, 2, 3, 7));
        check(x -> x.get(0).rmsNorm(x.get(1), 1e-5f), 3e-3, random(1, 2, 3, 7), random(2, 7));
    }

    @Test
    void groupNormHasTheDerivativeOfTheTextbook() {
        check(x -> x.get(0).groupNorm(2, 1e-5f), 3e-3, random(1, 2, 6, 3));
        check(
                x -> x.get(0).groupNorm(2, x.get(1), x.get(2), 1e-5f),
                3e-3,
                random(1, 2, 6, 3, 1),
                random(2, 6),
                random(3, 6));
    }

    @Test
    void instanceNormHasTheDerivativeOfTheTextbook() {
        check(
                x -> x.get(0).groupNorm(3, x.get(1), x.get(2), 1e-5f),
                3e-3,
                random(1, 2, 3, 5),
                random(2, 3),
                random(3, 3));
    }

    @Test
    void wrongShapesAreNamed() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 6, 5));
        Tensor w = r.input("w", Shape.of(4));
        assertEquals(
                "LayerNorm: LayerNorm of x (2, 6, 5) expected weight and bias (5) but got (4)",
                assertThrows(IllegalArgumentException.class, () -> x.layerNorm(w, w, 1e-5f))
                        .getMessage());
        assertEquals(
                "RmsNorm: RmsNorm of x (2, 6, 5) expected weight (5) but got (4)",
                assertThrows(IllegalArgumentException.class, () -> x.rmsNorm(w, 1e-5f))
                        .getMessage());
        assertEquals(
                "GroupNorm: GroupNorm expected x (N, C, …) with C a multiple of 4 groups but got (2, 6, 5)",
                assertThrows(IllegalArgumentException.class, () -> x.groupNorm(4, 1e-5f))
                        .getMessage());
    }
}
