package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

class PositionOpsTest {
    @ParameterizedTest
    @EnumSource
    void rotationsHaveTheDerivativeOfTheTextbook(Rope.Pairing pairing) {
        Rope.Angles line = Rope.Angles.line(3, 4, 100);
        check(x -> Rope.of(x.get(0), 2, pairing, line), 1e-3, random(1, 2, 3, 12)); // the last third is copied
        check(x -> Rope.of(x.get(0), 1, pairing, Rope.Angles.grid(2, 3, 8, 100)), 1e-3, random(1, 1, 6, 8));
    }

    @ParameterizedTest
    @EnumSource
    void turningBackGivesTheInput(Rope.Pairing pairing) {
        Rope.Angles angles = Rope.Angles.line(5, 6, 10000);
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 5, 12));
        Tensor cos = r.constant(angles.cos());
        Tensor sin = r.constant(angles.sin());
        r.output("y", x.apply(new Rope(2, pairing, false), cos, sin).apply(new Rope(2, pairing, true), cos, sin));
        try (var device = TestDevice.plain(1);
                var player = device.load(r.program(), new Weights())) {
            player.set("x", random(1, 2, 5, 12)).run();
            assertArrayEquals(random(1, 2, 5, 12).data(), player.get("y").data(), 1e-6f);
        }
    }

    @Test
    void anglesThatDoNotFitAreNamed() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 5, 12));
        Rope.Angles angles = Rope.Angles.line(4, 6, 10000);
        assertEquals(
                "Rope: Rope of 2 heads expected x (N, T, W), cos and sin (T, P), W even and at least 2 P heads, but got"
                        + " (2, 5, 12), (4, 3), (4, 3)",
                assertThrows(IllegalArgumentException.class, () -> Rope.of(x, 2, Rope.Pairing.HALF_SPLIT, angles))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Rope.Angles.grid(2, 2, 6, 10000));
    }

    @Test
    void relativeBiasHasTheDerivativeOfTheTextbook() {
        check(x -> RelativeBias.of(x.get(0), 2, 3, 2, 3), 1e-3, random(1, 15, 2));
    }

    @Test
    void keysOutsideTheWindowAreHiddenAndGiveNoGradient() {
        check(
                x -> Attention.self(x.get(0), 2, RelativeBias.of(x.get(1), 3, 4, 2, 3), false),
                3e-3,
                random(1, 1, 12, 6),
                random(2, 15, 2));
    }

    @Test
    void aTableOfAnotherWindowIsNamed() {
        Recorder r = new Recorder();
        Tensor table = r.input("table", Shape.of(9, 2));
        assertEquals(
                "RelativeBias: RelativeBias with a window of 2 by 3 expected a table (15, H) but got (9, 2)",
                assertThrows(IllegalArgumentException.class, () -> RelativeBias.of(table, 4, 4, 2, 3))
                        .getMessage());
    }
}
