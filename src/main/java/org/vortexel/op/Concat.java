package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Puts tensors behind one another along one axis; all other sizes are equal. Gradient: slices.
///
/// @param axis the axis, not negative
public record Concat(int axis) implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "place");
    /// Shorter runs than this are copied together with their neighbours.
    private static final int SHORT = 64;

    static Tensor of(int axis, List<Tensor> parts) {
        return parts.getFirst().tape().record(new Concat(axis), parts).getFirst();
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape first = in.getFirst();
        int size = 0;
        for (Shape part : in) {
            if (part.rank() != first.rank() || !part.with(axis, 1).equals(first.with(axis, 1))) {
                throw new IllegalArgumentException("Concat along axis " + axis + " of " + first + " and " + part
                        + ": the other sizes must be equal");
            }
            size += part.dim(axis);
        }
        return List.of(first.with(axis, size));
    }

    @Override
    public void lower(Lowering to) {
        Shape out = to.out(0).shape();
        int inner = out.size(axis + 1, out.rank());
        int offset = 0;
        for (int i = 0; i < to.inputs(); i++) {
            int size = to.in(i).shape().dim(axis);
            if (size == 0) {
                continue;
            }
            int runs = inner < SHORT ? 1 : size;
            int rows = out.size(0, axis) * runs;
            to.launch(
                    KERNEL,
                    rows,
                    to.out(0),
                    to.in(i),
                    runs,
                    size / runs * inner,
                    out.dim(axis) * inner,
                    offset * inner);
            offset += size;
        }
    }

    @Override
    public void gradient(Backward at) {
        int from = 0;
        for (int i = 0; i < at.inputs(); i++) {
            int to = from + at.in(i).shape().dim(axis);
            if (at.wants(i)) {
                at.give(i, at.grad(0).slice(axis, from, to));
            }
            from = to;
        }
    }

    /// `out[n * block + offset + r * length + j] = x[n, r, j]` for `r < runs`, `j < length`; a row is one `(n, r)`.
    public static void place(
            float[] out, float[] x, int runs, int length, int block, int offset, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int n = row / runs;
            int o = n * block + offset + (row - n * runs) * length;
            for (int j = 0; j < length; j++) {
                out[o + j] = x[row * length + j];
            }
        }
    }
}
