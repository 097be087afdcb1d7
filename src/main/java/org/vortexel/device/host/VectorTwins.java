package org.vortexel.device.host;

import org.jspecify.annotations.Nullable;
import org.vortexel.op.Linear;
import org.vortexel.op.MatMul;
import org.vortexel.op.Tensor;
import org.vortexel.program.Node;
import org.vortexel.tensor.Shape;

/// The twins on the Vector API. Loaded only where the module `jdk.incubator.vector` is present.
final class VectorTwins implements Twins {
    @Override
    public @Nullable Step bind(Node node, Buffers buffers, WorkerPool pool) {
        return switch (node.op()) {
            case MatMul op -> matMul(op, node, buffers, pool);
            case Linear _ -> linear(node, buffers, pool);
            default -> null;
        };
    }

    @Override
    public String reason() {
        return "Vector API kernels of " + VectorMath.LANES + " lanes";
    }

    private static Step matMul(MatMul op, Node node, Buffers buffers, WorkerPool pool) {
        Tensor a = node.inputs().get(0);
        Tensor b = node.inputs().get(1);
        MatMul.Sizes s = op.sizes(a.shape(), b.shape());
        float[] x = buffers.floats(a);
        float[] y = buffers.floats(b);
        float[] out = buffers.floats(node.outputs().getFirst());
        int aStride = op.transposeA() ? s.rows() : s.inner();
        int bStride = op.transposeB() ? s.inner() : s.columns();
        int bBatch = b.shape().rank() == 2 ? 0 : s.inner() * s.columns();
        return () -> Gemm.batched(
                pool, s.batch(), s.rows(), s.columns(), s.inner(),
                x, 0, s.rows() * s.inner(), aStride, op.transposeA(),
                y, 0, bBatch, bStride, op.transposeB(),
                out, 0, s.rows() * s.columns(), s.columns(), false, Epilogue.NONE);
    }

    private static Step linear(Node node, Buffers buffers, WorkerPool pool) {
        Shape weight = node.inputs().get(1).shape();
        int outputs = weight.dim(0);
        int inputs = weight.dim(1);
        int tokens = node.inputs().getFirst().size() / Math.max(1, inputs);
        float[] x = buffers.floats(node.inputs().get(0));
        float[] w = buffers.floats(node.inputs().get(1));
        float[] out = buffers.floats(node.outputs().getFirst());
        Epilogue epilogue =
                node.inputs().size() > 2 ? Epilogue.bias(buffers.floats(node.inputs().get(2))) : Epilogue.NONE;
        return () -> Gemm.multiply(
                pool, tokens, outputs, inputs,
                x, 0, inputs, false,
                w, 0, inputs, true,
                out, 0, outputs, false, epilogue);
    }
}
