package org.vortexel.program;

import java.util.List;
import org.vortexel.op.Op;
import org.vortexel.op.Tensor;

/// One recorded op.
///
/// @param op what is done
/// @param inputs what it reads
/// @param outputs what it writes
/// @param layer the path of layers it was recorded in, such as `dit/blocks.3/attn`; empty at the top
public record Node(Op op, List<Tensor> inputs, List<Tensor> outputs, String layer) {
    /// `dit/blocks.3/attn: Linear`, for messages and profiles.
    public String label() {
        return layer.isEmpty() ? op.name() : layer + ": " + op.name();
    }
}
