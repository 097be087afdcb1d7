package org.vortexel.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;

/// ONNX Runtime on a small model made by [OnnxModel]; the weights are constants of the model, the output is a given array.
final class OnnxRuntime implements Peer {
    private final OrtSession session;
    private final OnnxTensor x;
    private final OnnxTensor y;

    OnnxRuntime(Work work, int threads) {
        long[] in = work.kind().equals("matmul")
                ? new long[] {work.size(0), work.size(2)}
                : new long[] {work.size(0), work.size(1)};
        long[] out = {work.size(0), work.size(1)};
        try {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            OrtSession.SessionOptions options = new OrtSession.SessionOptions();
            options.setIntraOpNumThreads(threads);
            session = environment.createSession(OnnxModel.of(work), options);
            x = tensor(environment, in);
            y = tensor(environment, out);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, long[] shape) throws OrtException {
        float[] values = Peer.normal(Math.toIntExact(shape[0] * shape[1]));
        FloatBuffer buffer = ByteBuffer.allocateDirect(4 * values.length)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        buffer.put(values).rewind();
        return OnnxTensor.createTensor(environment, buffer, shape);
    }

    @Override
    public void run() {
        try {
            session.run(Map.of("x", x), Map.of("y", y)).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
        x.close();
    }
}
