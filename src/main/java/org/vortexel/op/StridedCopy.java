package org.vortexel.op;

import java.lang.invoke.MethodHandles;

/// Reads an array along given strides and writes it densely: what permuting, slicing and repeating have in common.
public final class StridedCopy {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "stridedCopy");
    private static final int LOOPS = 6;
    private static final int ROW = 1024;

    private StridedCopy() {}

    /// Writes `out[i0, i1, …] = x[offset + i0 * strides[0] + i1 * strides[1] + …]`, `out` of the given sizes.
    ///
    /// Neighbouring axes that can be walked as one are merged, which must leave at most six.
    static void launch(Op.Lowering to, Tensor out, Tensor x, int[] sizes, int[] strides, int offset) {
        int[] size = new int[sizes.length + 1];
        int[] stride = new int[sizes.length + 1];
        int loops = 0; // filled from the innermost axis outwards
        for (int i = sizes.length - 1; i >= 0; i--) {
            if (sizes[i] == 1) {
                continue;
            }
            if (loops > 0 && strides[i] == stride[loops - 1] * size[loops - 1]) {
                size[loops - 1] *= sizes[i];
            } else {
                size[loops] = sizes[i];
                stride[loops] = strides[i];
                loops++;
            }
        }
        if (loops == 1 && size[0] > ROW) { // one long loop: cut it into rows, so that there is something to share out
            int row = ROW;
            while (size[0] % row != 0) {
                row--;
            }
            size[1] = size[0] / row;
            stride[1] = row * stride[0];
            size[0] = row;
            loops = 2;
        }
        if (loops > LOOPS) {
            throw new IllegalArgumentException("a strided copy takes at most 6 loops but this needs " + loops);
        }
        int[] d = {1, 1, 1, 1, 1, 1};
        int[] s = new int[LOOPS];
        for (int i = 0; i < loops; i++) { // the innermost to loop 5; the others from loop 0, as rows
            int at = i == 0 ? LOOPS - 1 : loops - 1 - i;
            d[at] = size[i];
            s[at] = stride[i];
        }
        to.launch(
                KERNEL,
                d[0] * d[1] * d[2],
                out,
                x,
                offset,
                d[1],
                d[2],
                d[3],
                d[4],
                d[5],
                s[0],
                s[1],
                s[2],
                s[3],
                s[4],
                s[5]);
    }

    /// Six loops; a row is one place in the three outermost, of `d3 * d4 * d5` elements.
    public static void stridedCopy(
            float[] out,
            float[] x,
            int offset,
            int d1,
            int d2,
            int d3,
            int d4,
            int d5,
            int s0,
            int s1,
            int s2,
            int s3,
            int s4,
            int s5,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int outer = row / d2;
            int i2 = row - outer * d2;
            int i0 = outer / d1;
            int i1 = outer - i0 * d1;
            int from = offset + i0 * s0 + i1 * s1 + i2 * s2;
            int to = row * d3 * d4 * d5;
            for (int i3 = 0; i3 < d3; i3++) {
                for (int i4 = 0; i4 < d4; i4++) {
                    int p = from + i3 * s3 + i4 * s4;
                    int o = to + (i3 * d4 + i4) * d5;
                    for (int i5 = 0; i5 < d5; i5++) {
                        out[o + i5] = x[p + i5 * s5];
                    }
                }
            }
        }
    }
}
