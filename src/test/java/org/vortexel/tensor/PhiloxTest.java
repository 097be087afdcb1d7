package org.vortexel.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /// Known-answer vectors of the Random123 distribution (`philox4x32 10`).
    @Test
    void matchesThePublishedKnownAnswers() {
        assertBlock(0, 0, 0, new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
        assertBlock(-1, -1, -1, new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
        assertBlock(0x299f31d0a4093822L, 0x0370734413198a2eL, 0x85a308d3243f6a88L, new int[] {
            0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1
        });
    }

    private static void assertBlock(long seed, long stream, long index, int[] expected) {
        int[] out = new int[4];
        new Philox(seed, stream).block(index, out);
        assertArrayEquals(expected, out);
    }

    @Test
    void normalsHaveMeanZeroAndVarianceOne() {
        float[] noise = new float[100_001];
        Philox.of(3).fillNormal(noise);
        double mean = 0;
        double square = 0;
        for (float x : noise) {
            mean += x;
            square += (double) x * x;
        }
        assertEquals(0, mean / noise.length, 0.01);
        assertEquals(1, square / noise.length, 0.02);
    }

    @Test
    void oneNumberEqualsTheSameNumberOfAFill() {
        float[] noise = new float[9];
        Philox philox = Philox.of(11).stream(5);
        philox.fillNormal(noise);
        for (int i = 0; i < noise.length; i++) {
            assertEquals(noise[i], (float) philox.normal(i));
        }
    }

    @Test
    void aPermutationHoldsEveryNumberOnce() {
        int[] order = Philox.of(1).permutation(257);
        Arrays.sort(order);
        for (int i = 0; i < order.length; i++) {
            assertEquals(i, order[i]);
        }
    }
}
