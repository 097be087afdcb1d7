package org.vortexel.op;

import java.util.List;
import org.vortexel.tensor.Shape;

/// One operation: shape rule, kernels, gradient rule. A record of its settings; immutable.
public interface Op {
    /// The name that messages and profiles show.
    default String name() {
        return getClass().getSimpleName();
    }

    /// The shapes of the outputs.
    ///
    /// @throws IllegalArgumentException when the inputs do not fit; the message says what was wanted and what
    /// came
    List<Shape> shapes(List<Shape> inputs);

    /// Calls kernels on the inputs' and outputs' buffers. Every element of every output is written.
    void lower(Lowering to);

    /// Records the gradients of the inputs that want one.
    ///
    /// @throws IllegalArgumentException when the op has no gradient
    default void gradient(Backward at) {
        throw new IllegalArgumentException(name() + " has no gradient");
    }

    /// The input whose buffer the first output may take over, or -1. Allowed only where every kernel reads an
    /// element of that input before it writes the same element of the output, and never another one.
    default int inPlace() {
        return -1;
    }

    /// Whether the op writes to this input (an optimiser updating its parameters).
    default boolean mutates(int input) {
        return false;
    }

    /// Whether what the op writes to is the state of a run rather than something learnt (the features that a
    /// cache keeps). Parameters that such an op does not write stay as steady as without it.
    default boolean mutatesState() {
        return false;
    }

    /// Whether the first output is the first input seen in another shape; then [#lower] is never called.
    default boolean isView() {
        return false;
    }

    /// Floating point operations of the matrix products, convolutions and attention in this op, a multiply-add
    /// being two; 0 for ops that are passes over memory.
    default double flops(List<Shape> inputs, List<Shape> outputs) {
        return 0;
    }

    /// What an op sees while it is lowered to kernels: its tensors, and where to send the calls.
    interface Lowering {
        /// Input `i`.
        Tensor in(int i);

        /// Output `i`.
        Tensor out(int i);

        /// How many inputs there are.
        int inputs();

        /// Runs `kernel` over `rows` rows.
        ///
        /// @param arguments the kernel's arguments but the last two: a [Tensor] for its buffer, an [Integer],
        /// a [Float]
        void launch(Kernel kernel, int rows, Object... arguments);
    }

    /// What an op sees while its gradient is recorded.
    interface Backward {
        /// Input `i` of the forward op.
        Tensor in(int i);

        /// How many inputs the forward op has.
        int inputs();

        /// Output `i` of the forward op.
        Tensor out(int i);

        /// The gradient of output `i`; zeros where nothing depends on it.
        Tensor grad(int i);

        /// Whether a gradient of input `i` is wanted; others need not be recorded.
        boolean wants(int i);

        /// Gives the gradient of input `i`, of that input's shape.
        void give(int i, Tensor gradient);
    }
}
