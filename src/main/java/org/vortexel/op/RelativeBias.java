package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// The learnt bias of attention scores on a grid of tokens: one number for each head and each difference of places.
///
/// `out[0, h, i, j] = table[(dy + Y - 1) (2 X - 1) + (dx + X - 1), h]` with `(dy, dx)` the place of query `i` minus
/// that of key `j`, tokens row by row, `Y` and `X` the window. Keys outside the window get -1e7, which hides them.
///
/// | tensor  | shape                              |
/// |---------|------------------------------------|
/// | `table` | ((2 Y - 1)(2 X - 1), H)            |
/// | `out`   | (1, H, T, T), `T = height * width` |
///
/// Source: Liu et al. 2021, [arXiv:2103.14030](https://arxiv.org/abs/2103.14030), eq. 4.
///
/// @param height rows of tokens
/// @param width tokens in a row
/// @param windowHeight `Y`: rows further away than `Y - 1` are hidden
/// @param windowWidth `X`: columns further away than `X - 1` are hidden
public record RelativeBias(int height, int width, int windowHeight, int windowWidth) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "relativeBias");
    private static final float HIDDEN = -1e7f;

    /// The bias of every pair of `height * width` tokens from `table` ((2 windowHeight - 1)(2 windowWidth - 1), H).
    public static Tensor of(Tensor table, int height, int width, int windowHeight, int windowWidth) {
        return table.apply(new RelativeBias(height, width, windowHeight, windowWidth));
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape table = in.getFirst();
        int differences = (2 * windowHeight - 1) * (2 * windowWidth - 1);
        if (table.rank() != 2 || table.dim(0) != differences) {
            throw new IllegalArgumentException("RelativeBias with a window of " + windowHeight + " by " + windowWidth
                    + " expected a table (" + differences + ", H) but got " + table);
        }
        int tokens = height * width;
        return List.of(Shape.of(1, table.dim(1), tokens, tokens));
    }

    @Override
    public void lower(Lowering to) {
        to.launch(
                KERNEL,
                to.out(0).size(),
                to.out(0),
                to.in(0),
                height,
                width,
                windowHeight,
                windowWidth,
                to.in(0).dim(1));
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(this)));
    }

    /// The gradient of the table: input `dout` (1, H, T, T).
    ///
    /// @param of the forward op
    public record Gradient(RelativeBias of) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "relativeBiasGradient");

        @Override
        public String name() {
            return "RelativeBias.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(Shape.of(
                    (2 * of.windowHeight - 1) * (2 * of.windowWidth - 1),
                    in.getFirst().dim(1)));
        }

        @Override
        public void lower(Lowering to) {
            to.launch(
                    KERNEL,
                    to.out(0).size(),
                    to.out(0),
                    to.in(0),
                    of.height,
                    of.width,
                    of.windowHeight,
                    of.windowWidth,
                    to.in(0).dim(1));
        }

        /// `dtable[d, h] = sum of dout[h, i, j]` over the pairs with difference `d`; a row is one (d, h).
        public static void relativeBiasGradient(
                float[] dtable,
                float[] dout,
                int height,
                int width,
                int windowHeight,
                int windowWidth,
                int heads,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int difference = row / heads;
                int head = row - difference * heads;
                int dy = difference / (2 * windowWidth - 1) - (windowHeight - 1);
                int dx = difference % (2 * windowWidth - 1) - (windowWidth - 1);
                int tokens = height * width;
                float total = 0;
                for (int y = Math.max(0, dy); y < Math.min(height, height + dy); y++) {
                    float partial = 0;
                    for (int x = Math.max(0, dx); x < Math.min(width, width + dx); x++) {
                        int i = y * width + x;
                        int j = (y - dy) * width + (x - dx);
                        partial += dout[(head * tokens + i) * tokens + j];
                    }
                    total += partial;
                }
                dtable[row] = total;
            }
        }
    }

    /// `out` (H, T, T) written, `table` read; a row is one (h, i, j).
    public static void relativeBias(
            float[] out,
            float[] table,
            int height,
            int width,
            int windowHeight,
            int windowWidth,
            int heads,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            int row = begin + r;
            int tokens = height * width;
            int query = row / tokens;
            int j = row - query * tokens;
            int head = query / tokens;
            int i = query - head * tokens;
            int dy = i / width - j / width + windowHeight - 1;
            int dx = i % width - j % width + windowWidth - 1;
            int down = 2 * windowHeight - 1;
            int across = 2 * windowWidth - 1;
            float bias = HIDDEN;
            if (dy >= 0 && dy < down && dx >= 0 && dx < across) {
                bias = table[(dy * across + dx) * heads + head];
            }
            out[row] = bias;
        }
    }
}
