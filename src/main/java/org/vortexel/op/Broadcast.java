package org.vortexel.op;

import org.vortexel.tensor.Shape;

/// How two operands walk over their broadcast shape: at most four loops, neighbouring axes that both operands walk
/// alike are merged. Axis 0 is what a device splits over its threads.
///
/// @param sizes the four loop lengths, outermost first, 1 where unused
/// @param a strides of the first operand, 0 where it is repeated
/// @param b strides of the second operand
public record Broadcast(int[] sizes, int[] a, int[] b) {
    private static final int LOOPS = 4;

    /// The walk over `Shape.broadcast(a, b)`.
    ///
    /// @throws IllegalArgumentException when more than four loops remain
    public static Broadcast of(Shape shapeA, Shape shapeB) {
        Shape out = Shape.broadcast(shapeA, shapeB);
        int rank = out.rank();
        int[] sizes = new int[rank + 1];
        int[] a = new int[rank + 1];
        int[] b = new int[rank + 1];
        int loops = 0; // filled from the innermost axis outwards
        int strideA = 1;
        int strideB = 1;
        for (int i = 1; i <= rank; i++) {
            int size = out.dim(-i);
            int sizeA = i <= shapeA.rank() ? shapeA.dim(-i) : 1;
            int sizeB = i <= shapeB.rank() ? shapeB.dim(-i) : 1;
            if (size != 1) {
                int stepA = sizeA == 1 ? 0 : strideA;
                int stepB = sizeB == 1 ? 0 : strideB;
                int last = loops - 1;
                if (loops > 0 && stepA == a[last] * sizes[last] && stepB == b[last] * sizes[last]) {
                    sizes[last] *= size;
                } else {
                    sizes[loops] = size;
                    a[loops] = stepA;
                    b[loops] = stepB;
                    loops++;
                }
            }
            strideA *= sizeA;
            strideB *= sizeB;
        }
        if (loops > LOOPS) {
            throw new IllegalArgumentException("broadcasting " + shapeA + " with " + shapeB + " needs " + loops
                    + " loops, at most 4 are supported");
        }
        // One loop would leave nothing to split: give long vectors rows of 1024 where they divide.
        int[] outSizes = {1, 1, 1, 1};
        int[] outA = new int[LOOPS];
        int[] outB = new int[LOOPS];
        if (loops == 1 && sizes[0] > ROW && sizes[0] % ROW == 0) {
            return new Broadcast(new int[] {sizes[0] / ROW, 1, 1, ROW}, new int[] {ROW * a[0], 0, 0, a[0]}, new int[] {
                ROW * b[0], 0, 0, b[0]
            });
        }
        for (int i = 0; i < loops; i++) {
            // innermost at index 3; outermost at index 0, so that rows are as many as possible
            int at = i == loops - 1 && loops > 1 ? 0 : LOOPS - 1 - i;
            outSizes[at] = sizes[i];
            outA[at] = a[i];
            outB[at] = b[i];
        }
        return new Broadcast(outSizes, outA, outB);
    }

    private static final int ROW = 1024;

    /// The length of loop 0: the rows that a device splits.
    public int rows() {
        return sizes[0];
    }

    /// The length of loop `i`.
    public int size(int i) {
        return sizes[i];
    }

    /// The stride of the first operand in loop `i`.
    public int strideA(int i) {
        return a[i];
    }

    /// The stride of the second operand in loop `i`.
    public int strideB(int i) {
        return b[i];
    }
}
