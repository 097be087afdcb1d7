package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Elementary functions, element by element; those that networks use as activations are in [Activation].
///
/// @param kind which
public record Unary(Kind kind) implements Op {
    /// The functions.
    public enum Kind {
        /// `e` to the power `x`.
        EXP,
        /// The natural logarithm.
        LOG,
        /// The square root.
        SQRT,
        /// `1 / sqrt(x)`.
        RSQRT,
        /// `1 / x`.
        RECIPROCAL,
        /// The sine of `x` in radians.
        SIN,
        /// The cosine of `x` in radians.
        COS,
        /// `|x|`; its derivative at 0 is 0.
        ABS,
        /// -1, 0 or 1; its derivative is 0 everywhere.
        SIGN
    }

    private static final Kernel EXP = Kernel.of(MethodHandles.lookup(), "exponential");
    private static final Kernel LOG = Kernel.of(MethodHandles.lookup(), "logarithm");
    private static final Kernel SQRT = Kernel.of(MethodHandles.lookup(), "squareRoot");
    private static final Kernel RSQRT = Kernel.of(MethodHandles.lookup(), "inverseSquareRoot");
    private static final Kernel RECIPROCAL = Kernel.of(MethodHandles.lookup(), "reciprocal");
    private static final Kernel SIN = Kernel.of(MethodHandles.lookup(), "sine");
    private static final Kernel COS = Kernel.of(MethodHandles.lookup(), "cosine");
    private static final Kernel ABS = Kernel.of(MethodHandles.lookup(), "absolute");
    private static final Kernel SIGN = Kernel.of(MethodHandles.lookup(), "signum");

    @Override
    public String name() {
        return "Unary." + kind;
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
        Kernel kernel = switch (kind) {
            case EXP -> EXP;
            case LOG -> LOG;
            case SQRT -> SQRT;
            case RSQRT -> RSQRT;
            case RECIPROCAL -> RECIPROCAL;
            case SIN -> SIN;
            case COS -> COS;
            case ABS -> ABS;
            case SIGN -> SIGN;
        };
        to.launch(kernel, to.in(0).size(), to.out(0), to.in(0));
    }

    @Override
    public void gradient(Backward at) {
        Tensor x = at.in(0);
        Tensor y = at.out(0);
        Tensor g = at.grad(0);
        at.give(
                0,
                switch (kind) {
                    case EXP -> g.mul(y);
                    case LOG -> g.div(x);
                    case SQRT -> g.div(y).mul(0.5f);
                    case RSQRT -> g.mul(y).mul(y).mul(y).mul(-0.5f);
                    case RECIPROCAL -> g.mul(y).mul(y).mul(-1);
                    case SIN -> g.mul(x.cos());
                    case COS -> g.mul(x.sin()).mul(-1);
                    case ABS -> g.mul(x.apply(new Unary(Kind.SIGN)));
                    case SIGN -> g.tape().constant(NdArray.zeros(x.shape()));
                });
    }

    /// `out[i]` is [Kind#EXP] of `x[i]`; a row is one element.
    public static void exponential(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = (float) Math.exp(x[begin + i]);
        }
    }

    /// `out[i]` is [Kind#LOG] of `x[i]`; a row is one element.
    public static void logarithm(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = (float) Math.log(x[begin + i]);
        }
    }

    /// `out[i]` is [Kind#SQRT] of `x[i]`; a row is one element.
    public static void squareRoot(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = (float) Math.sqrt(x[begin + i]);
        }
    }

    /// `out[i]` is [Kind#RSQRT] of `x[i]`; a row is one element.
    public static void inverseSquareRoot(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = 1 / (float) Math.sqrt(x[begin + i]);
        }
    }

    /// `out[i]` is [Kind#RECIPROCAL] of `x[i]`; a row is one element.
    public static void reciprocal(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = 1 / x[begin + i];
        }
    }

    /// `out[i]` is [Kind#SIN] of `x[i]`; a row is one element.
    public static void sine(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = (float) Math.sin(x[begin + i]);
        }
    }

    /// `out[i]` is [Kind#COS] of `x[i]`; a row is one element.
    public static void cosine(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = (float) Math.cos(x[begin + i]);
        }
    }

    /// `out[i]` is [Kind#ABS] of `x[i]`; a row is one element.
    public static void absolute(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = Math.abs(x[begin + i]);
        }
    }

    /// `out[i]` is [Kind#SIGN] of `x[i]`; a row is one element.
    public static void signum(float[] out, float[] x, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            out[begin + i] = signOf(x[begin + i]);
        }
    }

    private static float signOf(float v) {
        if (v > 0) {
            return 1;
        }
        return v < 0 ? -1 : v;
    }
}
