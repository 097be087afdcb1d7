package org.vortexel.op;

/// What a tensor holds: `float[]` or, for token ids and class labels, `int[]`.
public enum DType {
    F32,
    I32
}
