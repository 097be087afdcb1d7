package org.vortexel.device.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.op.AdamW;
import org.vortexel.op.Arithmetic;
import org.vortexel.op.AveragePool;
import org.vortexel.op.Clamp;
import org.vortexel.op.CrossEntropy;
import org.vortexel.op.GatedResidual;
import org.vortexel.op.GradientClip;
import org.vortexel.op.GroupNorm;
import org.vortexel.op.Kernel;
import org.vortexel.op.LayerNorm;
import org.vortexel.op.Modulate;
import org.vortexel.op.ModulateImage;
import org.vortexel.op.NearestRow;
import org.vortexel.op.RmsNorm;
import org.vortexel.op.Softmax;
import org.vortexel.op.Sum;
import org.vortexel.op.Unary;
import org.vortexel.op.Upsample;

/// Every twin against its plain kernel, and against itself cut into other ranges.
class VectorKernelsTest {
    private static final int[] SIZES = {1, 3, 31, 32, 33, 257};
    private static final float EPS = 1e-5f;

    /// How a kernel is called: how many arrays it writes, its arguments, and its rows.
    private record Call(Class<?> owner, String name, int written, int rows, Object... arguments) {}

    @TestFactory
    List<DynamicTest> twinMatchesItsPlainKernelOverEverySize() {
        return Arrays.stream(SIZES)
                .boxed()
                .flatMap(width -> calls(width).stream()
                        .map(call -> DynamicTest.dynamicTest(call.name + " " + width, () -> compare(call))))
                .toList();
    }

    @Test
    void aKernelWithoutATwinStaysItself() throws Exception {
        Kernel sine = kernel(Unary.class, "sine");
        assertEquals(sine.handle(), VectorKernels.twin(sine));
        Kernel exp = kernel(Unary.class, "exponential");
        assertNotEquals(exp.handle(), VectorKernels.twin(exp));
    }

    /// The codes are few and coarse, so that ties and equal codes occur: the twin must take the
    /// lowest too.
    @Test
    void theNearestRowIsTheVeryOneThatThePlainKernelFinds() throws Throwable {
        Random random = new Random(5);
        for (int width : new int[] {1, 3, 8, 17}) {
            int codes = 41;
            int tokens = 77;
            float[] x = new float[tokens * width];
            for (int i = 0; i < x.length; i++) {
                x[i] = random.nextInt(-2, 3) / 2f;
            }
            float[] table = new float[codes * width];
            for (int i = 0; i < table.length; i++) {
                table[i] = random.nextInt(-1, 2);
            }
            Call call = new Call(
                    NearestRow.class,
                    "nearestRow",
                    2,
                    tokens,
                    new float[x.length],
                    new float[tokens],
                    x,
                    table,
                    codes,
                    width);
            Kernel plain = kernel(call.owner, call.name);
            Object[] expected = run(plain.handle(), call, tokens);
            for (int grain : new int[] {tokens, 1, 30}) {
                Object[] got = run(VectorKernels.twin(plain), call, grain);
                assertArrayEquals((float[]) expected[1], (float[]) got[1]);
                assertArrayEquals((float[]) expected[0], (float[]) got[0]);
            }
        }
    }

    private static void compare(Call call) throws Throwable {
        Kernel plain = kernel(call.owner, call.name);
        MethodHandle twin = VectorKernels.twin(plain);
        assertNotEquals(plain.handle(), twin, "has a twin");
        Object[] expected = run(plain.handle(), call, call.rows);
        Object[] whole = run(twin, call, call.rows);
        Object[] pieces = run(twin, call, 1 + call.rows / 3);
        Object[] single = run(twin, call, 1);
        for (int i = 0; i < call.written; i++) {
            float[] wanted = (float[]) expected[i];
            float[] got = (float[]) whole[i];
            for (int j = 0; j < wanted.length; j++) {
                assertEquals(wanted[j], got[j], 2e-5f * Math.max(1, Math.abs(wanted[j])), call.name + " at " + j);
            }
            assertArrayEquals(got, (float[]) pieces[i], "cut in three");
            assertArrayEquals(got, (float[]) single[i], "row by row");
        }
    }

    private static Object[] run(MethodHandle kernel, Call call, int grain) throws Throwable {
        Object[] arguments = Arrays.stream(call.arguments)
                .map(a -> a instanceof float[] x ? x.clone() : a)
                .toArray();
        Object[] all = Arrays.copyOf(arguments, arguments.length + 2);
        for (int begin = 0; begin < call.rows; begin += grain) {
            all[arguments.length] = begin;
            all[arguments.length + 1] = Math.min(grain, call.rows - begin);
            kernel.invokeWithArguments(all);
        }
        return arguments;
    }

    private static Kernel kernel(Class<?> owner, String name) throws IllegalAccessException {
        return Kernel.of(MethodHandles.privateLookupIn(owner, MethodHandles.lookup()), name);
    }

    private static List<Call> calls(int width) {
        Random random = new Random(width);
        int rows = 7;
        float[] x = values(random, rows * width, -2, 3);
        float[] dy = values(random, rows * width, -1, 1);
        float[] w = values(random, width, 0.5f, 2);
        float[] b = values(random, width, -1, 1);
        float[] out = new float[rows * width];
        float[] hidden = x.clone();
        hidden[0] = width > 1 ? Float.NEGATIVE_INFINITY : 0;
        // group norm: 2 images of 3 groups of 2 channels
        int channels = 12;
        float[] image = values(random, channels * width, -2, 3);
        float[] grad = values(random, channels * width, -1, 1);
        float[] weight = values(random, 6, 0.5f, 2);
        float[] mean = values(random, channels, -0.5f, 0.5f);
        float[] variance = values(random, channels, 1, 2);
        float[] sum = values(random, channels, -1, 1);
        float[] product = values(random, channels, -1, 1);
        float[] written = new float[channels * width];
        // modulation: 2 samples of 3 tokens
        float[] tokens = values(random, 6 * width, -2, 2);
        float[] branch = values(random, 6 * width, -2, 2);
        float[] by = values(random, 2 * width, -1, 1);
        float[] by2 = values(random, 2 * width, -1, 1);
        float[] six = new float[6 * width];
        float[] two = new float[2 * width];
        float[] numbers = new AdamW.Settings(0.9, 0.99, 1e-8, 0.01, 0.999).numbers(3, 1e-3);
        float[] positive = values(random, rows * width, 0.5f, 2);
        float[] blocks = values(random, 40 * width, -1, 1);
        float[] column = values(random, rows, 1, 2);
        int[] labels = random.ints(rows, width / 2, width).toArray();
        // images: 2 of 3 channels, 2 lines of cells of 3 by 3 pixels
        float[] pixels = values(random, 6 * 6 * 3 * width, -2, 2);
        float[] slopes = values(random, 6 * 6 * 3 * width, -1, 1);
        float[] map = values(random, 2 * 6 * 2 * width, -1, 1);
        float[] painted = new float[6 * 6 * 3 * width];
        return List.of(
                new Call(ModulateImage.class, "modulateImage", 1, 12, painted, pixels, map, 3, 2, width, 3, 3),
                new Call(
                        ModulateImage.InputGradient.class,
                        "modulateImageInputGradient",
                        1,
                        12,
                        painted,
                        slopes,
                        map,
                        3,
                        2,
                        width,
                        3,
                        3),
                new Call(
                        ModulateImage.MapGradient.class,
                        "modulateImageMapGradient",
                        1,
                        12,
                        new float[2 * 6 * 2 * width],
                        slopes,
                        pixels,
                        3,
                        2,
                        width,
                        3,
                        3),
                new Call(Upsample.class, "upsampleNearest", 1, 6 * 6 * 3 * width, painted, pixels, 3 * width, 3),
                new Call(
                        AveragePool.class,
                        "averagePool",
                        1,
                        6 * 2 * width,
                        new float[6 * 2 * width],
                        pixels,
                        6,
                        3 * width,
                        2,
                        width,
                        3,
                        3),
                new Call(Clamp.class, "limit", 1, rows * width, out, x, -0.5f, 1f),
                new Call(Clamp.Gradient.class, "clampGradient", 1, rows * width, out, dy, x, -0.5f, 1f),
                new Call(Softmax.class, "softmax", 1, rows, out, hidden, width),
                new Call(Softmax.Gradient.class, "softmaxGradient", 1, rows, out, dy, x, width),
                new Call(LayerNorm.class, "layerNorm", 1, rows, out, x, width, EPS),
                new Call(LayerNorm.class, "layerNormAffine", 1, rows, out, x, w, b, width, EPS),
                new Call(LayerNorm.Gradient.class, "layerNormGradient", 1, rows, out, dy, x, width, 0.1f),
                new Call(RmsNorm.class, "rmsNorm", 1, rows, out, x, width, EPS),
                new Call(RmsNorm.class, "rmsNormWeighted", 1, rows, out, x, w, width, EPS),
                new Call(RmsNorm.Gradient.class, "rmsNormGradient", 1, rows, out, dy, x, width, 0.1f),
                new Call(
                        GroupNorm.class,
                        "channelMoments",
                        2,
                        channels,
                        new float[channels],
                        new float[channels],
                        image,
                        width),
                new Call(GroupNorm.class, "groupNorm", 1, channels, written, image, mean, variance, 2, width, EPS),
                new Call(
                        GroupNorm.class,
                        "groupNormAffine",
                        1,
                        channels,
                        written,
                        image,
                        mean,
                        variance,
                        weight,
                        weight,
                        3,
                        2,
                        width,
                        EPS),
                new Call(
                        GroupNorm.Gradient.class,
                        "channelSums",
                        2,
                        channels,
                        new float[channels],
                        new float[channels],
                        grad,
                        image,
                        mean,
                        variance,
                        2,
                        width,
                        EPS),
                new Call(
                        GroupNorm.Gradient.class,
                        "groupNormGradient",
                        1,
                        channels,
                        written,
                        grad,
                        image,
                        mean,
                        variance,
                        sum,
                        product,
                        2,
                        width,
                        EPS),
                new Call(
                        GroupNorm.Gradient.class,
                        "groupNormAffineGradient",
                        1,
                        channels,
                        written,
                        grad,
                        image,
                        mean,
                        variance,
                        sum,
                        product,
                        weight,
                        3,
                        2,
                        width,
                        EPS),
                new Call(Sum.class, "sum", 1, rows, new float[rows], x, width, 1, 0.5f),
                new Call(Sum.class, "sum", 1, 2 * width, new float[2 * width], tokens, 3, width, 0.5f),
                new Call(Sum.class, "sum", 1, 5, new float[5], values(random, 5 * width, -1, 1), width, 5, 1f),
                new Call(
                        GradientClip.SumOfSquares.class,
                        "sumOfSquares",
                        1,
                        Math.ceilDiv(blocks.length, 4096),
                        new float[12],
                        blocks,
                        2,
                        blocks.length),
                new Call(Modulate.class, "modulate", 1, 6, six, tokens, by, by2, width, 3),
                new Call(Modulate.InputGradient.class, "modulateInputGradient", 1, 6, six, tokens, by, width, 3),
                new Call(
                        Modulate.ScaleGradient.class,
                        "modulateScaleGradient",
                        2,
                        2 * width,
                        two,
                        two.clone(),
                        tokens,
                        branch,
                        width,
                        3),
                new Call(GatedResidual.class, "gatedResidual", 1, 6, six, tokens, by, branch, width, 3),
                new Call(GatedResidual.BranchGradient.class, "gatedBranchGradient", 1, 6, six, tokens, by, width, 3),
                new Call(GatedResidual.GateGradient.class, "gateGradient", 1, 2 * width, two, tokens, branch, width, 3),
                broadcast("add", rows, out, x, w, width, 0, 1),
                broadcast("sub", rows, out, x, w, width, 0, 1),
                broadcast("mul", rows, out, x, column, width, 1, 0),
                broadcast("divide", rows, out, x, column, width, 1, 0),
                broadcast("sub", rows, out, x, dy, width, width, 1),
                broadcast("mul", rows, out, x, dy, width, width, 1),
                broadcast("divide", rows, out, x, positive, width, width, 1),
                reversed("sub", rows, out, column, x, width),
                reversed("divide", rows, out, column, positive, width),
                new Call(AdamW.class, "adamW", 3, rows * width, x, dy, positive, out, numbers, new float[] {0.5f}, 1f),
                new Call(
                        AdamW.class,
                        "adamWAveraging",
                        4,
                        rows * width,
                        x,
                        dy,
                        positive,
                        values(random, x.length, 0, 1),
                        dy,
                        numbers,
                        new float[] {0.5f},
                        1f),
                new Call(
                        AdamW.class,
                        "adamW",
                        3,
                        rows * width,
                        x,
                        dy,
                        positive,
                        out,
                        numbers,
                        new float[] {Float.NaN},
                        1f),
                new Call(Unary.class, "exponential", 1, rows * width, out, x),
                new Call(CrossEntropy.class, "crossEntropy", 1, rows, new float[rows], hidden, labels, width, 0f),
                new Call(CrossEntropy.class, "crossEntropy", 1, rows, new float[rows], x, labels, width, 0.1f),
                new Call(
                        CrossEntropy.Gradient.class,
                        "crossEntropyGradient",
                        1,
                        rows,
                        out,
                        column,
                        x,
                        labels,
                        width,
                        0.1f));
    }

    private static Call broadcast(
            String name, int rows, float[] out, float[] a, float[] b, int width, int bRow, int bStep) {
        return new Call(Arithmetic.class, name, 1, rows, out, a, b, 1, 1, width, width, 0, 0, 1, bRow, 0, 0, bStep);
    }

    private static Call reversed(String name, int rows, float[] out, float[] a, float[] b, int width) {
        return new Call(Arithmetic.class, name, 1, rows, out, a, b, 1, 1, width, 1, 0, 0, 0, width, 0, 0, 1);
    }

    private static float[] values(Random random, int count, float low, float high) {
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = low + (high - low) * random.nextFloat();
        }
        return x;
    }
}
