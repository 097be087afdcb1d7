package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vortexel.op.GradientCheck.check;
import static org.vortexel.op.GradientCheck.random;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.vortexel.device.TestDevice;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class ReductionOpsTest {
    @Test
    void reductionsHaveTheDerivativesOfTheirForwardKernels() {
        NdArray distinct = NdArray.of(Shape.of(2, 3, 2), 1, 7, 4, 9, 2, 5, 8, 0, 3, 11, 6, 10);
        check(x -> x.get(0).amax(false, 1), 2e-3, distinct);
        check(x -> x.get(0).amax(true, 0, 2), 2e-3, distinct);
        check(x -> x.get(0).var(false, 0, 2), 2e-3, random(1, 2, 3, 4));
        check(x -> x.get(0).logSumExp(1), 2e-3, random(1, 2, 3, 4));
        check(x -> x.get(0).logSoftmax(), 2e-3, random(1, 3, 4));
    }

    @Test
    void likenessHasTheDerivativesOfItsForwardKernels() {
        check(x -> Similarity.l2Normalize(x.get(0), 1e-12f), 3e-3, random(1, 3, 5));
        check(x -> Similarity.cosine(x.get(0), x.get(1)), 3e-3, random(1, 2, 3, 5), random(2, 2, 3, 5));
        check(x -> InfoNce.of(x.get(0), x.get(1), 0.5f, false), 3e-3, random(1, 4, 5), random(2, 4, 5));
        check(x -> InfoNce.of(x.get(0), x.get(1), 0.5f, true), 3e-3, random(1, 4, 5), random(2, 4, 5));
        NdArray scale = NdArray.of(Shape.of(1), 2);
        check(x -> InfoNce.of(x.get(0), x.get(1), x.get(2), true), 3e-3, random(1, 4, 5), random(2, 4, 5), scale);
    }

    @Test
    void equalLargestElementsShareTheGradient() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(4));
        Tensor max = x.amax(false);
        r.output("gradient", Gradients.of(r, max, List.of(x)).getFirst());
        try (var device = TestDevice.plain(1);
                var player = device.load(r.program(), new Weights())) {
            player.set("x", 3f, 1f, 3f, 2f).run();
            assertEquals(NdArray.of(Shape.of(4), 0.5f, 0, 0.5f, 0), player.get("gradient"));
        }
    }

    @Test
    void aRowOfZerosHasLengthZeroAndAFiniteGradient() {
        check(x -> Similarity.l2Normalize(x.get(0), 1), 1e-3, NdArray.zeros(Shape.of(2, 3)));
    }

    @Test
    void logSumExpOfAThousandEqualNumbersIsExact() {
        float[] x = new float[1000];
        Arrays.fill(x, 200);
        assertEquals(
                200 + Math.log(1000),
                apply(t -> t.logSumExp(0), NdArray.of(Shape.of(1000), x)).data()[0],
                2e-5);
    }

    @Test
    void crossEntropyIsTheLogarithmOfTheLabelsProbability() {
        NdArray logits = random(1, 2, 3, 5);
        int[] labels = {0, 4, 2, 2, 1, 3};
        for (float smoothing : new float[] {0, 0.1f}) {
            Recorder r = new Recorder();
            Tensor x = r.input("x", logits.shape());
            Tensor ids = r.ids("labels", Shape.of(2, 3));
            r.output("cost", x.crossEntropy(ids, smoothing));
            r.output("log", x.logSoftmax());
            try (var device = TestDevice.plain(1);
                    var player = device.load(r.program(), new Weights())) {
                player.set("x", logits).set("labels", labels).run();
                float[] log = player.get("log").data();
                for (int row = 0; row < 6; row++) {
                    double expected = -(1 - smoothing) * log[row * 5 + labels[row]];
                    for (int v = 0; v < 5; v++) {
                        expected -= smoothing / 5 * log[row * 5 + v];
                    }
                    assertEquals(expected, player.get("cost").data()[row], 1e-5);
                }
            }
        }
    }

    @Test
    void crossEntropyPullsTowardsTheLabel() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(1, 4));
        Tensor cost = x.crossEntropy(r.ids("labels", Shape.of(1)), 0.2f).sum(false);
        r.output("gradient", Gradients.of(r, cost, List.of(x)).getFirst());
        try (var device = TestDevice.plain(1);
                var player = device.load(r.program(), new Weights())) {
            player.set("x", 0f, 0f, 0f, 0f).set("labels", 2).run();
            float[] gradient = player.get("gradient").data();
            assertEquals(0.25 - 0.85, gradient[2], 1e-6); // softmax 1/4, target 0.8 + 0.2 / 4
            assertEquals(0.25 - 0.05, gradient[0], 1e-6);
        }
    }

    @Test
    void crossEntropyWantsOneLabelARow() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", Shape.of(2, 3, 5));
        Tensor labels = r.ids("labels", Shape.of(2));
        var e = assertThrows(IllegalArgumentException.class, () -> x.crossEntropy(labels));
        assertEquals(
                "CrossEntropy: CrossEntropy of logits (2, 3, 5) expected one label a row but got labels (2)",
                e.getMessage());
    }

    private static NdArray apply(UnaryOperator<Tensor> f, NdArray x) {
        Recorder r = new Recorder();
        r.output("y", f.apply(r.input("x", x.shape())));
        try (var device = TestDevice.plain(1);
                var player = device.load(r.program(), new Weights())) {
            player.set("x", x).run();
            return player.get("y");
        }
    }
}
