package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// The row of a table that is nearest to each vector: `ids[t] = argmin over v of |x[t] - table[v]|²`, the lowest id
/// where two are equally near.
///
/// | tensor  | shape  |                                                                          |
/// |---------|--------|--------------------------------------------------------------------------|
/// | `x`     | (…, D) |                                                                          |
/// | `table` | (V, D) | V at most 2^24                                                           |
/// | `rows`  | (…, D) | first output, `rows[t] = table[ids[t]]`                                  |
/// | `ids`   | (…)    | second output, whole numbers from 0 to V - 1 held as floats, exactly     |
///
/// Gradient: `dtable[v] = sum of drows[t] over all t with ids[t] = v`; `x` gets none, its choice is piecewise
/// constant.
///
/// Source: van den Oord et al. 2017, [arXiv:1711.00937](https://arxiv.org/abs/1711.00937), eq. 1 and 2.
public record NearestRow() implements Op {
    private static final int MOST_ROWS = 1 << 24;
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "nearestRow");

    /// What is nearest.
    ///
    /// @param rows (…, D), rows of the table
    /// @param ids (…), their numbers
    public record Nearest(Tensor rows, Tensor ids) {}

    /// The rows of `table` (V, D) nearest to `x` (…, D).
    public static Nearest of(Tensor x, Tensor table) {
        List<Tensor> out = x.tape().record(new NearestRow(), List.of(x, table));
        return new Nearest(out.get(0), out.get(1));
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.get(0);
        Shape table = in.get(1);
        boolean fits = x.rank() >= 1
                && table.rank() == 2
                && table.dim(0) >= 1
                && table.dim(0) <= MOST_ROWS
                && table.dim(1) == x.dim(-1);
        if (!fits) {
            throw new IllegalArgumentException(
                    "NearestRow expected x (…, D) and a table (V, D) but got " + x + " and " + table);
        }
        int[] sizes = x.toArray();
        return List.of(x, Shape.of(java.util.Arrays.copyOf(sizes, sizes.length - 1)));
    }

    @Override
    public void lower(Lowering to) {
        to.launch(
                KERNEL,
                to.out(1).size(),
                to.out(0),
                to.out(1),
                to.in(0),
                to.in(1),
                to.in(1).dim(0),
                to.in(1).dim(1));
    }

    @Override
    public void gradient(Backward at) {
        if (at.wants(1)) {
            at.give(1, at.grad(0).apply(new Gradient(at.in(1).dim(0)), at.out(1)));
        }
    }

    /// The gradient of the table: inputs `drows` (…, D) and `ids` (…).
    ///
    /// @param rows how many rows the table has, V
    public record Gradient(int rows) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "nearestRowGradient");

        @Override
        public String name() {
            return "NearestRow.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(Shape.of(rows, in.get(0).dim(-1)));
        }

        @Override
        public void lower(Lowering to) {
            to.launch(
                    KERNEL,
                    rows,
                    to.out(0),
                    to.in(0),
                    to.in(1),
                    to.in(1).size(),
                    to.out(0).dim(1));
        }

        /// `dtable[v] = sum of drows[t] over t with ids[t] = v`, in the order of `t`; a row is a row of the table.
        public static void nearestRowGradient(
                float[] dtable, float[] drows, float[] ids, int tokens, int width, int begin, int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int v = begin + r;
                for (int j = 0; j < width; j++) {
                    dtable[v * width + j] = 0;
                }
                for (int t = 0; t < tokens; t++) {
                    if ((int) ids[t] == v) {
                        for (int j = 0; j < width; j++) {
                            dtable[v * width + j] += drows[t * width + j];
                        }
                    }
                }
            }
        }
    }

    /// `ids[t]` and `rows[t]` of every vector; a row is a vector.
    ///
    /// | argument | shape  |         |
    /// |----------|--------|---------|
    /// | `rows`   | (T, D) | written |
    /// | `ids`    | (T)    | written |
    /// | `x`      | (T, D) | read    |
    /// | `table`  | (V, D) | read    |
    public static void nearestRow(
            float[] rows, float[] ids, float[] x, float[] table, int codes, int width, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int t = begin + i;
            int nearest = nearest(x, t * width, table, codes, width);
            ids[t] = nearest;
            for (int j = 0; j < width; j++) {
                rows[t * width + j] = table[nearest * width + j];
            }
        }
    }

    private static int nearest(float[] x, int start, float[] table, int codes, int width) {
        int nearest = 0;
        float smallest = Float.MAX_VALUE;
        for (int v = 0; v < codes; v++) {
            float distance = 0;
            for (int j = 0; j < width; j++) {
                float difference = x[start + j] - table[v * width + j];
                distance += difference * difference;
            }
            if (distance < smallest) {
                smallest = distance;
                nearest = v;
            }
        }
        return nearest;
    }
}
