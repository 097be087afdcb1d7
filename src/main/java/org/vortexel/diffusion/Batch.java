package org.vortexel.diffusion;

import java.util.Arrays;
import org.vortexel.tensor.NdArray;

/// Batches on top of each other along the first axis.
final class Batch {
    private Batch() {}

    static NdArray stack(NdArray above, NdArray below) {
        if (!above.shape().with(0, 1).equals(below.shape().with(0, 1))) {
            throw new IllegalArgumentException("batches " + above.shape() + " and " + below.shape() + " do not stack");
        }
        float[] both = Arrays.copyOf(above.data(), above.data().length + below.data().length);
        System.arraycopy(below.data(), 0, both, above.data().length, below.data().length);
        return new NdArray(
                above.shape().with(0, above.shape().dim(0) + below.shape().dim(0)), both);
    }
}
