package org.vortexel.device.host;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Elementary functions on vectors, made of additions, multiplications, divisions and comparisons only.
///
/// The Vector API's own `EXP` and `TANH` give one result while a method is interpreted and another once it is
/// compiled, and its `reduceLanes(ADD)` may add in either order. Here every result is fixed, so that a seed gives
/// the same bits in every run. Constants are `broadcast` in place: the compiler inlines the library's own methods
/// however much it has inlined before, but a helper of ours only up to a limit, and a vector that crosses a call
/// costs an object.
///
/// The polynomials are least-squares fits, reweighted towards the smallest largest error.
final class VectorMath {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    private static final VectorShuffle<Float> FOLD_8 = fold(8);
    private static final VectorShuffle<Float> FOLD_4 = fold(4);
    private static final VectorShuffle<Float> FOLD_2 = fold(2);
    private static final VectorShuffle<Float> FOLD_1 = fold(1);

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final float ROUNDER = 0x1.8p23f;
    private static final float EXP_UNDERFLOW = -103.97f;
    private static final float EXP_OVERFLOW = 88.722839f;
    private static final float SQRT_HALF = 0.70710678f;
    private static final float SQRT_2_OVER_PI = 0.79788456f;
    private static final float ONE_OVER_SQRT_2_PI = 0.39894228f;
    private static final float GELU_CUBIC = 0.044715f;

    private VectorMath() {}

    private static VectorShuffle<Float> fold(int distance) {
        return VectorShuffle.fromOp(SPECIES, lane -> lane ^ (distance < LANES ? distance : 0));
    }

    static FloatVector load(float[] x, int at) {
        return FloatVector.fromArray(SPECIES, x, at);
    }

    static FloatVector load(float[] x, int at, VectorMask<Float> mask) {
        return FloatVector.fromArray(SPECIES, x, at, mask);
    }

    /// The lanes of the last, partly filled vector of `count` elements.
    static VectorMask<Float> tail(int count) {
        return SPECIES.indexInRange(SPECIES.loopBound(count), count);
    }

    /// The sum of all lanes, added pairwise.
    static float sum(FloatVector v) {
        FloatVector s = v;
        if (LANES > 8) {
            s = s.add(s.rearrange(FOLD_8));
        }
        if (LANES > 4) {
            s = s.add(s.rearrange(FOLD_4));
        }
        if (LANES > 2) {
            s = s.add(s.rearrange(FOLD_2));
        }
        return s.add(s.rearrange(FOLD_1)).lane(0);
    }

    /// `exp(x)` within about 1 ulp; 0 below -103.97, infinity above 88.72, denormal results within their own
    /// precision.
    static FloatVector exp(FloatVector x) {
        FloatVector clamped = clamp(x, EXP_UNDERFLOW, EXP_OVERFLOW);
        FloatVector shifted = clamped.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector p = expOfRemainder(clamped, n);
        // 2^n in two factors, since n reaches -150 and 128.
        FloatVector half = n.fma(broadcast(SPECIES, 0.5f), broadcast(SPECIES, ROUNDER));
        FloatVector rest = n.sub(half.sub(ROUNDER)).add(ROUNDER);
        FloatVector y = p.mul(powerOfTwo(half)).mul(powerOfTwo(rest));
        y = y.blend(0f, x.compare(VectorOperators.LT, EXP_UNDERFLOW));
        return y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
    }

    /// `exp(x)` for `x <= 0`, with 0 where the result would be below the smallest normal number.
    static FloatVector expOfNegative(FloatVector x) {
        VectorMask<Float> tiny = x.compare(VectorOperators.LT, -87.3f);
        FloatVector clamped = x.blend(-87.3f, tiny);
        FloatVector shifted = clamped.fma(broadcast(SPECIES, LOG2_E), broadcast(SPECIES, ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        return expOfRemainder(clamped, n).mul(powerOfTwo(shifted)).blend(0f, tiny);
    }

    /// `exp(x - n ln 2)` for `n = round(x / ln 2)`.
    private static FloatVector expOfRemainder(FloatVector x, FloatVector n) {
        FloatVector r = n.fma(broadcast(SPECIES, -LN2_HIGH), x);
        r = n.fma(broadcast(SPECIES, -LN2_LOW), r);
        FloatVector p = r.fma(broadcast(SPECIES, 0.00138146034f), broadcast(SPECIES, 0.00836871937f));
        p = p.fma(r, broadcast(SPECIES, 0.0416683890f));
        p = p.fma(r, broadcast(SPECIES, 0.166665211f));
        p = p.fma(r, broadcast(SPECIES, 0.499999940f));
        return p.fma(r.mul(r), r).add(1f);
    }

    /// `2^n`, where `shifted` is `n + ROUNDER`, which holds `n` in its low bits.
    private static FloatVector powerOfTwo(FloatVector shifted) {
        return shifted.reinterpretAsInts()
                .lanewise(VectorOperators.LSHL, 23)
                .add(0x3f800000)
                .reinterpretAsFloats();
    }

    /// `ln(x)` of positive normal numbers within about 1 ulp, by `ln(m) = 2 artanh((m - 1) / (m + 1))` for `x =
    /// m 2^n` with `m` around 1.
    static FloatVector log(FloatVector x) {
        var bits = x.reinterpretAsInts().sub(Float.floatToRawIntBits(SQRT_HALF));
        var n = bits.lanewise(VectorOperators.ASHR, 23);
        FloatVector m =
                x.reinterpretAsInts().sub(n.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
        FloatVector z = m.sub(1f).div(m.add(1f));
        FloatVector u = z.mul(z);
        FloatVector p = u.fma(broadcast(SPECIES, 2f / 9), broadcast(SPECIES, 2f / 7));
        p = p.fma(u, broadcast(SPECIES, 2f / 5));
        p = p.fma(u, broadcast(SPECIES, 2f / 3));
        FloatVector low = p.mul(u).fma(z, z.add(z));
        return ((FloatVector) n.convert(VectorOperators.I2F, 0)).fma(broadcast(SPECIES, 0.69314718f), low);
    }

    private static FloatVector clamp(FloatVector x, float low, float high) {
        FloatVector above = x.blend(low, x.compare(VectorOperators.LT, low));
        return above.blend(high, above.compare(VectorOperators.GT, high));
    }

    /// `1 / (1 + e)` or `e / (1 + e)` with `e = exp(-|x|)`, which never overflows.
    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = expOfNegative(x.abs().neg());
        return e.blend(1f, x.compare(VectorOperators.GE, 0f)).div(e.add(1f));
    }

    static FloatVector silu(FloatVector x) {
        FloatVector e = expOfNegative(x.abs().neg());
        return x.mul(e).blend(x, x.compare(VectorOperators.GE, 0f)).div(e.add(1f));
    }

    static FloatVector siluGradient(FloatVector x) {
        FloatVector s = sigmoid(x);
        return s.mul(x.fma(broadcast(SPECIES, 1f).sub(s), broadcast(SPECIES, 1f)));
    }

    static FloatVector sigmoidGradient(FloatVector x) {
        FloatVector s = sigmoid(x);
        return s.mul(broadcast(SPECIES, 1f).sub(s));
    }

    static FloatVector tanhGradient(FloatVector x) {
        FloatVector t = tanh(x);
        return t.neg().fma(t, broadcast(SPECIES, 1f));
    }

    /// Near zero an odd polynomial, elsewhere `1 - 2 / (exp(2|x|) + 1)` with the sign of `x`.
    static FloatVector tanh(FloatVector x) {
        FloatVector size = x.abs();
        FloatVector far = broadcast(SPECIES, 1f)
                .sub(broadcast(SPECIES, 2f).div(exp(size.add(size)).add(1f)));
        far = far.blend(far.neg(), x.compare(VectorOperators.LT, 0f));
        FloatVector u = x.mul(x);
        FloatVector p = u.fma(broadcast(SPECIES, -0.00571698043f), broadcast(SPECIES, 0.0206505283f));
        p = p.fma(u, broadcast(SPECIES, -0.0537434779f));
        p = p.fma(u, broadcast(SPECIES, 0.133314908f));
        p = p.fma(u, broadcast(SPECIES, -0.333332837f));
        FloatVector near = p.fma(u.mul(x), x);
        return far.blend(near, size.compare(VectorOperators.LT, 0.625f));
    }

    /// `x σ(2u)`, which equals `x/2 (1 + tanh(u))`, with `u = √(2/π) (x + 0.044715 x³)`.
    static FloatVector geluTanh(FloatVector x) {
        FloatVector size = x.abs();
        FloatVector cubic = x.mul(x)
                .fma(broadcast(SPECIES, GELU_CUBIC), broadcast(SPECIES, 1f))
                .mul(size);
        FloatVector e = expOfNegative(cubic.mul(-2f * SQRT_2_OVER_PI));
        return x.mul(e).blend(x, x.compare(VectorOperators.GE, 0f)).div(e.add(1f));
    }

    static FloatVector geluTanhGradient(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector cubic = square.fma(broadcast(SPECIES, GELU_CUBIC), broadcast(SPECIES, 1f))
                .mul(x);
        FloatVector s = sigmoid(cubic.mul(2f * SQRT_2_OVER_PI));
        FloatVector slope = square.fma(broadcast(SPECIES, 3f * GELU_CUBIC), broadcast(SPECIES, 1f))
                .mul(2f * SQRT_2_OVER_PI);
        return s.fma(x.mul(slope).mul(broadcast(SPECIES, 1f).sub(s)), s);
    }

    /// `x Φ(x)`.
    static FloatVector geluErf(FloatVector x) {
        return x.mul(normalCdf(x, expOfNegative(x.mul(x).mul(-0.5f))));
    }

    /// `Φ(x) + x φ(x)`.
    static FloatVector geluErfGradient(FloatVector x) {
        FloatVector e = expOfNegative(x.mul(x).mul(-0.5f));
        return x.mul(ONE_OVER_SQRT_2_PI).fma(e, normalCdf(x, e));
    }

    /// `Φ(x)` from `e = exp(-x²/2)`: with `t = 1 / (1 + |x|/√8)`, `Φ(-|x|) = e t q(t) / 2` for a polynomial `q`.
    private static FloatVector normalCdf(FloatVector x, FloatVector e) {
        FloatVector t =
                broadcast(SPECIES, 1f).div(x.abs().fma(broadcast(SPECIES, 0.5f * SQRT_HALF), broadcast(SPECIES, 1f)));
        FloatVector q = t.fma(broadcast(SPECIES, -0.0593642963f), broadcast(SPECIES, 0.286016315f));
        q = q.fma(t, broadcast(SPECIES, -0.490184307f));
        q = q.fma(t, broadcast(SPECIES, 0.281480402f));
        q = q.fma(t, broadcast(SPECIES, -0.0289753322f));
        q = q.fma(t, broadcast(SPECIES, 0.203679785f));
        q = q.fma(t, broadcast(SPECIES, 0.242853329f));
        q = q.fma(t, broadcast(SPECIES, 0.282409638f));
        q = q.fma(t, broadcast(SPECIES, 0.282084465f));
        FloatVector lower = q.mul(t).mul(e.mul(0.5f));
        return lower.blend(broadcast(SPECIES, 1f).sub(lower), x.compare(VectorOperators.GT, 0f));
    }
}
