package org.vortexel.eval;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.vortexel.tensor.NdArray;

/// The squared Fréchet distance of two normal distributions, and of the two that sets of features suggest.
///
/// `d² = |m₁ - m₂|² + tr(C₁ + C₂ - 2 (C₁^½ C₂ C₁^½)^½)`
///
/// Over features of Inception this is FID. Here it goes by the name of the features it is given,
/// "MobileNetV2-block9 FD", and cannot be compared with any FID. It grows as samples get fewer, so two figures can be
/// compared only when their sets are equally large.
///
/// Source: Dowson and Landau 1982, *The Fréchet distance between multivariate normal distributions*; Heusel et al.
/// 2017, [arXiv:1706.08500](https://arxiv.org/abs/1706.08500), section 4. The symmetric form stands for their
/// `(C₁ C₂)^½`; both have the same trace.
public final class FrechetDistance {
    private FrechetDistance() {}

    /// A normal distribution in D dimensions.
    ///
    /// @param mean (D)
    /// @param covariance (D, D), symmetric and positive semi-definite
    public record Gaussian(double[] mean, double[][] covariance) {
        /// Checks the sizes.
        public Gaussian {
            boolean square = mean.length > 0 && covariance.length == mean.length;
            for (double[] row : covariance) {
                square &= row.length == mean.length;
            }
            if (!square) {
                throw new IllegalArgumentException("a mean of " + mean.length + " numbers wants a covariance of as many"
                        + " rows and columns, and at least one");
            }
        }

        /// The mean of the rows and their covariance with divisor `N - 1`.
        ///
        /// @param features (N, D), N at least 2
        public static Gaussian of(NdArray features) {
            Features.check(features, 2);
            int rows = features.shape().dim(0);
            int width = features.shape().dim(1);
            double[] mean = new double[width];
            for (int i = 0; i < rows * width; i++) {
                mean[i % width] += features.data()[i] / (double) rows;
            }
            double[][] covariance = new double[width][width];
            double[] centred = new double[width];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < width; j++) {
                    centred[j] = features.data()[i * width + j] - mean[j];
                }
                for (int j = 0; j < width; j++) {
                    for (int k = 0; k < width; k++) {
                        covariance[j][k] += centred[j] * centred[k] / (rows - 1);
                    }
                }
            }
            return new Gaussian(mean, covariance);
        }
    }

    /// The distance between two sets of features.
    ///
    /// @param a (N, D), N at least 2
    /// @param b (M, D), M at least 2
    public static double of(NdArray a, NdArray b) {
        Features.checkTogether(a, b, 2);
        return of(Gaussian.of(a), Gaussian.of(b));
    }

    /// The distance between two distributions, at least 0 up to rounding.
    ///
    /// A covariance of fewer than `D + 1` pictures lacks rank. The distance is defined all the same, but
    /// eigenvalues that should be 0 come out as `±1e-16` of the largest. Negative ones are taken as 0, and the
    /// roots of positive ones add up, so that half the digits are lost: an error of about `1e-8 D` of the
    /// covariances' scale.
    public static double of(Gaussian a, Gaussian b) {
        int width = a.mean.length;
        if (b.mean.length != width) {
            throw new IllegalArgumentException(
                    "distributions of " + width + " and " + b.mean.length + " dimensions have no distance");
        }
        double shift = 0;
        for (int j = 0; j < width; j++) {
            shift += (a.mean[j] - b.mean[j]) * (a.mean[j] - b.mean[j]);
        }
        DMatrixRMaj first = new DMatrixRMaj(a.covariance);
        DMatrixRMaj second = new DMatrixRMaj(b.covariance);
        DMatrixRMaj root = root(first);
        DMatrixRMaj half = new DMatrixRMaj(width, width);
        DMatrixRMaj product = new DMatrixRMaj(width, width);
        CommonOps_DDRM.mult(root, second, half);
        CommonOps_DDRM.mult(half, root, product);
        double common = 0;
        for (double value : Eigenvalues.of(product)) {
            common += Math.sqrt(Math.max(0, value));
        }
        return shift + CommonOps_DDRM.trace(first) + CommonOps_DDRM.trace(second) - 2 * common;
    }

    /// The square root of a symmetric matrix, negative eigenvalues taken as 0.
    private static DMatrixRMaj root(DMatrixRMaj symmetric) {
        int width = symmetric.numRows;
        EigenDecomposition_F64<DMatrixRMaj> eigen = Eigenvalues.decompose(symmetric, true);
        DMatrixRMaj root = new DMatrixRMaj(width, width);
        for (int i = 0; i < width; i++) {
            double value = eigen.getEigenvalue(i).getReal();
            if (value > 0) {
                DMatrixRMaj vector = eigen.getEigenVector(i);
                CommonOps_DDRM.multAddTransB(Math.sqrt(value), vector, vector, root);
            }
        }
        return root;
    }
}
