package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Normalises every group of channels of every image to zero mean and unit variance, then, if they are given,
/// multiplies each channel by a learnt weight and adds a learnt bias. One group per channel makes it an instance norm.
///
/// `xhat = (x - mean) / sqrt(var + eps)`, `out[n, c] = xhat[n, c] w[c] + b[c]`
///
/// | tensor      | shape                                                                         |
/// |-------------|-------------------------------------------------------------------------------|
/// | `x`, `out`  | (N, C, …), `C` a multiple of `groups`                                         |
/// | `w`, `b`    | (C), both or neither                                                          |
/// | second, third output | (N, C): mean and variance of each channel, which the gradient reads  |
///
/// Mean and variance of a group come from those of its channels, so that channels, not groups, are what runs in
/// parallel.
///
/// Gradient, with `g = dout w`: `dx = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps)`, means over the group;
/// `dw = sum of dout xhat`, `db = sum of dout` over images and pixels.
///
/// Source: Wu and He 2018, [arXiv:1803.08494](https://arxiv.org/abs/1803.08494), eq. 1 and 7.
///
/// @param groups how many groups of neighbouring channels
/// @param eps keeps the root away from zero
public record GroupNorm(int groups, float eps) implements Op {
    private static final Kernel MOMENTS = Kernel.of(MethodHandles.lookup(), "channelMoments");
    private static final Kernel PLAIN = Kernel.of(MethodHandles.lookup(), "groupNorm");
    private static final Kernel AFFINE = Kernel.of(MethodHandles.lookup(), "groupNormAffine");

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape x = in.getFirst();
        if (x.rank() < 3 || x.size() == 0 || groups < 1 || x.dim(1) % groups != 0) {
            throw new IllegalArgumentException(
                    "GroupNorm expected x (N, C, …) with C a multiple of " + groups + " groups but got " + x);
        }
        Shape channels = Shape.of(x.dim(1));
        for (Shape parameter : in.subList(1, in.size())) {
            if (!parameter.equals(channels)) {
                throw new IllegalArgumentException(
                        "GroupNorm of x " + x + " expected weight and bias " + channels + " but got " + parameter);
            }
        }
        Shape moments = Shape.of(x.dim(0), x.dim(1));
        return List.of(x, moments, moments);
    }

    @Override
    public void lower(Lowering to) {
        Shape x = to.in(0).shape();
        int rows = x.dim(0) * x.dim(1);
        int perGroup = x.dim(1) / groups;
        int pixels = x.size(2, x.rank());
        Tensor mean = to.out(1);
        Tensor variance = to.out(2);
        to.launch(MOMENTS, rows, mean, variance, to.in(0), pixels);
        if (to.inputs() > 1) {
            to.launch(
                    AFFINE, rows, to.out(0), to.in(0), mean, variance, to.in(1), to.in(2), groups, perGroup, pixels,
                    eps);
        } else {
            to.launch(PLAIN, rows, to.out(0), to.in(0), mean, variance, perGroup, pixels, eps);
        }
    }

    @Override
    public void gradient(Backward at) {
        boolean affine = at.inputs() > 1;
        List<Tensor> inputs = new ArrayList<>(List.of(at.grad(0), at.in(0), at.out(1), at.out(2)));
        if (affine) {
            inputs.add(at.in(1));
        }
        List<Tensor> gradients = at.in(0).tape().record(new Gradient(groups, eps), inputs);
        at.give(0, gradients.get(0));
        if (affine) {
            at.give(1, gradients.get(2).sum(false, 0));
            at.give(2, gradients.get(1).sum(false, 0));
        }
    }

    /// The gradient of a group norm: inputs `dout`, `x`, the channels' `mean` and `variance` (N, C), and the weight
    /// if there is one. Outputs `dx`, then the sums over the pixels of each channel (N, C) of `dout` and of `dout
    /// xhat`.
    ///
    /// @param groups as in the forward op
    /// @param eps as in the forward op
    public record Gradient(int groups, float eps) implements Op {
        private static final Kernel SUMS = Kernel.of(MethodHandles.lookup(), "channelSums");
        private static final Kernel PLAIN = Kernel.of(MethodHandles.lookup(), "groupNormGradient");
        private static final Kernel AFFINE = Kernel.of(MethodHandles.lookup(), "groupNormAffineGradient");

        @Override
        public String name() {
            return "GroupNorm.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            return List.of(in.get(1), in.get(2), in.get(2));
        }

        @Override
        public void lower(Lowering to) {
            Shape x = to.in(1).shape();
            int rows = x.dim(0) * x.dim(1);
            int perGroup = x.dim(1) / groups;
            int pixels = x.size(2, x.rank());
            Tensor sum = to.out(1);
            Tensor product = to.out(2);
            Tensor mean = to.in(2);
            Tensor variance = to.in(3);
            to.launch(SUMS, rows, sum, product, to.in(0), to.in(1), mean, variance, perGroup, pixels, eps);
            if (to.inputs() > 4) {
                to.launch(
                        AFFINE, rows, to.out(0), to.in(0), to.in(1), mean, variance, sum, product, to.in(4), groups,
                        perGroup, pixels, eps);
            } else {
                to.launch(
                        PLAIN, rows, to.out(0), to.in(0), to.in(1), mean, variance, sum, product, perGroup, pixels,
                        eps);
            }
        }

        /// `sum[n, c]` of `dout` and `product[n, c]` of `dout xhat` over the pixels of a channel; a row is one
        /// (n, c).
        public static void channelSums(
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
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int first = row / perGroup * perGroup;
                float centre = Moments.mean(mean, first, perGroup);
                float scale = Moments.inverseRoot(groupVariance(mean, variance, first, perGroup, centre), eps);
                sum[row] = Moments.mean(dout, row * pixels, pixels) * pixels;
                product[row] = Moments.product(dout, x, row * pixels, pixels, centre) * pixels * scale;
            }
        }

        /// `dx` of a group norm without weight; a row is one (n, c).
        public static void groupNormGradient(
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
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int first = row / perGroup * perGroup;
                float meanG = Moments.mean(sum, first, perGroup) / pixels;
                float slope = Moments.mean(product, first, perGroup) / pixels;
                gradientRow(dx, dout, x, mean, variance, row, perGroup, pixels, eps, 1, meanG, slope);
            }
        }

        /// `dx` of a group norm with weight `w` (C); a row is one (n, c).
        public static void groupNormAffineGradient(
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
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int first = row / perGroup * perGroup;
                int channel = first % (groups * perGroup);
                float meanG = 0;
                float slope = 0;
                for (int c = 0; c < perGroup; c++) {
                    meanG += w[channel + c] * sum[first + c];
                    slope += w[channel + c] * product[first + c];
                }
                int terms = perGroup * pixels;
                float weight = w[row % (groups * perGroup)];
                gradientRow(
                        dx, dout, x, mean, variance, row, perGroup, pixels, eps, weight, meanG / terms, slope / terms);
            }
        }

        private static void gradientRow(
                float[] dx,
                float[] dout,
                float[] x,
                float[] mean,
                float[] variance,
                int row,
                int perGroup,
                int pixels,
                float eps,
                float weight,
                float meanG,
                float slope) {
            int first = row / perGroup * perGroup;
            float centre = Moments.mean(mean, first, perGroup);
            float scale = Moments.inverseRoot(groupVariance(mean, variance, first, perGroup, centre), eps);
            for (int j = row * pixels; j < (row + 1) * pixels; j++) {
                dx[j] = (weight * dout[j] - meanG - (x[j] - centre) * scale * slope) * scale;
            }
        }
    }

    /// `mean[n, c]` and `variance[n, c]` over the pixels of a channel; a row is one (n, c).
    public static void channelMoments(float[] mean, float[] variance, float[] x, int pixels, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            float centre = Moments.mean(x, row * pixels, pixels);
            mean[row] = centre;
            variance[row] = Moments.square(x, row * pixels, pixels, centre);
        }
    }

    /// The variance of a group: the mean of its channels' variances plus the variance of their means.
    private static float groupVariance(float[] mean, float[] variance, int first, int perGroup, float centre) {
        return Moments.mean(variance, first, perGroup) + Moments.square(mean, first, perGroup, centre);
    }

    /// `out = (x - mean of group) / sqrt(variance of group + eps)`; a row is one (n, c).
    ///
    /// | argument           | shape     |         |
    /// |--------------------|-----------|---------|
    /// | `out`              | (N, C, …) | written |
    /// | `x`                | (N, C, …) | read    |
    /// | `mean`, `variance` | (N, C)    | read; of channels |
    public static void groupNorm(
            float[] out,
            float[] x,
            float[] mean,
            float[] variance,
            int perGroup,
            int pixels,
            float eps,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            normalise(out, x, mean, variance, row, perGroup, pixels, eps, 1, 0);
        }
    }

    /// As [#groupNorm], then times `w[c]` plus `b[c]`.
    public static void groupNormAffine(
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
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int channel = row % (groups * perGroup);
            normalise(out, x, mean, variance, row, perGroup, pixels, eps, w[channel], b[channel]);
        }
    }

    private static void normalise(
            float[] out,
            float[] x,
            float[] mean,
            float[] variance,
            int row,
            int perGroup,
            int pixels,
            float eps,
            float weight,
            float bias) {
        int first = row / perGroup * perGroup;
        float centre = Moments.mean(mean, first, perGroup);
        float scale = Moments.inverseRoot(groupVariance(mean, variance, first, perGroup, centre), eps) * weight;
        for (int j = row * pixels; j < (row + 1) * pixels; j++) {
            out[j] = (x[j] - centre) * scale + bias;
        }
    }
}
