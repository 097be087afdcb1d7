package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Arithmetic on runs of elements at different places, which the compiler does not vectorise since they might overlap.
final class Elementwise {
    private Elementwise() {}

    /// `out[outOffset + i] += x[xOffset + i]`.
    static void add(float[] out, int outOffset, float[] x, int xOffset, int count) {
        int bound = SPECIES.loopBound(count);
        for (int i = 0; i < bound; i += LANES) {
            load(out, outOffset + i).add(load(x, xOffset + i)).intoArray(out, outOffset + i);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector sum = load(out, outOffset + bound, rest).add(load(x, xOffset + bound, rest));
            sum.intoArray(out, outOffset + bound, rest);
        }
    }
}
