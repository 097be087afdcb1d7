package org.vortexel.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vortexel.op.DType;
import org.vortexel.op.Tensor;
import org.vortexel.program.Program;

/// PyTorch through DJL, on the file that [TorchScript] makes of a program. It runs op by op, as eager PyTorch does, but
/// without Python's own time; its results are new arrays, as they are there.
final class PyTorch implements Peer {
    private final PtNDManager manager = (PtNDManager) ai.djl.ndarray.NDManager.newBaseManager("PyTorch");
    private final PtSymbolBlock block;
    private final NDList arguments = new NDList();
    private final boolean training;

    private PyTorch(byte[] script, List<List<PtNDArray>> lists, boolean training, PtNDManager held) {
        this.training = training;
        JniUtils.setGraphExecutorOptimize(false);
        try {
            block = JniUtils.loadModule(manager, new ByteArrayInputStream(script), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < lists.size(); i++) {
            for (PtNDArray array : lists.get(i)) {
                array.setName("list" + i + "[]"); // which makes DJL hand them over as lists
                arguments.add(array);
            }
        }
        manager.attachInternal("held", held);
    }

    private static PtNDManager start(int threads) {
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        return (PtNDManager) ai.djl.ndarray.NDManager.newBaseManager("PyTorch");
    }

    /// Ready to run the program.
    static PyTorch of(Recorded work, int threads) {
        PtNDManager manager = start(threads);
        PyTorch peer = new PyTorch(
                TorchScript.inference(work.program()), List.of(inputs(manager, work), parameters(manager, work)), false, manager);
        List<String> names = List.copyOf(work.program().outputs().keySet());
        float[][] results = peer.results();
        for (int i = 0; i < results.length; i++) {
            work.check("PyTorch", names.get(i), results[i], 1e-3);
        }
        return peer;
    }

    /// Ready to run the program and find the gradients of its inputs and parameters.
    ///
    /// @param above the gradient of its output `y`
    /// @param ours what we find: `y`, then the gradients
    static PyTorch gradients(Recorded forward, float[] above, List<float[]> ours, int threads) {
        PtNDManager manager = start(threads);
        List<PtNDArray> inputs = new ArrayList<>(inputs(manager, forward));
        inputs.add(array(manager, above, forward.program().outputs().get("y").shape().toArray()));
        PyTorch peer = new PyTorch(
                TorchScript.gradients(forward.program()), List.of(inputs, parameters(manager, forward)), true, manager);
        float[][] results = peer.results();
        for (int i = 0; i < results.length; i++) {
            Recorded.same("PyTorch", "result " + i, ours.get(i), results[i], 1e-3);
        }
        return peer;
    }

    /// Ready to do steps of training, of a program whose output `loss` is to fall.
    static PyTorch training(Recorded forward, float[] lossAndNorm, double rate, double beta1, double beta2, double average, int threads) {
        PtNDManager manager = start(threads);
        List<PtNDArray> moments1 = new ArrayList<>();
        List<PtNDArray> moments2 = new ArrayList<>();
        List<PtNDArray> steps = new ArrayList<>();
        for (Tensor tensor : forward.program().parameters().values()) {
            moments1.add(array(manager, new float[tensor.size()], tensor.shape().toArray()));
            moments2.add(array(manager, new float[tensor.size()], tensor.shape().toArray()));
            steps.add(array(manager, new float[1]));
        }
        PyTorch peer = new PyTorch(
                TorchScript.training(forward.program(), rate, beta1, beta2, average),
                List.of(
                        inputs(manager, forward), parameters(manager, forward), moments1, moments2,
                        parameters(manager, forward), steps),
                true,
                manager);
        float[][] results = peer.results();
        Recorded.same("PyTorch", "loss and norm", lossAndNorm, new float[] {results[0][0], results[1][0]}, 1e-3);
        return peer;
    }

    private static List<PtNDArray> inputs(PtNDManager manager, Recorded work) {
        Program program = work.program();
        List<PtNDArray> inputs = new ArrayList<>();
        program.inputs().forEach((name, tensor) -> inputs.add(
                tensor.dtype() == DType.I32
                        ? (PtNDArray) manager.create(new int[tensor.size()], shape(tensor.shape().toArray()))
                        : array(manager, work.inputs().get(name), tensor.shape().toArray())));
        program.constants().forEach((tensor, value) ->
                inputs.add(array(manager, value.data(), tensor.shape().toArray())));
        return inputs;
    }

    private static List<PtNDArray> parameters(PtNDManager manager, Recorded work) {
        List<PtNDArray> parameters = new ArrayList<>();
        work.program().parameters().forEach((name, tensor) ->
                parameters.add(array(manager, work.weights().get(name).data(), tensor.shape().toArray())));
        return parameters;
    }

    private static PtNDArray array(PtNDManager manager, float[] values, int... sizes) {
        return (PtNDArray) manager.create(values, shape(sizes));
    }

    private static Shape shape(int... sizes) {
        return new Shape(Arrays.stream(sizes).asLongStream().toArray());
    }

    private float[][] results() {
        try (NDList results = IValueUtils.forward(block, arguments, training)) {
            return results.stream().map(NDArray::toFloatArray).toArray(float[][]::new);
        }
    }

    @Override
    public void run() {
        IValueUtils.forward(block, arguments, training).close();
    }

    @Override
    public void close() {
        block.close();
        manager.close();
    }
}
