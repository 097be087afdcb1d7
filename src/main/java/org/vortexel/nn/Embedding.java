package org.vortexel.nn;

import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// A table of learnt vectors, looked up by id: (…) to (…, D).
///
/// @param weight (V, D)
public record Embedding(Parameter weight) {
    /// Normal vectors of deviation 0.02, named `weight`.
    public static Embedding of(Params params, int count, int width) {
        return new Embedding(params.declare("weight", Shape.of(count, width), Init.normal(0.02f)));
    }

    /// The vectors of the given ids: (…) to (…, D).
    public Tensor forward(Tensor ids) {
        return org.vortexel.op.Embedding.of(table(ids), ids);
    }

    /// The whole table (V, D), on the tape that `x` is recorded on.
    public Tensor table(Tensor x) {
        return weight.on(x);
    }
}
