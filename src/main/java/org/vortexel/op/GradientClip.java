package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Clipping by the norm of all gradients together.
///
/// @param norm one number: the root of the sum of all squares
/// @param coefficient one number to multiply every gradient by: `min(1, maxNorm / (norm + 1e-6))`, or -1 when the norm
///     is not finite, upon which [AdamW] skips its step
public record GradientClip(Tensor norm, Tensor coefficient) {
    /// Records the norm of `gradients` and the coefficient that brings it to at most `maxNorm`.
    ///
    /// @param maxNorm positive
    public static GradientClip of(List<Tensor> gradients, float maxNorm) {
        if (!(maxNorm > 0) || gradients.isEmpty()) {
            throw new IllegalArgumentException("GradientClip expected some gradients and a positive norm but got "
                    + gradients.size() + " and " + maxNorm);
        }
        Tape tape = gradients.getFirst().tape();
        Tensor squares = tape.record(new SumOfSquares(), gradients).getFirst();
        Tensor norm = squares.sum(false).sqrt();
        return new GradientClip(norm, norm.apply(new Coefficient(maxNorm)));
    }

    /// Partial sums of the squares of any number of tensors, one per block of 4096 numbers, inputs one after
    /// another.
    public record SumOfSquares() implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "sumOfSquares");
        private static final int BLOCK = 4096;
        private static final int RUN = 128;

        private static int blocks(Shape shape) {
            return (shape.size() + BLOCK - 1) / BLOCK;
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(Shape.of(in.stream().mapToInt(SumOfSquares::blocks).sum()));
        }

        @Override
        public void lower(Lowering to) {
            int offset = 0;
            for (int i = 0; i < to.inputs(); i++) {
                int blocks = blocks(to.in(i).shape());
                to.launch(KERNEL, blocks, to.out(0), to.in(i), offset, to.in(i).size());
                offset += blocks;
            }
        }

        /// `out[offset + b]` is the sum of squares of block `b` of `x`; a row is a block.
        public static void sumOfSquares(float[] out, float[] x, int offset, int size, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int start = (begin + i) * BLOCK;
                out[offset + begin + i] = squares(x, start, Math.min(size, start + BLOCK));
            }
        }

        private static float squares(float[] x, int start, int end) {
            float total = 0;
            for (int run = start; run < end; run += RUN) {
                float partial = 0;
                for (int j = run; j < Math.min(end, run + RUN); j++) {
                    partial += x[j] * x[j];
                }
                total += partial;
            }
            return total;
        }
    }

    /// The clip coefficient of a norm.
    ///
    /// @param maxNorm the largest norm that is left alone
    public record Coefficient(float maxNorm) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "clipCoefficient");

        @Override
        public String name() {
            return "GradientClip.Coefficient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.getFirst());
        }

        @Override
        public void lower(Lowering to) {
            to.launch(KERNEL, to.in(0).size(), to.out(0), to.in(0), maxNorm);
        }

        /// `out[i] = min(1, maxNorm / (norm[i] + 1e-6))`, -1 where the norm is not finite; a row is one
        /// element.
        public static void clipCoefficient(float[] out, float[] norm, float maxNorm, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                float n = norm[begin + i];
                // NaN by name: TornadoVM makes !(MAX_VALUE < n) of n <= MAX_VALUE
                out[begin + i] = Float.isNaN(n) || n > Float.MAX_VALUE ? -1 : Math.min(1, maxNorm / (n + 1e-6f));
            }
        }
    }
}
