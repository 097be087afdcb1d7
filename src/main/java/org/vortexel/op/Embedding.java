package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Rows of a table, looked up by id.
///
/// | tensor  | shape  |                          |
/// |---------|--------|--------------------------|
/// | `table` | (V, D) |                          |
/// | `ids`   | (…)    | from 0 to V - 1          |
/// | `out`   | (…, D) | `out[t] = table[ids[t]]` |
///
/// Gradient: `dtable[v] = sum of dout[t] over all t with ids[t] = v`.
public record Embedding() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "embedding");

    /// The rows of `table` (V, D) that `ids` (…) name: (…, D).
    public static Tensor of(Tensor table, Tensor ids) {
        if (ids.dtype() != DType.I32) {
            throw new IllegalArgumentException("Embedding expected ids but got floats " + ids.shape());
        }
        return table.apply(new Embedding(), ids);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape table = in.get(0);
        if (table.rank() != 2) {
            throw new IllegalArgumentException("Embedding expected a table (V, D) but got " + table);
        }
        int[] ids = in.get(1).toArray();
        int[] sizes = Arrays.copyOf(ids, ids.length + 1);
        sizes[ids.length] = table.dim(1);
        return List.of(Shape.of(sizes));
    }

    @Override
    public void lower(Lowering to) {
        to.launch(
                KERNEL, to.in(1).size(), to.out(0), to.in(0), to.in(1), to.in(0).dim(1));
    }

    @Override
    public void gradient(Backward at) {
        Tensor ids = at.in(1);
        if (at.wants(0)) {
            at.give(0, at.grad(0).apply(new Gradient(at.in(0).dim(0)), ids));
        }
    }

    /// The gradient of the table: inputs `dout` (…, D) and `ids` (…).
    ///
    /// @param rows how many rows the table has, V
    public record Gradient(int rows) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "embeddingGradient");

        @Override
        public String name() {
            return "Embedding.Gradient";
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

        /// `dtable[v] = sum of dout[t] over t with ids[t] = v`, in the order of `t`; a row is a row of the
        /// table, which looks through all tokens for its id, so that no two threads write one number.
        public static void embeddingGradient(
                float[] dtable, float[] dout, int[] ids, int tokens, int width, int begin, int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int v = begin + r;
                for (int j = 0; j < width; j++) {
                    dtable[v * width + j] = 0;
                }
                for (int t = 0; t < tokens; t++) {
                    if (ids[t] == v) {
                        for (int j = 0; j < width; j++) {
                            dtable[v * width + j] += dout[t * width + j];
                        }
                    }
                }
            }
        }
    }

    /// `out[t] = table[ids[t]]`; a row is a token.
    public static void embedding(float[] out, float[] table, int[] ids, int width, int begin, int count) {
        for (@Parallel int t = 0; t < count; t++) {
            int token = begin + t;
            int row = ids[token];
            for (int j = 0; j < width; j++) {
                out[token * width + j] = table[row * width + j];
            }
        }
    }
}
