package org.vortexel.device.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationsTest {
    private static final int[] SIZES = {1, 3, 31, 32, 33, 257};
    private static final double STEP = 1e-4;

    private final Random random = new Random(3);

    @ParameterizedTest
    @EnumSource
    void valuesAndSlopesMatchDoublePrecision(Activation f) {
        for (int size : SIZES) {
            float[] x = values(size);
            float[] dy = values(size);
            float[] y = new float[size];
            float[] dx = new float[size];
            Activations.forward(f, y, 0, x, 0, size);
            Activations.backward(f, dx, 0, dy, 0, x, 0, size);
            for (int i = 0; i < size; i++) {
                double expected = exact(f, x[i]);
                assertEquals(expected, y[i], 2e-6 * Math.abs(expected) + 1e-37, f + " of " + x[i]);
                if (f != Activation.RELU) {
                    double slope = dy[i] * (exact(f, x[i] + STEP) - exact(f, x[i] - STEP)) / (2 * STEP);
                    double allowed = 2e-6 * Math.max(1, Math.abs(slope)) * Math.max(1, Math.abs(dy[i]));
                    assertEquals(slope, dx[i], allowed, f + "' of " + x[i]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void cuttingARunDoesNotChangeABit(Activation f) {
        float[] x = values(100);
        float[] dy = values(100);
        float[] whole = new float[100];
        float[] wholeSlope = new float[100];
        Activations.forward(f, whole, 0, x, 0, 100);
        Activations.backward(f, wholeSlope, 0, dy, 0, x, 0, 100);
        float[] inPlace = x.clone();
        float[] slope = dy.clone();
        for (int begin = 0; begin < 100; begin += 13) {
            int count = Math.min(13, 100 - begin);
            Activations.forward(f, inPlace, begin, inPlace, begin, count);
            Activations.backward(f, slope, begin, slope, begin, x, begin, count);
        }
        assertArrayEquals(whole, inPlace);
        assertArrayEquals(wholeSlope, slope);
    }

    @Test
    void exponentialsReachBothEnds() {
        float[] x = {-1000, Float.NEGATIVE_INFINITY, -100, -87.5f, 0, 88.7f, 88.8f, 1000, -103, Float.NaN};
        float[] y = new float[x.length];
        Activations.forward(Activation.EXP, y, 0, x, 0, x.length);
        for (int i = 0; i < x.length - 1; i++) {
            float expected = (float) Math.exp(x[i]);
            assertEquals(expected, y[i], 3e-7f * expected + 2 * Float.MIN_VALUE, "exp of " + x[i]);
        }
        assertEquals(Float.NaN, y[x.length - 1]);
        float[] large = {-200, 200};
        Activations.forward(Activation.SILU, y, 0, large, 0, 2);
        assertEquals(0, y[0], 1e-30f);
        assertEquals(200, y[1]);
        Activations.forward(Activation.GELU_ERF, y, 0, large, 0, 2);
        assertEquals(0, y[0], 1e-30f);
        assertEquals(200, y[1]);
    }

    private static double exact(Activation f, double x) {
        return switch (f) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case SILU -> x / (1 + Math.exp(-x));
            case GELU_TANH -> x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case GELU_ERF -> x * 0.5 * Erf.erfc(-x / Math.sqrt(2));
            case TANH -> Math.tanh(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case EXP -> Math.exp(x);
        };
    }

    private float[] values(int count) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) (random.nextGaussian() * 2);
        }
        return x;
    }
}
