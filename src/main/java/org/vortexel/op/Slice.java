package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Elements `from, from + step, …` below `to` along one axis. Gradient: the same places filled, zeros elsewhere.
///
/// @param axis the axis, not negative
/// @param from the first index kept
/// @param to one past the last index that may be kept
/// @param step at least 1
public record Slice(int axis, int from, int to, int step) implements Op {
    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (from < 0 || to <= from || to > x.dim(axis) || step < 1) {
            throw new IllegalArgumentException(
                    "cannot take " + from + " to " + to + " in steps of " + step + " along axis " + axis + " of " + x);
        }
        return List.of(x.with(axis, kept()));
    }

    private int kept() {
        return (to - from + step - 1) / step;
    }

    @Override
    public void lower(Lowering to) {
        int[] strides = to.in(0).shape().strides();
        int offset = from * strides[axis];
        strides[axis] *= step;
        StridedCopy.launch(to, to.out(0), to.in(0), to.out(0).shape().toArray(), strides, offset);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(this, at.in(0).shape().dim(axis))));
    }

    /// The gradient of a slice: `dy` spread over zeros.
    ///
    /// @param slice the forward op
    /// @param size the size of the sliced axis before
    public record Gradient(Slice slice, int size) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "spread");

        @Override
        public String name() {
            return "Slice.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.getFirst().with(slice.axis, size));
        }

        @Override
        public void lower(Lowering to) {
            Shape dx = to.out(0).shape();
            int inner = dx.size(slice.axis + 1, dx.rank());
            to.launch(
                    KERNEL,
                    dx.size(0, slice.axis + 1),
                    to.out(0),
                    to.in(0),
                    size,
                    inner,
                    slice.from,
                    slice.step,
                    slice.kept());
        }

        @Override
        public void gradient(Backward at) {
            at.give(0, at.grad(0).apply(slice));
        }

        /// `dx[o, from + k * step, i] = dy[o, k, i]` for `k < kept`, zero elsewhere; a row is one `(o, a)` of
        /// `dx`.
        public static void spread(
                float[] dx, float[] dy, int size, int inner, int from, int step, int kept, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int outer = row / size;
                int index = row - outer * size;
                int source = -1;
                if (index >= from) {
                    int k = (index - from) / step;
                    if (k < kept && k * step == index - from) {
                        source = (outer * kept + k) * inner;
                    }
                }
                for (int j = 0; j < inner; j++) {
                    float value = 0;
                    if (source >= 0) {
                        value = dy[source + j];
                    }
                    dx[row * inner + j] = value;
                }
            }
        }
    }
}
