package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Twins of the kernels of `Modulate` and `GatedResidual` that go over tokens: same names, same parameters, see there.
final class VectorModulation {
    private VectorModulation() {}

    static void modulate(
            float[] out, float[] x, float[] shift, float[] scale, int width, int shared, int begin, int count) {
        for (int token = begin; token < begin + count; token++) {
            int at = token * width;
            int by = token / shared * width;
            int bound = SPECIES.loopBound(width);
            for (int j = 0; j < bound; j += LANES) {
                FloatVector v = load(x, at + j);
                v.mul(load(scale, by + j).add(1f)).add(load(shift, by + j)).intoArray(out, at + j);
            }
            if (bound < width) {
                VectorMask<Float> rest = tail(width);
                FloatVector v = load(x, at + bound, rest)
                        .mul(load(scale, by + bound, rest).add(1f));
                v.add(load(shift, by + bound, rest)).intoArray(out, at + bound, rest);
            }
        }
    }

    static void modulateInputGradient(
            float[] dx, float[] dy, float[] scale, int width, int shared, int begin, int count) {
        for (int token = begin; token < begin + count; token++) {
            int at = token * width;
            int by = token / shared * width;
            int bound = SPECIES.loopBound(width);
            for (int j = 0; j < bound; j += LANES) {
                load(dy, at + j).mul(load(scale, by + j).add(1f)).intoArray(dx, at + j);
            }
            if (bound < width) {
                VectorMask<Float> rest = tail(width);
                FloatVector factor = load(scale, by + bound, rest).add(1f);
                load(dy, at + bound, rest).mul(factor).intoArray(dx, at + bound, rest);
            }
        }
    }

    static void gatedResidual(
            float[] out, float[] x, float[] gate, float[] y, int width, int shared, int begin, int count) {
        for (int token = begin; token < begin + count; token++) {
            int at = token * width;
            int by = token / shared * width;
            int bound = SPECIES.loopBound(width);
            for (int j = 0; j < bound; j += LANES) {
                load(gate, by + j).mul(load(y, at + j)).add(load(x, at + j)).intoArray(out, at + j);
            }
            if (bound < width) {
                VectorMask<Float> rest = tail(width);
                FloatVector branch = load(gate, by + bound, rest).mul(load(y, at + bound, rest));
                branch.add(load(x, at + bound, rest)).intoArray(out, at + bound, rest);
            }
        }
    }

    static void gatedBranchGradient(
            float[] dy, float[] dout, float[] gate, int width, int shared, int begin, int count) {
        for (int token = begin; token < begin + count; token++) {
            int at = token * width;
            int by = token / shared * width;
            int bound = SPECIES.loopBound(width);
            for (int j = 0; j < bound; j += LANES) {
                load(dout, at + j).mul(load(gate, by + j)).intoArray(dy, at + j);
            }
            if (bound < width) {
                VectorMask<Float> rest = tail(width);
                load(dout, at + bound, rest).mul(load(gate, by + bound, rest)).intoArray(dy, at + bound, rest);
            }
        }
    }
}
