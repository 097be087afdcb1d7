package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `a + b`, `a - b`, `a * b`, `a / b`, element by element, with NumPy's broadcasting.
///
/// @param kind which of the four
public record Arithmetic(Kind kind) implements Op {
    /// The four operations.
    public enum Kind {
        ADD,
        SUB,
        MUL,
        DIV
    }

    private static final Kernel ADD = Kernel.of(MethodHandles.lookup(), "add");
    private static final Kernel SUB = Kernel.of(MethodHandles.lookup(), "sub");
    private static final Kernel MUL = Kernel.of(MethodHandles.lookup(), "mul");
    private static final Kernel DIV = Kernel.of(MethodHandles.lookup(), "divide");

    static Tensor of(Kind kind, Tensor a, Tensor b) {
        return a.tape().record(new Arithmetic(kind), List.of(a, b)).getFirst();
    }

    @Override
    public String name() {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        return List.of(Shape.broadcast(in.get(0), in.get(1)));
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        Kernel kernel = switch (kind) {
            case ADD -> ADD;
            case SUB -> SUB;
            case MUL -> MUL;
            case DIV -> DIV;
        };
        Broadcast b = Broadcast.of(to.in(0).shape(), to.in(1).shape());
        to.launch(
                kernel,
                b.rows(),
                to.out(0),
                to.in(0),
                to.in(1),
                b.size(1),
                b.size(2),
                b.size(3),
                b.strideA(0),
                b.strideA(1),
                b.strideA(2),
                b.strideA(3),
                b.strideB(0),
                b.strideB(1),
                b.strideB(2),
                b.strideB(3));
    }

    @Override
    public void gradient(Backward at) {
        Tensor a = at.in(0);
        Tensor b = at.in(1);
        Tensor g = at.grad(0);
        if (at.wants(0)) {
            Tensor ga = switch (kind) {
                case ADD, SUB -> g;
                case MUL -> g.mul(b);
                case DIV -> g.div(b);
            };
            at.give(0, ga.sumTo(a.shape()));
        }
        if (at.wants(1)) {
            Tensor gb = switch (kind) {
                case ADD -> g;
                case SUB -> g.mul(-1);
                case MUL -> g.mul(a);
                case DIV -> g.mul(at.out(0)).div(b).mul(-1);
            };
            at.give(1, gb.sumTo(b.shape()));
        }
    }

    /// `out[r, j, k, l] = a[…] + b[…]`: rows `r` of `d1 * d2 * d3` elements; a stride of 0 repeats the operand.
    public static void add(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    for (int l = 0; l < d3; l++) {
                        out[o + l] = a[p + l * a3] + b[q + l * b3];
                    }
                }
            }
        }
    }

    /// `out = a - b`; see [#add].
    public static void sub(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    for (int l = 0; l < d3; l++) {
                        out[o + l] = a[p + l * a3] - b[q + l * b3];
                    }
                }
            }
        }
    }

    /// `out = a * b`; see [#add].
    public static void mul(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    for (int l = 0; l < d3; l++) {
                        out[o + l] = a[p + l * a3] * b[q + l * b3];
                    }
                }
            }
        }
    }

    /// `out = a / b`; see [#add].
    public static void divide(
            float[] out,
            float[] a,
            float[] b,
            int d1,
            int d2,
            int d3,
            int a0,
            int a1,
            int a2,
            int a3,
            int b0,
            int b1,
            int b2,
            int b3,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            for (int j = 0; j < d1; j++) {
                for (int k = 0; k < d2; k++) {
                    int o = ((row * d1 + j) * d2 + k) * d3;
                    int p = row * a0 + j * a1 + k * a2;
                    int q = row * b0 + j * b1 + k * b2;
                    for (int l = 0; l < d3; l++) {
                        out[o + l] = a[p + l * a3] / b[q + l * b3];
                    }
                }
            }
        }
    }
}
