package org.vortexel.device.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GemmTest {
    private static final int[] SIZES = {1, 3, 31, 32, 33, 257};

    private final Random random = new Random(5);

    @Test
    void everyLayoutMatchesPlainSums() {
        try (WorkerPool pool = WorkerPool.of(2)) {
            for (int m : SIZES) {
                for (int n : SIZES) {
                    for (int k : SIZES) {
                        boolean aTransposed = random.nextBoolean();
                        boolean bTransposed = random.nextBoolean();
                        compare(pool, m, n, k, aTransposed, bTransposed, random.nextBoolean());
                    }
                }
            }
            for (int layout = 0; layout < 8; layout++) {
                compare(pool, 250, 101, 77, (layout & 1) > 0, (layout & 2) > 0, (layout & 4) > 0);
                compare(pool, 100, 48, 700, (layout & 1) > 0, (layout & 2) > 0, (layout & 4) > 0);
            }
            compare(pool, 7, 2 * 256 * 16 + 5, 9, false, false, false);
            compare(pool, 7, 9, 0, false, false, true);
            compare(pool, 7, 9, 0, false, false, false);
            compare(pool, 0, 9, 4, false, false, false);
        }
    }

    @Test
    void threadsDoNotChangeABit() {
        try (WorkerPool one = WorkerPool.of(1);
                WorkerPool two = WorkerPool.of(2);
                WorkerPool five = WorkerPool.of(5)) {
            int[][] shapes = {{257, 129, 300}, {64, 64, 64}, {5, 1000, 513}, {1000, 7, 257}};
            for (int[] shape : shapes) {
                float[] a = values(shape[0] * shape[2]);
                float[] b = values(shape[1] * shape[2]);
                float[] expected = product(one, shape[0], shape[1], shape[2], a, b);
                assertArrayEquals(expected, product(two, shape[0], shape[1], shape[2], a, b));
                assertArrayEquals(expected, product(five, shape[0], shape[1], shape[2], a, b));
            }
        }
    }

    @Test
    void packedWeightsGiveTheSameBits() {
        try (WorkerPool pool = WorkerPool.of(2)) {
            for (boolean transposed : new boolean[] {false, true}) {
                for (int k : new int[] {1, 64, 257, 600}) {
                    int m = 45;
                    int n = 83;
                    float[] a = values(m * k);
                    float[] b = values(n * k + 3);
                    int stride = transposed ? k : n;
                    float[] expected = new float[m * n];
                    Gemm.multiply(
                            pool,
                            m,
                            n,
                            k,
                            a,
                            0,
                            k,
                            false,
                            b,
                            3,
                            stride,
                            transposed,
                            expected,
                            0,
                            n,
                            false,
                            Epilogue.NONE);
                    float[] c = new float[m * n];
                    PackedB packed = PackedB.of(b, 3, stride, transposed, k, n);
                    Gemm.multiply(pool, m, a, 0, k, false, packed, c, 0, n, false, Epilogue.NONE);
                    assertArrayEquals(expected, c);
                }
            }
        }
    }

    @Test
    void epilogueAddsBiasThenActivationThenResidual() {
        try (WorkerPool pool = WorkerPool.of(2)) {
            for (Activation f : Activation.values()) {
                int m = 70;
                int n = 301;
                int k = 290;
                float[] a = values(m * k);
                float[] b = values(n * k);
                float[] bias = values(n);
                float[] residual = values(m * (n + 2));
                float[] c = product(pool, m, n, k, a, b);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        c[i * n + j] += bias[j];
                    }
                }
                Activations.forward(f, c, 0, c, 0, c.length);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        c[i * n + j] += residual[1 + i * (n + 2) + j];
                    }
                }
                float[] out = new float[m * n];
                Epilogue epilogue = Epilogue.bias(bias, f).plus(residual, 1, n + 2);
                Gemm.multiply(pool, m, n, k, a, 0, k, false, b, 0, n, false, out, 0, n, false, epilogue);
                assertArrayEquals(c, out, f.name());
            }
        }
    }

    @Test
    void batchesAreIndependentProducts() {
        int m = 17;
        int n = 33;
        int k = 21;
        float[] a = values(6 * m * k);
        float[] b = values(6 * n * k);
        for (int threads : new int[] {1, 2, 5}) {
            try (WorkerPool pool = WorkerPool.of(threads)) {
                float[] c = new float[6 * m * n];
                Gemm.batched(
                        pool,
                        6,
                        m,
                        n,
                        k,
                        a,
                        0,
                        m * k,
                        k,
                        false,
                        b,
                        0,
                        0,
                        n,
                        false,
                        c,
                        0,
                        m * n,
                        n,
                        false,
                        Epilogue.NONE);
                for (int i = 0; i < 6; i++) {
                    float[] one = new float[m * n];
                    Gemm.multiply(
                            pool, m, n, k, a, i * m * k, k, false, b, 0, n, false, one, 0, n, false, Epilogue.NONE);
                    assertArrayEquals(one, java.util.Arrays.copyOfRange(c, i * m * n, (i + 1) * m * n));
                }
            }
        }
    }

    @Test
    void aMatrixOutsideItsArrayIsRefused() {
        try (WorkerPool pool = WorkerPool.of(1)) {
            float[] a = new float[11];
            var e = assertThrows(IllegalArgumentException.class, () -> product(pool, 3, 2, 4, a, new float[8]));
            assertEquals("Matrix A of 3 x 4 at 0, rows 4 apart, does not lie within an array of 11", e.getMessage());
        }
    }

    private static float[] product(WorkerPool pool, int m, int n, int k, float[] a, float[] b) {
        float[] c = new float[m * n];
        Gemm.multiply(pool, m, n, k, a, 0, k, false, b, 0, n, false, c, 0, n, false, Epilogue.NONE);
        return c;
    }

    private void compare(
            WorkerPool pool, int m, int n, int k, boolean aTransposed, boolean bTransposed, boolean accumulate) {
        int aStride = (aTransposed ? m : k) + random.nextInt(3);
        int bStride = (bTransposed ? k : n) + random.nextInt(3);
        int cStride = n + random.nextInt(3);
        float[] a = values((aTransposed ? k : m) * aStride + 2);
        float[] b = values((bTransposed ? n : k) * bStride + 1);
        float[] c = values(m * cStride + 5);
        float[] before = c.clone();
        Gemm.multiply(
                pool,
                m,
                n,
                k,
                a,
                2,
                aStride,
                aTransposed,
                b,
                1,
                bStride,
                bTransposed,
                c,
                5,
                cStride,
                accumulate,
                Epilogue.NONE);
        float[] expected = before.clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = accumulate ? before[5 + i * cStride + j] : 0;
                for (int p = 0; p < k; p++) {
                    double left = a[2 + (aTransposed ? p * aStride + i : i * aStride + p)];
                    sum += left * b[1 + (bTransposed ? j * bStride + p : p * bStride + j)];
                }
                expected[5 + i * cStride + j] = (float) sum;
            }
        }
        String what = m + "x" + n + "x" + k + (aTransposed ? " T" : " N") + (bTransposed ? "T" : "N");
        assertArrayEquals(expected, c, 2e-6f * (float) Math.sqrt(k + 1), what);
    }

    private float[] values(int count) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = random.nextFloat() * 2 - 1;
        }
        return x;
    }
}
