package org.vortexel.eval;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What all measures ask of features: an array (N, D), a row a picture, finite numbers.
final class Features {
    private Features() {}

    /// Checks features.
    ///
    /// @param least the fewest rows
    /// @throws IllegalArgumentException when the shape is another or a number is not finite
    static void check(NdArray features, int least) {
        if (features.shape().rank() != 2
                || features.shape().dim(0) < least
                || features.shape().dim(1) < 1) {
            throw new IllegalArgumentException(
                    "features should be (N, D) with N of at least " + least + " but are " + features.shape());
        }
        int bad = features.firstNonFinite();
        if (bad >= 0) {
            throw new IllegalArgumentException(
                    "feature " + bad % features.shape().dim(1) + " of picture "
                            + bad / features.shape().dim(1) + " is " + features.data()[bad]);
        }
    }

    /// Checks that two sets have rows of one length.
    static void checkTogether(NdArray a, NdArray b, int least) {
        check(a, least);
        check(b, least);
        if (a.shape().dim(1) != b.shape().dim(1)) {
            throw new IllegalArgumentException(
                    "features of " + a.shape().dim(1) + " and of " + b.shape().dim(1) + " numbers cannot be compared");
        }
    }

    /// All rows of several arrays (·, D), behind one another.
    static NdArray joined(List<NdArray> parts) {
        int rows = parts.stream().mapToInt(part -> part.shape().dim(0)).sum();
        NdArray all = NdArray.zeros(Shape.of(rows, parts.getFirst().shape().dim(1)));
        int at = 0;
        for (NdArray part : parts) {
            System.arraycopy(part.data(), 0, all.data(), at, part.data().length);
            at += part.data().length;
        }
        return all;
    }

    /// The squared Euclidean distance of row `i` of `a` and row `j` of `b`.
    static double squaredDistance(NdArray a, int i, NdArray b, int j) {
        int width = a.shape().dim(1);
        float[] left = a.data();
        float[] right = b.data();
        double sum = 0;
        for (int k = 0, p = i * width, q = j * width; k < width; k++) {
            double difference = (double) left[p + k] - right[q + k];
            sum += difference * difference;
        }
        return sum;
    }

    /// The rows at length 1, in double.
    ///
    /// @throws IllegalArgumentException when a row is zero and so has no direction
    static DMatrixRMaj directions(NdArray features) {
        check(features, 1);
        int rows = features.shape().dim(0);
        int width = features.shape().dim(1);
        DMatrixRMaj unit = new DMatrixRMaj(rows, width);
        for (int i = 0; i < rows; i++) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                double value = features.data()[i * width + j];
                sum += value * value;
            }
            if (sum == 0) {
                throw new IllegalArgumentException("the features of picture " + i + " are all zero: no direction");
            }
            for (int j = 0; j < width; j++) {
                unit.data[i * width + j] = features.data()[i * width + j] / Math.sqrt(sum);
            }
        }
        return unit;
    }
}
