package org.vortexel.diffusion;

import java.util.function.IntToDoubleFunction;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A weighted sum of arrays whose weights depend on the region: `sum[i] = Σ_k weight_k(region of i) · term_k[i]`,
/// summed in double and rounded once. Every sampler's step is one of these.
final class Mixture {
    private final Shape shape;
    private final int[] region;
    private final int regions;
    private final double[] sum;

    Mixture(Interval interval, Shape shape) {
        this.shape = shape;
        this.region = interval.regionOf(shape);
        this.regions = interval.regions();
        this.sum = new double[shape.size()];
    }

    /// Adds a term; where its weight is 0 it is not looked at.
    Mixture add(NdArray term, IntToDoubleFunction weight) {
        double[] weights = new double[regions];
        for (int r = 0; r < regions; r++) {
            weights[r] = weight.applyAsDouble(r);
        }
        float[] data = term.data();
        for (int i = 0; i < sum.length; i++) {
            double w = weights[region[i]];
            if (w != 0) {
                sum[i] += w * data[i];
            }
        }
        return this;
    }

    NdArray sum() {
        NdArray result = NdArray.zeros(shape);
        for (int i = 0; i < sum.length; i++) {
            result.data()[i] = (float) sum[i];
        }
        return result;
    }
}
