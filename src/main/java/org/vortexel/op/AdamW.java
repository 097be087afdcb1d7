package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vortexel.tensor.Shape;

/// One step of Adam with decoupled weight decay, in place: writes the parameter, its two moments and, when given, a
/// running average of the parameter. No output.
///
/// ```
/// g = clip * gradient
/// m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g²
/// p = p - lr decay p - lr / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + eps)
/// average = average + (1 - emaDecay) (p - average)
/// ```
///
/// | input | tensor     | shape                                                             |
/// |-------|------------|-------------------------------------------------------------------|
/// | 0     | parameter  | any                                                               |
/// | 1, 2  | m, v       | the parameter's                                                   |
/// | 3     | gradient   | the parameter's                                                   |
/// | 4     | numbers    | ([#NUMBERS]), given before every run from [Settings#numbers]      |
/// | 5     | clip       | one number, such as [GradientClip#coefficient]; negative or NaN skips the step |
/// | 6     | average    | the parameter's; may be left out                                  |
///
/// Source: Loshchilov and Hutter 2017, [arXiv:1711.05101](https://arxiv.org/abs/1711.05101), algorithm 2.
///
/// @param decays whether this parameter is decayed (matrices usually are; biases and norms are not)
public record AdamW(boolean decays) implements Op {
    /// How many numbers a step takes.
    public static final int NUMBERS = 8;

    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "adamW");
    private static final Kernel AVERAGING = Kernel.of(MethodHandles.lookup(), "adamWAveraging");

    /// What does not depend on the step, in the words of the paper.
    ///
    /// @param beta1 decay of the first moment, in `[0, 1)`
    /// @param beta2 decay of the second moment, in `[0, 1)`
    /// @param eps keeps the quotient away from 0 / 0
    /// @param weightDecay decoupled decay, multiplied by the learning rate
    /// @param emaDecay decay of the running average, in `[0, 1]`
    public record Settings(double beta1, double beta2, double eps, double weightDecay, double emaDecay) {
        public Settings {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && emaDecay >= 0 && emaDecay <= 1)) {
                throw new IllegalArgumentException(
                        "AdamW expected beta1 and beta2 in [0, 1) and emaDecay in [0, 1] but got " + beta1 + ", "
                                + beta2 + ", " + emaDecay);
            }
        }

        /// The input `numbers` of step `step`, worked out in double precision.
        ///
        /// @param step counted from 1
        /// @param learningRate of this step
        public float[] numbers(long step, double learningRate) {
            if (step < 1) {
                throw new IllegalArgumentException("AdamW counts steps from 1 but got " + step);
            }
            return new float[] {
                (float) (learningRate * weightDecay),
                (float) (1 - beta1),
                (float) beta2,
                (float) (1 - beta2),
                (float) (learningRate / (1 - Math.pow(beta1, (double) step))),
                (float) (1 / Math.sqrt(1 - Math.pow(beta2, (double) step))),
                (float) eps,
                (float) (1 - emaDecay)
            };
        }
    }

    /// Records a step on one parameter.
    ///
    /// @param average a running average of the parameter to update as well, or null
    public static void step(
            boolean decays,
            Tensor parameter,
            Tensor m,
            Tensor v,
            Tensor gradient,
            Tensor numbers,
            Tensor clip,
            @Nullable Tensor average) {
        List<Tensor> inputs = new ArrayList<>(List.of(parameter, m, v, gradient, numbers, clip));
        if (average != null) {
            inputs.add(average);
        }
        parameter.tape().record(new AdamW(decays), inputs);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape parameter = in.getFirst();
        for (int i = 1; i < in.size(); i++) {
            boolean fits = switch (i) {
                case 4 -> in.get(i).equals(Shape.of(NUMBERS));
                case 5 -> in.get(i).size() == 1;
                default -> in.get(i).equals(parameter);
            };
            if (!fits) {
                throw new IllegalArgumentException("AdamW of a parameter " + parameter
                        + " expected m, v, gradient (and average) of that shape, " + NUMBERS
                        + " numbers and one clip coefficient but input " + i + " is " + in.get(i));
            }
        }
        return List.of();
    }

    @Override
    public boolean mutates(int input) {
        return input < 3 || input == 6;
    }

    @Override
    public void lower(Lowering to) {
        float decay = decays ? 1 : 0;
        if (to.inputs() > 6) {
            to.launch(
                    AVERAGING,
                    to.in(0).size(),
                    to.in(0),
                    to.in(1),
                    to.in(2),
                    to.in(6),
                    to.in(3),
                    to.in(4),
                    to.in(5),
                    decay);
        } else {
            to.launch(KERNEL, to.in(0).size(), to.in(0), to.in(1), to.in(2), to.in(3), to.in(4), to.in(5), decay);
        }
    }

    /// One step on `p`, `m`, `v`; a row is one element.
    public static void adamW(
            float[] p,
            float[] m,
            float[] v,
            float[] gradient,
            float[] numbers,
            float[] clip,
            float decay,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            update(p, m, v, gradient, numbers, clip[0], decay, begin + i);
        }
    }

    /// One step on `p`, `m`, `v` and the running average; a row is one element.
    public static void adamWAveraging(
            float[] p,
            float[] m,
            float[] v,
            float[] average,
            float[] gradient,
            float[] numbers,
            float[] clip,
            float decay,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int k = begin + i;
            update(p, m, v, gradient, numbers, clip[0], decay, k);
            average[k] += numbers[7] * (p[k] - average[k]);
        }
    }

    private static void update(
            float[] p, float[] m, float[] v, float[] gradient, float[] numbers, float clip, float decay, int k) {
        if (clip >= 0) { // otherwise the gradient is not finite: leave everything as it is
            float g = clip * gradient[k];
            float first = m[k] + numbers[1] * (g - m[k]);
            float second = numbers[2] * v[k] + numbers[3] * g * g;
            float root = (float) Math.sqrt(second) * numbers[5] + numbers[6];
            m[k] = first;
            v[k] = second;
            p[k] = p[k] - decay * numbers[0] * p[k] - numbers[4] * first / root;
        }
    }
}
