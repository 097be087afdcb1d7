package org.vortexel.checkpoint;

import java.util.Arrays;
import java.util.stream.Collectors;

/// The number formats a safetensors file may hold; the names are those in its header.
public enum StorageType {
    /// IEEE double.
    F64(8),
    /// IEEE single.
    F32(4),
    /// IEEE half: 5 exponent bits, 10 of fraction.
    F16(2),
    /// The upper half of an IEEE single: 8 exponent bits, 7 of fraction.
    BF16(2),
    /// Signed, 64 bits.
    I64(8),
    /// Signed, 32 bits.
    I32(4),
    /// Signed, 16 bits.
    I16(2),
    /// Signed, 8 bits.
    I8(1),
    /// Unsigned, 8 bits.
    U8(1),
    /// One byte, 0 or 1.
    BOOL(1);

    private final int bytes;

    StorageType(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes per number.
    public int bytes() {
        return bytes;
    }

    /// `F64, F32, ...`, for messages.
    static String known() {
        return Arrays.stream(values()).map(StorageType::name).collect(Collectors.joining(", "));
    }

    /// The nearest BF16 number (ties to even) as its 16 bits; NaN stays NaN.
    static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        int roundUp = 0x7FFF + (bits >>> 16 & 1);
        return (short) ((bits + roundUp) >>> 16);
    }

    /// The number whose BF16 bits are given; exact.
    static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
