package org.vortexel.eval;

import java.util.BitSet;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.vortexel.tensor.NdArray;

/// How different the pictures of one set are from one another, by the cosines of their features.
public final class Diversity {
    private static final double SMALLEST = 1e-12;

    private Diversity() {}

    /// The Vendi score: as how many wholly different pictures the set counts, from 1 (all alike) to N.
    ///
    /// `exp(-Σ λ ln λ)` over the eigenvalues `λ` of `K / N`, where `K` (N, N) holds the cosines.
    ///
    /// Source: Friedman and Dieng 2022, [arXiv:2210.02410](https://arxiv.org/abs/2210.02410), definition 3.1.
    ///
    /// @param features (N, D)
    public static double vendi(NdArray features) {
        return vendi(features, 1);
    }

    /// The Vendi score of order `q`: `(Σ λ^q)^(1 / (1 - q))`, and [#vendi(NdArray)] at 1. Small orders mind
    /// rare kinds more. Eigenvalues of at most `1e-12` count as 0.
    ///
    /// Source: Pasarkar and Dieng 2023, [arXiv:2310.12952](https://arxiv.org/abs/2310.12952).
    ///
    /// @param features (N, D)
    /// @param q above 0
    public static double vendi(NdArray features, double q) {
        if (!(q > 0 && Double.isFinite(q))) {
            throw new IllegalArgumentException("the order of a Vendi score is positive but is " + q);
        }
        DMatrixRMaj unit = Features.directions(features);
        int rows = unit.numRows;
        // U Uᵀ and Uᵀ U have the same eigenvalues but for zeros: take the smaller.
        DMatrixRMaj kernel = new DMatrixRMaj(1, 1);
        if (rows <= unit.numCols) {
            CommonOps_DDRM.multTransB(1.0 / rows, unit, unit, kernel);
        } else {
            CommonOps_DDRM.multTransA(1.0 / rows, unit, unit, kernel);
        }
        double sum = 0;
        for (double value : Eigenvalues.of(kernel)) {
            if (value > SMALLEST) {
                sum += q == 1 ? -value * Math.log(value) : Math.pow(value, q);
            }
        }
        return q == 1 ? Math.exp(sum) : Math.pow(sum, 1 / (1 - q));
    }

    /// The mean cosine of all pairs of different pictures, from 1 (all alike) down to `-1 / (N - 1)`.
    ///
    /// @param features (N, D), N at least 2
    public static double meanSimilarity(NdArray features) {
        Features.check(features, 2);
        DMatrixRMaj unit = Features.directions(features);
        int rows = unit.numRows;
        // Σ of all cosines is the squared length of the sum of all directions.
        DMatrixRMaj sum = new DMatrixRMaj(1, 1);
        CommonOps_DDRM.sumCols(unit, sum);
        double all = 0;
        for (int j = 0; j < unit.numCols; j++) {
            all += sum.data[j] * sum.data[j];
        }
        return (all - rows) / ((double) rows * (rows - 1));
    }

    /// The share of a thing's variants that a set of pictures shows: of those that some picture lies
    /// nearest to, by Euclidean distance, out of as many as the set could show.
    ///
    /// @param features (N, D) of the set
    /// @param variants (V, D) of one real picture of each variant
    /// @return in (0, 1]
    public static double coverage(NdArray features, NdArray variants) {
        Features.checkTogether(features, variants, 1);
        int rows = features.shape().dim(0);
        int many = variants.shape().dim(0);
        BitSet shown = new BitSet(many);
        for (int i = 0; i < rows; i++) {
            int nearest = 0;
            for (int v = 1; v < many; v++) {
                nearest = Features.squaredDistance(features, i, variants, v)
                                < Features.squaredDistance(features, i, variants, nearest)
                        ? v
                        : nearest;
            }
            shown.set(nearest);
        }
        return (double) shown.cardinality() / Math.min(rows, many);
    }
}
