package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Twins of the kernels of `Softmax`, `LayerNorm`, `RmsNorm` and `GroupNorm`: same names, same parameters, see there.
final class VectorNorms {
    private VectorNorms() {}

    static void softmax(float[] out, float[] x, int width, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            float sum = Rows.exponentials(out, at, x, at, width, Rows.max(x, at, width));
            Rows.affine(out, at, out, at, width, 1 / sum, 0);
        }
    }

    static void softmaxGradient(float[] dx, float[] dy, float[] y, int width, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            float dot = Rows.products(dy, at, y, at, width, 0);
            int bound = SPECIES.loopBound(width);
            for (int j = 0; j < bound; j += LANES) {
                load(y, at + j).mul(load(dy, at + j).sub(dot)).intoArray(dx, at + j);
            }
            if (bound < width) {
                VectorMask<Float> rest = tail(width);
                FloatVector d = load(dy, at + bound, rest).sub(dot);
                load(y, at + bound, rest).mul(d).intoArray(dx, at + bound, rest);
            }
        }
    }

    static void layerNorm(float[] out, float[] x, int width, float eps, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            float mean = Rows.sum(x, at, width) / width;
            float scale = inverseRoot(Rows.squares(x, at, width, mean) / width, eps);
            normalise(out, x, at, width, mean, scale);
        }
    }

    /// Subtracts first: a mean far from zero would cost digits otherwise.
    private static void normalise(float[] out, float[] x, int at, int width, float mean, float scale) {
        int bound = SPECIES.loopBound(width);
        for (int j = 0; j < bound; j += LANES) {
            load(x, at + j).sub(mean).mul(scale).intoArray(out, at + j);
        }
        if (bound < width) {
            VectorMask<Float> rest = tail(width);
            load(x, at + bound, rest).sub(mean).mul(scale).intoArray(out, at + bound, rest);
        }
    }

    static void layerNormAffine(
            float[] out, float[] x, float[] w, float[] b, int width, float eps, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            float mean = Rows.sum(x, at, width) / width;
            float scale = inverseRoot(Rows.squares(x, at, width, mean) / width, eps);
            Rows.affine(out, at, x, at, width, mean, scale, w, b);
        }
    }

    static void layerNormGradient(float[] dx, float[] dy, float[] x, int width, float eps, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            float mean = Rows.sum(x, at, width) / width;
            float scale = inverseRoot(Rows.squares(x, at, width, mean) / width, eps);
            float meanDy = Rows.sum(dy, at, width) / width;
            float slope = Rows.products(dy, at, x, at, width, mean) / width * scale;
            gradient(dx, dy, x, at, width, 1, meanDy, mean, scale, slope);
        }
    }

    /// `dx = (weight dy - meanDy - (x - mean) scale slope) scale`.
    private static void gradient(
            float[] dx,
            float[] dy,
            float[] x,
            int at,
            int width,
            float weight,
            float meanDy,
            float mean,
            float scale,
            float slope) {
        int bound = SPECIES.loopBound(width);
        FloatVector tilt = FloatVector.broadcast(SPECIES, -scale * slope);
        for (int j = 0; j < bound; j += LANES) {
            FloatVector g = load(dy, at + j).mul(weight).sub(meanDy);
            load(x, at + j).sub(mean).fma(tilt, g).mul(scale).intoArray(dx, at + j);
        }
        if (bound < width) {
            VectorMask<Float> rest = tail(width);
            FloatVector g = load(dy, at + bound, rest).mul(weight).sub(meanDy);
            load(x, at + bound, rest).sub(mean).fma(tilt, g).mul(scale).intoArray(dx, at + bound, rest);
        }
    }

    static void rmsNorm(float[] out, float[] x, int width, float eps, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            normalise(out, x, at, width, 0, inverseRoot(Rows.squares(x, at, width, 0) / width, eps));
        }
    }

    static void rmsNormWeighted(float[] out, float[] x, float[] w, int width, float eps, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            Rows.weigh(out, at, x, at, width, inverseRoot(Rows.squares(x, at, width, 0) / width, eps), w);
        }
    }

    static void rmsNormGradient(float[] dx, float[] dy, float[] x, int width, float eps, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            int at = row * width;
            float scale = inverseRoot(Rows.squares(x, at, width, 0) / width, eps);
            float slope = Rows.products(dy, at, x, at, width, 0) / width * scale;
            gradient(dx, dy, x, at, width, 1, 0, 0, scale, slope);
        }
    }

    static void channelMoments(float[] mean, float[] variance, float[] x, int pixels, int begin, int count) {
        for (int row = begin; row < begin + count; row++) {
            float centre = Rows.sum(x, row * pixels, pixels) / pixels;
            mean[row] = centre;
            variance[row] = Rows.squares(x, row * pixels, pixels, centre) / pixels;
        }
    }

    static void groupNorm(
            float[] out,
            float[] x,
            float[] mean,
            float[] variance,
            int perGroup,
            int pixels,
            float eps,
            int begin,
            int count) {
        for (int row = begin; row < begin + count; row++) {
            int first = row / perGroup * perGroup;
            float centre = Rows.sum(mean, first, perGroup) / perGroup;
            float scale = groupScale(mean, variance, first, perGroup, centre, eps);
            normalise(out, x, row * pixels, pixels, centre, scale);
        }
    }

    static void groupNormAffine(
            float[] out,
            float[] x,
            float[] mean,
            float[] variance,
            float[] w,
            float[] b,
            int groups,
            int perGroup,
            int pixels,
            float eps,
            int begin,
            int count) {
        for (int row = begin; row < begin + count; row++) {
            int first = row / perGroup * perGroup;
            int channel = row % (groups * perGroup);
            float centre = Rows.sum(mean, first, perGroup) / perGroup;
            float scale = groupScale(mean, variance, first, perGroup, centre, eps) * w[channel];
            normalise(out, x, row * pixels, pixels, centre, scale, b[channel]);
        }
    }

    private static void normalise(float[] out, float[] x, int at, int width, float mean, float scale, float bias) {
        int bound = SPECIES.loopBound(width);
        FloatVector factor = FloatVector.broadcast(SPECIES, scale);
        FloatVector shift = FloatVector.broadcast(SPECIES, bias);
        for (int j = 0; j < bound; j += LANES) {
            load(x, at + j).sub(mean).fma(factor, shift).intoArray(out, at + j);
        }
        if (bound < width) {
            VectorMask<Float> rest = tail(width);
            load(x, at + bound, rest).sub(mean).fma(factor, shift).intoArray(out, at + bound, rest);
        }
    }

    static void channelSums(
            float[] sum,
            float[] product,
            float[] dout,
            float[] x,
            float[] mean,
            float[] variance,
            int perGroup,
            int pixels,
            float eps,
            int begin,
            int count) {
        for (int row = begin; row < begin + count; row++) {
            int first = row / perGroup * perGroup;
            float centre = Rows.sum(mean, first, perGroup) / perGroup;
            float scale = groupScale(mean, variance, first, perGroup, centre, eps);
            sum[row] = Rows.sum(dout, row * pixels, pixels);
            product[row] = Rows.products(dout, row * pixels, x, row * pixels, pixels, centre) * scale;
        }
    }

    static void groupNormGradient(
            float[] dx,
            float[] dout,
            float[] x,
            float[] mean,
            float[] variance,
            float[] sum,
            float[] product,
            int perGroup,
            int pixels,
            float eps,
            int begin,
            int count) {
        float terms = perGroup * pixels;
        for (int row = begin; row < begin + count; row++) {
            int first = row / perGroup * perGroup;
            float centre = Rows.sum(mean, first, perGroup) / perGroup;
            float scale = groupScale(mean, variance, first, perGroup, centre, eps);
            float meanG = Rows.sum(sum, first, perGroup) / terms;
            float slope = Rows.sum(product, first, perGroup) / terms;
            gradient(dx, dout, x, row * pixels, pixels, 1, meanG, centre, scale, slope);
        }
    }

    static void groupNormAffineGradient(
            float[] dx,
            float[] dout,
            float[] x,
            float[] mean,
            float[] variance,
            float[] sum,
            float[] product,
            float[] w,
            int groups,
            int perGroup,
            int pixels,
            float eps,
            int begin,
            int count) {
        float terms = perGroup * pixels;
        for (int row = begin; row < begin + count; row++) {
            int first = row / perGroup * perGroup;
            int channel = first % (groups * perGroup);
            float centre = Rows.sum(mean, first, perGroup) / perGroup;
            float scale = groupScale(mean, variance, first, perGroup, centre, eps);
            float meanG = Rows.products(w, channel, sum, first, perGroup, 0) / terms;
            float slope = Rows.products(w, channel, product, first, perGroup, 0) / terms;
            float weight = w[row % (groups * perGroup)];
            gradient(dx, dout, x, row * pixels, pixels, weight, meanG, centre, scale, slope);
        }
    }

    /// The variance of a group is the mean of its channels' variances plus the variance of their means.
    private static float groupScale(float[] mean, float[] variance, int first, int perGroup, float centre, float eps) {
        float sum = Rows.sum(variance, first, perGroup) + Rows.squares(mean, first, perGroup, centre);
        return inverseRoot(sum / perGroup, eps);
    }

    private static float inverseRoot(float variance, float eps) {
        return 1 / (float) Math.sqrt(variance + eps);
    }
}
