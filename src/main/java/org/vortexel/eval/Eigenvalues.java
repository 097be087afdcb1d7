package org.vortexel.eval;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/// Eigenvalues of symmetric matrices.
final class Eigenvalues {
    private Eigenvalues() {}

    /// All eigenvalues of a symmetric matrix, which is not modified, in no order.
    static double[] of(DMatrixRMaj symmetric) {
        EigenDecomposition_F64<DMatrixRMaj> eigen = decompose(symmetric, false);
        double[] values = new double[eigen.getNumberOfEigenvalues()];
        for (int i = 0; i < values.length; i++) {
            values[i] = eigen.getEigenvalue(i).getReal();
        }
        return values;
    }

    /// The decomposition of the symmetric part of a matrix, which is not modified: rounding may have made the
    /// two halves differ.
    ///
    /// @throws ArithmeticException when it does not converge, which finite numbers do
    static EigenDecomposition_F64<DMatrixRMaj> decompose(DMatrixRMaj matrix, boolean vectors) {
        DMatrixRMaj symmetric = new DMatrixRMaj(matrix.numCols, matrix.numRows);
        CommonOps_DDRM.transpose(matrix, symmetric);
        CommonOps_DDRM.add(0.5, symmetric, 0.5, matrix, symmetric);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(symmetric.numRows, vectors, true);
        if (!eigen.decompose(symmetric)) {
            throw new ArithmeticException(
                    "the eigenvalues of a matrix of " + symmetric.numRows + " rows were not found");
        }
        return eigen;
    }
}
