package org.vortexel.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.vortexel.op.DType;
import org.vortexel.op.Tensor;

/// ONNX Runtime on the model that [OnnxExport] makes of a program, with all its optimisations of the graph. Weights are
/// constants of the model, inputs and outputs are arrays that stay.
final class OnnxRuntime implements Peer {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();

    OnnxRuntime(Recorded work, boolean fusedAttention, int threads) {
        try {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            session = session(environment, work, fusedAttention, threads);
            for (Map.Entry<String, Tensor> input : work.program().inputs().entrySet()) {
                int[] sizes = input.getValue().shape().toArray();
                inputs.put(
                        input.getKey(),
                        input.getValue().dtype() == DType.I32
                                ? ids(environment, new int[input.getValue().size()], sizes)
                                : floats(environment, work.inputs().get(input.getKey()), sizes));
            }
            for (Map.Entry<String, Tensor> output : work.program().outputs().entrySet()) {
                Tensor tensor = output.getValue();
                outputs.put(
                        "out." + output.getKey(),
                        floats(environment, new float[tensor.size()], tensor.shape().toArray()));
            }
            run();
            for (String name : work.program().outputs().keySet()) {
                float[] values = new float[work.program().outputs().get(name).size()];
                outputs.get("out." + name).getFloatBuffer().get(values);
                work.check("ONNX Runtime", name, values, 1e-3);
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    static OrtSession session(OrtEnvironment environment, Recorded work, boolean fusedAttention, int threads)
            throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        return environment.createSession(OnnxExport.of(work, fusedAttention), options);
    }

    static OnnxTensor floats(OrtEnvironment environment, float[] values, int... sizes) throws OrtException {
        FloatBuffer buffer = ByteBuffer.allocateDirect(4 * values.length)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        buffer.put(values).rewind();
        return OnnxTensor.createTensor(environment, buffer, longs(sizes));
    }

    static OnnxTensor ids(OrtEnvironment environment, int[] values, int... sizes) throws OrtException {
        IntBuffer buffer =
                ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder()).asIntBuffer();
        buffer.put(values).rewind();
        return OnnxTensor.createTensor(environment, buffer, longs(sizes));
    }

    private static long[] longs(int[] sizes) {
        return java.util.Arrays.stream(sizes).asLongStream().toArray();
    }

    @Override
    public void run() {
        try {
            session.run(inputs, outputs).close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        close(session, inputs.values(), outputs.values());
    }

    /// Frees a session and the values it was run with.
    static void close(
            OrtSession session, Collection<? extends OnnxValue> some, Collection<? extends OnnxValue> others) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
        some.forEach(OnnxValue::close);
        others.forEach(OnnxValue::close);
    }
}
