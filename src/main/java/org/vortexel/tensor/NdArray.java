package org.vortexel.tensor;

import java.util.Arrays;

/// Numbers in row-major order with their shape. The array is shared, not copied: whoever holds `data` may write it.
///
/// @param shape the sizes, outermost first
/// @param data `shape.size()` numbers
public record NdArray(Shape shape, float[] data) {
    public NdArray {
        if (data.length != shape.size()) {
            throw new IllegalArgumentException(
                    "shape " + shape + " wants " + shape.size() + " numbers but got " + data.length);
        }
    }

    /// Numbers of the given shape; takes the array over.
    public static NdArray of(Shape shape, float... data) {
        return new NdArray(shape, data);
    }

    /// Zeros of the given shape.
    public static NdArray zeros(Shape shape) {
        return new NdArray(shape, new float[shape.size()]);
    }

    /// `value` everywhere.
    public static NdArray full(Shape shape, float value) {
        float[] data = new float[shape.size()];
        Arrays.fill(data, value);
        return new NdArray(shape, data);
    }

    /// One number, shape `()`.
    public static NdArray scalar(float value) {
        return new NdArray(Shape.scalar(), new float[] {value});
    }

    /// The same numbers seen in another shape of equal size; shares the data.
    public NdArray reshape(int... sizes) {
        return new NdArray(Shape.of(sizes), data);
    }

    /// A copy with data of its own.
    public NdArray copy() {
        return new NdArray(shape, data.clone());
    }

    /// A copy of rows `begin … end - 1` along the first axis.
    public NdArray rows(int begin, int end) {
        int row = shape.size(1, shape.rank());
        return new NdArray(shape.with(0, end - begin), Arrays.copyOfRange(data, begin * row, end * row));
    }

    /// The number at the given index, one entry per axis.
    public float get(int... index) {
        if (index.length != shape.rank()) {
            throw new IllegalArgumentException("shape " + shape + " wants " + shape.rank() + " indices");
        }
        int offset = 0;
        for (int i = 0; i < index.length; i++) {
            if (index[i] < 0 || index[i] >= shape.dim(i)) {
                throw new IndexOutOfBoundsException("index " + Arrays.toString(index) + " outside " + shape);
            }
            offset = offset * shape.dim(i) + index[i];
        }
        return data[offset];
    }

    /// The first index whose number is NaN or infinite, or -1.
    public int firstNonFinite() {
        for (int i = 0; i < data.length; i++) {
            if (!Float.isFinite(data[i])) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NdArray array && shape.equals(array.shape) && Arrays.equals(data, array.data);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(data);
    }

    /// The shape and the first few numbers.
    @Override
    public String toString() {
        String head = Arrays.toString(Arrays.copyOf(data, Math.min(6, data.length)));
        return "NdArray" + shape + " " + (data.length > 6 ? head.replace("]", ", …]") : head);
    }
}
