package org.vortexel.program;

import java.util.List;
import org.vortexel.op.Kernel;
import org.vortexel.op.Op;
import org.vortexel.op.Tensor;

/// One recorded op.
///
/// @param op what is done
/// @param inputs what it reads
/// @param outputs what it writes
/// @param layer the path of layers it was recorded in, such as `dit/blocks.3/attn`; empty at the top
public record Node(Op op, List<Tensor> inputs, List<Tensor> outputs, String layer) {
    /// Told which kernels the op wants to be run.
    @FunctionalInterface
    public interface Launcher {
        /// Runs `kernel` over `rows` rows; see [Op.Lowering#launch].
        void launch(Kernel kernel, int rows, Object... arguments);
    }

    /// Asks the op for its kernels, on these inputs and outputs.
    public void lower(Launcher launcher) {
        op.lower(new Op.Lowering() {
            @Override
            public Tensor in(int i) {
                return inputs.get(i);
            }

            @Override
            public Tensor out(int i) {
                return outputs.get(i);
            }

            @Override
            public int inputs() {
                return inputs.size();
            }

            @Override
            public void launch(Kernel kernel, int rows, Object... arguments) {
                launcher.launch(kernel, rows, arguments);
            }
        });
    }

    /// `dit/blocks.3/attn: Linear`, for messages and profiles.
    public String label() {
        return layer.isEmpty() ? op.name() : layer + ": " + op.name();
    }
}
