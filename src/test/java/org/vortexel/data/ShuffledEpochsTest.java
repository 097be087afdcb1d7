package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShuffledEpochsTest {
    /// The first `steps` batches in one row.
    private static int[] row(ShuffledEpochs epochs, int steps) {
        return IntStream.range(0, steps)
                .flatMap(step -> Arrays.stream(epochs.batch(step)))
                .toArray();
    }

    @Test
    void everyEpochHoldsEveryExampleOnce() {
        int[] row = row(new ShuffledEpochs(10, 4, 3), 15);
        for (int epoch = 0; epoch < 6; epoch++) {
            int[] part = Arrays.copyOfRange(row, epoch * 10, epoch * 10 + 10);
            Arrays.sort(part);
            assertArrayEquals(IntStream.range(0, 10).toArray(), part);
        }
    }

    @Test
    void epochsDiffer() {
        int[] row = row(new ShuffledEpochs(50, 50, 3), 2);
        assertFalse(Arrays.equals(Arrays.copyOf(row, 50), Arrays.copyOfRange(row, 50, 100)));
    }

    @Test
    void anyStepIsTheSameWithoutTheStepsBefore() {
        ShuffledEpochs run = new ShuffledEpochs(37, 8, 11);
        row(run, 1000);
        for (long step : new long[] {0, 4, 5, 999, 123_456_789_012L}) {
            assertArrayEquals(run.batch(step), new ShuffledEpochs(37, 8, 11).batch(step));
        }
    }

    @Test
    void seedsGiveOtherOrders() {
        assertFalse(Arrays.equals(new ShuffledEpochs(50, 50, 1).batch(0), new ShuffledEpochs(50, 50, 2).batch(0)));
    }

    @Test
    void batchMayBeLargerThanTheSet() {
        int[] batch = new ShuffledEpochs(3, 7, 1).batch(0);
        assertEquals(7, batch.length);
        assertEquals(3, Arrays.stream(batch, 0, 3).distinct().count());
    }

    @Test
    void epochOfAStepIsWhereItBegins() {
        ShuffledEpochs epochs = new ShuffledEpochs(10, 4, 3);
        assertEquals(0, epochs.epochOf(2));
        assertEquals(1, epochs.epochOf(3));
    }

    @Test
    void emptySetsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new ShuffledEpochs(0, 4, 3));
        assertThrows(IllegalArgumentException.class, () -> new ShuffledEpochs(4, 0, 3));
    }
}
