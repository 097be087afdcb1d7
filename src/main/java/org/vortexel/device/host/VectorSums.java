package org.vortexel.device.host;

import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Twins of the kernels of `Sum`, `Modulate.ScaleGradient`, `GatedResidual.GateGradient` and `GradientClip`: same
/// names, same parameters, see there.
///
/// A column sum walks down the rows with a vector of neighbouring columns, in blocks of rows as the plain kernels do.
final class VectorSums {
    private static final int BLOCK = 128;
    private static final int SQUARES_BLOCK = 4096;

    private VectorSums() {}

    static void sum(float[] out, float[] x, int terms, int inner, float factor, int begin, int count) {
        if (inner == 1) {
            for (int row = begin; row < begin + count; row++) {
                out[row] = factor * Rows.sum(x, row * terms, terms);
            }
            return;
        }
        int end = begin + count;
        for (int row = begin; row < end; ) {
            int outer = row / inner;
            int stop = Math.min(end, (outer + 1) * inner);
            columns(out, row, x, outer * terms * inner + row - outer * inner, terms, inner, stop - row, factor);
            row = stop;
        }
    }

    private static void columns(
            float[] out, int to, float[] x, int at, int terms, int stride, int count, float factor) {
        int i = 0;
        for (; i <= count - 2 * LANES; i += 2 * LANES) {
            FloatVector total0 = FloatVector.zero(SPECIES);
            FloatVector total1 = total0;
            for (int block = 0; block < terms; block += BLOCK) {
                FloatVector sum0 = FloatVector.zero(SPECIES);
                FloatVector sum1 = sum0;
                for (int r = block; r < Math.min(terms, block + BLOCK); r++) {
                    sum0 = sum0.add(load(x, at + i + r * stride));
                    sum1 = sum1.add(load(x, at + i + r * stride + LANES));
                }
                total0 = total0.add(sum0);
                total1 = total1.add(sum1);
            }
            total0.mul(factor).intoArray(out, to + i);
            total1.mul(factor).intoArray(out, to + i + LANES);
        }
        for (; i < count; i += LANES) {
            VectorMask<Float> mask = SPECIES.indexInRange(i, count);
            FloatVector total = FloatVector.zero(SPECIES);
            for (int block = 0; block < terms; block += BLOCK) {
                FloatVector sum = FloatVector.zero(SPECIES);
                for (int r = block; r < Math.min(terms, block + BLOCK); r++) {
                    sum = sum.add(load(x, at + i + r * stride, mask));
                }
                total = total.add(sum);
            }
            total.mul(factor).intoArray(out, to + i, mask);
        }
    }

    static void modulateScaleGradient(
            float[] dShift, float[] dScale, float[] dy, float[] x, int width, int shared, int begin, int count) {
        int end = begin + count;
        for (int row = begin; row < end; ) {
            int n = row / width;
            int start = n * shared * width + (row - n * width);
            int stop = Math.min(end, (n + 1) * width);
            for (; row < stop; row += LANES, start += LANES) {
                VectorMask<Float> mask = SPECIES.indexInRange(row, stop);
                FloatVector sum = FloatVector.zero(SPECIES);
                FloatVector dot = FloatVector.zero(SPECIES);
                for (int r = 0; r < shared; r++) {
                    FloatVector d = load(dy, start + r * width, mask);
                    sum = sum.add(d);
                    dot = d.fma(load(x, start + r * width, mask), dot);
                }
                sum.intoArray(dShift, row, mask);
                dot.intoArray(dScale, row, mask);
            }
            row = stop;
        }
    }

    static void gateGradient(float[] dGate, float[] dout, float[] y, int width, int shared, int begin, int count) {
        int end = begin + count;
        for (int row = begin; row < end; ) {
            int n = row / width;
            int start = n * shared * width + (row - n * width);
            int stop = Math.min(end, (n + 1) * width);
            for (; row < stop; row += LANES, start += LANES) {
                VectorMask<Float> mask = SPECIES.indexInRange(row, stop);
                FloatVector dot = FloatVector.zero(SPECIES);
                for (int r = 0; r < shared; r++) {
                    dot = load(dout, start + r * width, mask).fma(load(y, start + r * width, mask), dot);
                }
                dot.intoArray(dGate, row, mask);
            }
            row = stop;
        }
    }

    static void sumOfSquares(float[] out, float[] x, int offset, int size, int begin, int count) {
        for (int block = begin; block < begin + count; block++) {
            int start = block * SQUARES_BLOCK;
            out[offset + block] = Rows.squares(x, start, Math.min(SQUARES_BLOCK, size - start), 0);
        }
    }
}
