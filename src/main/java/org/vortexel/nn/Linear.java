package org.vortexel.nn;

import java.util.Optional;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// `x Wᵀ + b` for every token: (…, I) to (…, O).
///
/// @param weight (O, I)
/// @param bias (O), if there is one
public record Linear(Parameter weight, Optional<Parameter> bias) {
    /// Xavier weight and zero bias, named `weight` and `bias`.
    public static Linear of(Params params, int in, int out) {
        return of(params, in, out, Init.xavier());
    }

    /// A weight that begins as `init`, and a zero bias.
    public static Linear of(Params params, int in, int out, Init init) {
        return new Linear(
                params.declare("weight", Shape.of(out, in), init),
                Optional.of(params.declare("bias", Shape.of(out), Init.zeros())));
    }

    /// Xavier weight, no bias.
    public static Linear unbiased(Params params, int in, int out) {
        return unbiased(params, in, out, Init.xavier());
    }

    /// A weight that begins as `init`, no bias.
    public static Linear unbiased(Params params, int in, int out, Init init) {
        return new Linear(params.declare("weight", Shape.of(out, in), init), Optional.empty());
    }

    /// (…, I) to (…, O).
    public Tensor forward(Tensor x) {
        return bias.map(b -> x.linear(weight.on(x), b.on(x))).orElseGet(() -> x.linear(weight.on(x)));
    }
}
