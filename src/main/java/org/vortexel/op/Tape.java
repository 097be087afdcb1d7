package org.vortexel.op;

import java.util.List;
import java.util.function.Supplier;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What ops are recorded on. A model never sees it: it calls methods of [Tensor], which pass it along.
public interface Tape {
    /// Appends `op` and returns its outputs.
    ///
    /// @throws IllegalArgumentException when the op's shape rule refuses the inputs; the message names the layer
    List<Tensor> record(Op op, List<Tensor> inputs);

    /// The parameter `name`: the same tensor however often it is asked for.
    ///
    /// @throws IllegalArgumentException when it was asked for in another shape before
    Tensor parameter(String name, Shape shape);

    /// A tensor whose numbers are fixed when it is recorded.
    Tensor constant(NdArray value);

    /// Records what `body` does under the name of a layer, which error messages and profiles show.
    <T> T in(String layer, Supplier<T> body);
}
