package org.vortexel.checkpoint;

import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// One tensor as it is to be written to a safetensors file. Holds the caller's array, not a copy.
public sealed interface StoredTensor {
    /// Its key in the file.
    String name();

    /// How each number is stored.
    StorageType dtype();

    /// The sizes, outermost first.
    Shape shape();

    /// Floats stored as F32 (exact), F16 or BF16 (rounded to nearest, ties to even).
    ///
    /// @param data row-major
    record Floats(String name, StorageType dtype, Shape shape, float[] data) implements StoredTensor {
        public Floats {
            require(
                    name,
                    dtype,
                    shape,
                    data.length,
                    dtype == StorageType.F32 || dtype == StorageType.F16 || dtype == StorageType.BF16);
        }
    }

    /// Whole numbers stored as I32.
    ///
    /// @param data row-major
    record Ints(String name, Shape shape, int[] data) implements StoredTensor {
        public Ints {
            require(name, StorageType.I32, shape, data.length, true);
        }

        @Override
        public StorageType dtype() {
            return StorageType.I32;
        }
    }

    /// Whole numbers stored as I64.
    ///
    /// @param data row-major
    record Longs(String name, Shape shape, long[] data) implements StoredTensor {
        public Longs {
            require(name, StorageType.I64, shape, data.length, true);
        }

        @Override
        public StorageType dtype() {
            return StorageType.I64;
        }
    }

    /// An array stored as F32, bit for bit.
    static StoredTensor of(String name, NdArray array) {
        return of(name, StorageType.F32, array);
    }

    /// An array stored as F32, F16 or BF16.
    static StoredTensor of(String name, StorageType dtype, NdArray array) {
        return new Floats(name, dtype, array.shape(), array.data());
    }

    private static void require(String name, StorageType dtype, Shape shape, int length, boolean supported) {
        if (!supported) {
            throw new IllegalArgumentException(
                    "tensor \"" + name + "\": floats are stored as F32, F16 or BF16, not " + dtype);
        }
        if (length != shape.size()) {
            throw new IllegalArgumentException("tensor \"" + name + "\": shape " + shape + " wants " + shape.size()
                    + " numbers but got " + length);
        }
    }
}
