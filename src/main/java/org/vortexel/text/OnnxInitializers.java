package org.vortexel.text;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vortexel.checkpoint.WeightSource;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// The f32 initialisers of an ONNX model, under the names of the PyTorch layers they came from.
///
/// The exporter keeps the names of biases, norms and tables, but folds the transpose of each linear layer's weight into
/// an initialiser called, say, `onnx::MatMul_787`. The node that uses it still tells the layer: a MatMul named
/// `/encoder/layer.0/attention/self/query/MatMul` gives `encoder.layer.0.attention.self.query.weight`, transposed back
/// to (outputs, inputs). Initialisers of other types (position ids) are left out.
///
/// Only the few fields that matter are read, in one pass over the stream, so the message classes of ONNX are not
/// needed.
/// No length in the file is believed: bytes are taken as they arrive, and a tensor's shape must match their number.
///
/// Source: [onnx.proto](https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
public final class OnnxInitializers implements WeightSource {
    // Tags are (field number << 3 | wire type); wire type 0 is a varint, 2 has a length before it.
    private static final int MODEL_GRAPH = 7 << 3 | 2;
    private static final int GRAPH_NODE = 1 << 3 | 2;
    private static final int GRAPH_INITIALIZER = 5 << 3 | 2;
    private static final int NODE_INPUT = 1 << 3 | 2;
    private static final int NODE_NAME = 3 << 3 | 2;
    private static final int NODE_OP_TYPE = 4 << 3 | 2;
    private static final int TENSOR_DIM = 1 << 3;
    private static final int TENSOR_PACKED_DIMS = 1 << 3 | 2;
    private static final int TENSOR_DATA_TYPE = 2 << 3;
    private static final int TENSOR_FLOAT_DATA = 4 << 3 | 2;
    private static final int TENSOR_NAME = 8 << 3 | 2;
    private static final int TENSOR_RAW_DATA = 9 << 3 | 2;

    private static final int DATA_TYPE_FLOAT = 1;
    private static final int MAX_RANK = 32;
    private static final String FOLDED = "onnx::MatMul";
    private static final String MATMUL = "/MatMul";

    private final String source;
    private final CodedInputStream in;
    private final Map<String, String> layers = new HashMap<>();
    private final Map<String, NdArray> arrays = new LinkedHashMap<>();

    private OnnxInitializers(String source, CodedInputStream in) {
        this.source = source;
        this.in = in;
    }

    /// Reads a whole model.
    ///
    /// @param source the file or resource, for messages
    /// @throws WeightsException when the model is truncated or malformed
    public static OnnxInitializers read(String source, InputStream bytes) {
        CodedInputStream in = CodedInputStream.newInstance(bytes, 1 << 16);
        in.setSizeLimit(Integer.MAX_VALUE);
        OnnxInitializers model = new OnnxInitializers(source, in);
        try {
            model.readModel();
        } catch (IOException e) {
            throw WeightsException.file(source, "the ONNX model cannot be read: " + e.getMessage(), e);
        }
        model.unfold();
        return model;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(arrays.keySet());
    }

    @Override
    public Shape shape(String name) {
        return array(name).shape();
    }

    @Override
    public NdArray array(String name) {
        NdArray array = arrays.get(name);
        if (array == null) {
            throw WeightsException.tensor(source, name, "is not in the file");
        }
        return array;
    }

    private void readModel() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == MODEL_GRAPH) {
                nested(this::readGraph);
            } else {
                in.skipField(tag);
            }
        }
    }

    private void readGraph() throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case GRAPH_NODE -> nested(this::readNode);
                case GRAPH_INITIALIZER -> nested(this::readTensor);
                default -> in.skipField(tag);
            }
        }
    }

    private void readNode() throws IOException {
        List<String> inputs = new ArrayList<>();
        String name = "";
        String type = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case NODE_INPUT -> inputs.add(in.readStringRequireUtf8());
                case NODE_NAME -> name = in.readStringRequireUtf8();
                case NODE_OP_TYPE -> type = in.readStringRequireUtf8();
                default -> in.skipField(tag);
            }
        }
        if (type.equals("MatMul")
                && name.endsWith(MATMUL)
                && inputs.size() == 2
                && inputs.get(1).startsWith(FOLDED)) {
            String layer = name.substring(name.startsWith("/") ? 1 : 0, name.length() - MATMUL.length());
            layers.put(inputs.get(1), layer.replace('/', '.'));
        }
    }

    private void readTensor() throws IOException {
        List<Long> dims = new ArrayList<>();
        int type = 0;
        String name = "";
        byte[] data = {};
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case TENSOR_DIM -> dims.add(in.readInt64());
                case TENSOR_PACKED_DIMS ->
                    nested(() -> {
                        while (in.getBytesUntilLimit() > 0) {
                            dims.add(in.readInt64());
                        }
                    });
                case TENSOR_DATA_TYPE -> type = in.readInt32();
                case TENSOR_NAME -> name = in.readStringRequireUtf8();
                case TENSOR_FLOAT_DATA, TENSOR_RAW_DATA -> data = in.readByteArray();
                default -> in.skipField(tag);
            }
        }
        if (type == DATA_TYPE_FLOAT) {
            NdArray array = new NdArray(shape(name, dims, data.length), floats(data));
            if (arrays.put(name, array) != null) {
                throw WeightsException.tensor(source, name, "is there twice");
            }
        }
    }

    private Shape shape(String name, List<Long> dims, int bytes) {
        try {
            if (dims.size() <= MAX_RANK) {
                Shape shape = Shape.of(dims.stream().mapToInt(Math::toIntExact).toArray());
                if ((long) shape.size() * Float.BYTES == bytes) {
                    return shape;
                }
            }
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw WeightsException.tensor(source, name, "has impossible sizes " + dims);
        }
        throw WeightsException.tensor(source, name, "has sizes " + dims + " but " + bytes + " bytes of data");
    }

    private static float[] floats(byte[] data) {
        float[] floats = new float[data.length / Float.BYTES];
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }

    /// Gives every folded weight its layer's name and its own orientation.
    private void unfold() {
        List<String> folded =
                arrays.keySet().stream().filter(name -> name.startsWith(FOLDED)).toList();
        for (String name : folded) {
            NdArray array = array(name);
            arrays.remove(name);
            String layer = layers.get(name);
            if (layer == null || array.shape().rank() != 2) {
                throw WeightsException.tensor(source, name, "belongs to no linear layer");
            }
            if (arrays.put(layer + ".weight", transposed(array)) != null) {
                throw WeightsException.tensor(source, layer + ".weight", "is there twice");
            }
        }
    }

    private static NdArray transposed(NdArray array) {
        int rows = array.shape().dim(0);
        int columns = array.shape().dim(1);
        NdArray out = NdArray.zeros(Shape.of(columns, rows));
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                out.data()[j * rows + i] = array.data()[i * columns + j];
            }
        }
        return out;
    }

    /// Reads one embedded message, and nothing beyond it.
    private void nested(Body body) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        body.read();
        if (in.getBytesUntilLimit() != 0) {
            throw WeightsException.file(source, "the ONNX model ends in the middle");
        }
        in.popLimit(outer);
    }

    @FunctionalInterface
    private interface Body {
        void read() throws IOException;
    }
}
