package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `x` kept within `[min, max]`; the gradient passes where `x` is inside, borders included.
///
/// @param min the lower border, may be `-Float.MAX_VALUE`
/// @param max the upper border, may be `Float.MAX_VALUE`
public record Clamp(float min, float max) implements Op {
    private static final Kernel FORWARD = Kernel.of(MethodHandles.lookup(), "limit");

    public Clamp {
        if (!(min <= max)) {
            throw new IllegalArgumentException("Clamp expected min <= max but got " + min + " and " + max);
        }
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        return List.of(in.getFirst());
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        to.launch(FORWARD, to.in(0).size(), to.out(0), to.in(0), min, max);
    }

    @Override
    public void gradient(Backward at) {
        at.give(0, at.grad(0).apply(new Gradient(this), at.in(0)));
    }

    /// `dx`: inputs `dy` and `x`.
    ///
    /// @param clamp the forward op
    public record Gradient(Clamp clamp) implements Op {
        private static final Kernel BACKWARD = Kernel.of(MethodHandles.lookup(), "clampGradient");

        @Override
        public String name() {
            return "Clamp.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.getFirst());
        }

        @Override
        public int inPlace() {
            return 0;
        }

        @Override
        public void lower(Lowering to) {
            to.launch(BACKWARD, to.in(0).size(), to.out(0), to.in(0), to.in(1), clamp.min, clamp.max);
        }

        /// `dx[i] = min <= x[i] <= max ? dy[i] : 0`; a row is one element.
        public static void clampGradient(
                float[] dx, float[] dy, float[] x, float min, float max, int begin, int count) {
            for (@Parallel int i = 0; i < count; i++) {
                dx[begin + i] = x[begin + i] < min || x[begin + i] > max ? 0 : dy[begin + i];
            }
        }
    }

    /// `out[i] = min(max(x[i], min), max)`; a row is one element.
    public static void limit(float[] out, float[] x, float min, float max, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = Math.min(Math.max(x[begin + i], min), max);
        }
    }
}
