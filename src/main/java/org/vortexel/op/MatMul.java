package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Matrix product of the last two axes: `out = A B`, either operand read transposed.
///
/// | tensor | shape                                          |
/// |--------|------------------------------------------------|
/// | `a`    | (…, M, K), or (…, K, M) when `transposeA`      |
/// | `b`    | (…, K, N), or (…, N, K) when `transposeB`; rank 2 is shared by the whole batch |
/// | `out`  | (…, M, N)                                      |
///
/// @param transposeA read `a` as its transpose
/// @param transposeB read `b` as its transpose
public record MatMul(boolean transposeA, boolean transposeB) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "matMul");

    static Tensor of(Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
        return a.tape()
                .record(new MatMul(transposeA, transposeB), List.of(a, b))
                .getFirst();
    }

    /// The sizes of one product: `batch` pairs of matrices, `rows` M, `columns` N, `inner` K. A rank-2 `b` that is
    /// not transposed against `a` folds the batch into M.
    public record Sizes(int batch, int rows, int columns, int inner) {}

    /// The sizes for operands of the given shapes.
    public Sizes sizes(Shape a, Shape b) {
        int rows = a.dim(transposeA ? -1 : -2);
        int inner = a.dim(transposeA ? -2 : -1);
        int columns = b.dim(transposeB ? -2 : -1);
        int batch = a.size(0, a.rank() - 2);
        if (b.rank() == 2 && !transposeA) {
            return new Sizes(1, batch * rows, columns, inner);
        }
        return new Sizes(batch, rows, columns, inner);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape a = in.get(0);
        Shape b = in.get(1);
        boolean ranks = a.rank() >= 2 && ((b.rank() == 2 && (!transposeA || a.rank() == 2)) || b.rank() == a.rank());
        if (!ranks || a.dim(transposeA ? -2 : -1) != b.dim(transposeB ? -1 : -2)) {
            throw new IllegalArgumentException("MatMul" + (transposeA ? " of the transpose of " : " of ") + a + " by "
                    + (transposeB ? "the transpose of " : "") + b + ": the inner sizes must be equal");
        }
        for (int i = 0; b.rank() > 2 && i < a.rank() - 2; i++) {
            if (a.dim(i) != b.dim(i)) {
                throw new IllegalArgumentException("MatMul of " + a + " by " + b + ": the batch sizes must be equal");
            }
        }
        return List.of(a.with(-2, a.dim(transposeA ? -1 : -2)).with(-1, b.dim(transposeB ? -2 : -1)));
    }

    @Override
    public double flops(List<Shape> in, List<Shape> out) {
        return 2.0 * out.getFirst().size() * in.getFirst().dim(transposeA ? -2 : -1);
    }

    @Override
    public void lower(Lowering to) {
        Sizes s = sizes(to.in(0).shape(), to.in(1).shape());
        to.launch(
                KERNEL,
                s.batch * s.rows,
                to.out(0),
                to.in(0),
                to.in(1),
                s.rows,
                s.columns,
                s.inner,
                transposeA ? 1 : s.inner,
                transposeA ? s.rows : 1,
                transposeB ? 1 : s.columns,
                transposeB ? s.inner : 1,
                to.in(1).shape().rank() == 2 ? 0 : s.inner * s.columns);
    }

    @Override
    public void gradient(Backward at) {
        Tensor a = at.in(0);
        Tensor b = at.in(1);
        Tensor g = at.grad(0);
        if (at.wants(0)) {
            at.give(0, transposeA ? of(b, g, transposeB, true) : of(g, b, false, !transposeB));
        }
        if (at.wants(1)) {
            boolean shared = b.shape().rank() == 2 && a.shape().rank() > 2;
            Tensor x = shared ? a.reshape(-1, a.shape().dim(-1)) : a;
            Tensor y = shared ? g.reshape(-1, g.shape().dim(-1)) : g;
            at.give(1, transposeB ? of(y, x, true, transposeA) : of(x, y, !transposeA, false));
        }
    }

    /// `out[n, i, j] = sum over k of a[n, i, k] b[n, k, j]`; a row is one row of one matrix of `out`.
    ///
    /// | argument | shape                          |                                            |
    /// |----------|--------------------------------|--------------------------------------------|
    /// | `out`    | (batch, rows, columns)         | written                                    |
    /// | `a`      | batch matrices, rows x inner   | element (i, k) at `i * aRow + k * aColumn` |
    /// | `b`      | matrices of inner x columns    | element (k, j) at `k * bRow + j * bColumn` |
    ///
    /// The next matrix of `b` is `bBatch` further.
    public static void matMul(
            float[] out,
            float[] a,
            float[] b,
            int rows,
            int columns,
            int inner,
            int aRow,
            int aColumn,
            int bRow,
            int bColumn,
            int bBatch,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            int row = begin + r;
            int n = row / rows;
            int i = row - n * rows;
            int aStart = n * rows * inner + i * aRow;
            int bStart = n * bBatch;
            for (int j = 0; j < columns; j++) {
                float sum = 0;
                for (int k = 0; k < inner; k++) {
                    sum += a[aStart + k * aColumn] * b[bStart + k * bRow + j * bColumn];
                }
                out[row * columns + j] = sum;
            }
        }
    }
}
