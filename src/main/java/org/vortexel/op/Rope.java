package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.stream.IntStream;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Rotary position embedding: turns pairs of numbers of every head by angles that grow with the token's position.
///
/// `a' = a cos - b sin`, `b' = b cos + a sin` for each pair (a, b).
///
/// | tensor       | shape     |                                                                                      |
/// |--------------|-----------|--------------------------------------------------------------------------------------|
/// | `x`, `out`   | (N, T, W) | the first `heads` heads of `2 P` columns are turned, further columns are copied      |
/// | `cos`, `sin` | (T, P)    | of the angle of pair `p` at token `t`; constants, or inputs, but without a gradient  |
///
/// With queries, keys and values packed as (N, T, 3 D), twice the number of heads turns queries and keys at once.
///
/// Source: Su et al. 2021, [arXiv:2104.09864](https://arxiv.org/abs/2104.09864), eq. 15 and 34.
///
/// @param heads how many heads are turned
/// @param pairing which numbers of a head make a pair
/// @param back turns by the negative angles: the inverse, and so the gradient
public record Rope(int heads, Pairing pairing, boolean back) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "rope");

    /// Which two numbers of a head are pair `p` of `P`.
    public enum Pairing {
        /// `2 p` and `2 p + 1`.
        INTERLEAVED,
        /// `p` and `p + P`.
        HALF_SPLIT
    }

    /// Cosines and sines of the angles, each (T, P).
    ///
    /// @param cos cosines
    /// @param sin sines
    public record Angles(NdArray cos, NdArray sin) {
        /// Positions `0 … length - 1` on a line: pair `p` turns by `position * theta^(-2 p / headWidth)`.
        public static Angles line(int length, int headWidth, double theta) {
            return of(headWidth, theta, IntStream.range(0, length).toArray());
        }

        /// Places on a grid, row by row: the first half of the pairs turns with the column, the second with the
        /// row.
        public static Angles grid(int height, int width, int headWidth, double theta) {
            int[] columns =
                    IntStream.range(0, height * width).map(t -> t % width).toArray();
            int[] rows = IntStream.range(0, height * width).map(t -> t / width).toArray();
            return of(headWidth, theta, columns, rows);
        }

        /// Positions on any number of axes, which share the pairs evenly, in their order.
        ///
        /// @param theta the base of the frequencies, 10000 in the paper
        /// @param axes for each axis the position of every token
        public static Angles of(int headWidth, double theta, int[]... axes) {
            if (axes.length == 0 || headWidth % (2 * axes.length) != 0) {
                throw new IllegalArgumentException("Rope expected a head width that is a multiple of " + 2 * axes.length
                        + " for " + axes.length + " axes but got " + headWidth);
            }
            int length = axes[0].length;
            int pairs = headWidth / 2;
            int share = pairs / axes.length;
            NdArray cos = NdArray.zeros(Shape.of(length, pairs));
            NdArray sin = NdArray.zeros(Shape.of(length, pairs));
            for (int t = 0; t < length; t++) {
                for (int p = 0; p < pairs; p++) {
                    double angle = axes[p / share][t] * Math.pow(theta, -(double) (p % share) / share);
                    cos.data()[t * pairs + p] = (float) Math.cos(angle);
                    sin.data()[t * pairs + p] = (float) Math.sin(angle);
                }
            }
            return new Angles(cos, sin);
        }
    }

    /// `x` (N, T, W) with its first `heads` heads turned by fixed angles.
    public static Tensor of(Tensor x, int heads, Pairing pairing, Angles angles) {
        Tape tape = x.tape();
        return x.apply(new Rope(heads, pairing, false), tape.constant(angles.cos), tape.constant(angles.sin));
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.get(0);
        Shape cos = in.get(1);
        boolean fits = x.rank() == 3
                && x.dim(2) % 2 == 0
                && cos.rank() == 2
                && cos.equals(in.get(2))
                && cos.dim(0) == x.dim(1)
                && 2 * cos.dim(1) * heads <= x.dim(2);
        if (!fits) {
            throw new IllegalArgumentException("Rope of " + heads + " heads expected x (N, T, W), cos and sin (T, P), W"
                    + " even and at least 2 P heads, but got " + x + ", " + cos + ", " + in.get(2));
        }
        return List.of(x);
    }

    /// Both numbers of a pair are read before either is written, and no other row reads them.
    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        Shape x = to.in(0).shape();
        int pairs = to.in(1).dim(1);
        to.launch(
                KERNEL,
                x.size() / 2,
                to.out(0),
                to.in(0),
                to.in(1),
                to.in(2),
                x.dim(1),
                x.dim(2) / 2,
                heads,
                pairs,
                pairing == Pairing.INTERLEAVED ? 2 : 1,
                pairing == Pairing.INTERLEAVED ? 1 : pairs,
                back ? -1f : 1f);
    }

    @Override
    public void gradient(Backward at) {
        if (at.wants(0)) {
            at.give(0, at.grad(0).apply(new Rope(heads, pairing, !back), at.in(1), at.in(2)));
        }
    }

    /// Turns or copies two numbers; a row is one pair, (n, t) and then its place among the `turns` pairs of a token.
    ///
    /// | argument     | shape           |                                                     |
    /// |--------------|-----------------|-----------------------------------------------------|
    /// | `out`        | (N, T, 2 turns) | written; may be `x`                                 |
    /// | `x`          | (N, T, 2 turns) | read                                                |
    /// | `cos`, `sin` | (T, pairs)      | read                                                |
    /// | `step`       |                 | from the first number of a pair to that of the next |
    /// | `gap`        |                 | from the first number of a pair to its second       |
    public static void rope(
            float[] out,
            float[] x,
            float[] cos,
            float[] sin,
            int tokens,
            int turns,
            int heads,
            int pairs,
            int step,
            int gap,
            float sign,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            int row = begin + r;
            int token = row / turns;
            int place = row - token * turns;
            if (place < heads * pairs) {
                int head = place / pairs;
                int pair = place - head * pairs;
                int a = 2 * (token * turns + head * pairs) + pair * step;
                int angle = token % tokens * pairs + pair;
                float c = cos[angle];
                float s = sign * sin[angle];
                float xa = x[a];
                float xb = x[a + gap];
                out[a] = xa * c - xb * s;
                out[a + gap] = xb * c + xa * s;
            } else {
                out[2 * row] = x[2 * row];
                out[2 * row + 1] = x[2 * row + 1];
            }
        }
    }
}
