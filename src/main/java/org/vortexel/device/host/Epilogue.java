package org.vortexel.device.host;

import org.jspecify.annotations.Nullable;

/// What happens to a matrix product on its way out: `c = activation(c + bias) + residual`.
///
/// | field      | shape  |                                                             |
/// |------------|--------|-------------------------------------------------------------|
/// | `bias`     | (N)    | added to every row before the activation, from `biasOffset` |
/// | `residual` | (M, N) | added after the activation, rows `residualStride` apart     |
///
/// The residual must not overlap the product. To add a product to what is there already, let it accumulate instead.
public record Epilogue(
        float @Nullable [] bias,
        int biasOffset,
        Activation activation,
        float @Nullable [] residual,
        int residualOffset,
        int residualStride) {
    /// Leaves the product as it is.
    public static final Epilogue NONE = new Epilogue(null, 0, Activation.NONE, null, 0, 0);

    /// Adds a bias to every row.
    public static Epilogue bias(float[] bias) {
        return new Epilogue(bias, 0, Activation.NONE, null, 0, 0);
    }

    /// Adds a bias to every row, then applies an activation.
    public static Epilogue bias(float[] bias, Activation activation) {
        return new Epilogue(bias, 0, activation, null, 0, 0);
    }

    /// Applies an activation.
    public static Epilogue activation(Activation activation) {
        return new Epilogue(null, 0, activation, null, 0, 0);
    }

    /// The same, followed by adding the rows of `residual`.
    public Epilogue plus(float[] residual, int residualOffset, int residualStride) {
        return new Epilogue(bias, biasOffset, activation, residual, residualOffset, residualStride);
    }

    /// The same with its residual `shift` elements further on.
    Epilogue shifted(int shift) {
        return residual == null || shift == 0
                ? this
                : new Epilogue(bias, biasOffset, activation, residual, residualOffset + shift, residualStride);
    }

    boolean isNone() {
        return bias == null && activation == Activation.NONE && residual == null;
    }
}
