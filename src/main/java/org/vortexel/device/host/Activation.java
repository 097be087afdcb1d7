package org.vortexel.device.host;

/// The functions that a [Gemm] can apply to its result while it is still in the cache, and that the row kernels share.
///
/// Formulas: `relu(x) = max(x, 0)`, `silu(x) = x / (1 + exp(-x))`, `geluErf(x) = x Φ(x)` with the normal
/// distribution `Φ`, `geluTanh(x) = x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`, `tanh`, `sigmoid(x) = 1 / (1 +
/// exp(-x))`.
public enum Activation {
    NONE,
    RELU,
    SILU,
    GELU_TANH,
    GELU_ERF,
    TANH,
    SIGMOID,
    EXP
}
