package org.vortexel.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.vortexel.tensor.NdArray;

/// An ONNX model in the making. Field numbers are those of `onnx.proto`.
final class OnnxGraph {
    /// The domain of ONNX Runtime's own operators.
    static final String MICROSOFT = "com.microsoft";

    private static final int FLOAT = 1;
    private static final int INT32 = 6;
    private static final int INT64 = 7;

    private final List<byte[]> nodes = new ArrayList<>();
    private final List<byte[]> initializers = new ArrayList<>();
    private final List<byte[]> inputs = new ArrayList<>();
    private final List<byte[]> outputs = new ArrayList<>();
    private int names;

    /// A name that nothing has yet.
    String fresh() {
        return "v" + names++;
    }

    /// Adds a node of one output and gives the output's name.
    String node(String op, List<String> in, Map<String, ?> attributes) {
        String out = fresh();
        node("", op, in, List.of(out), attributes);
        return out;
    }

    String node(String op, String... in) {
        return node(op, List.of(in), Map.of());
    }

    /// Adds a node.
    ///
    /// @param attributes an `Integer`, `Float`, `String` or `int[]` each
    void node(String domain, String op, List<String> in, List<String> out, Map<String, ?> attributes) {
        nodes.add(message(node -> {
            for (String name : in) {
                node.writeString(1, name);
            }
            for (String name : out) {
                node.writeString(2, name);
            }
            node.writeString(4, op);
            for (Map.Entry<String, ?> attribute : attributes.entrySet()) {
                node.writeByteArray(5, attribute(attribute.getKey(), attribute.getValue()));
            }
            node.writeString(7, domain);
        }));
    }

    private static byte[] attribute(String name, Object value) {
        return message(a -> {
            a.writeString(1, name);
            switch (value) {
                case Float f -> {
                    a.writeFloat(2, f);
                    a.writeInt32(20, 1);
                }
                case Integer i -> {
                    a.writeInt64(3, i);
                    a.writeInt32(20, 2);
                }
                case String s -> {
                    a.writeBytes(4, ByteString.copyFromUtf8(s));
                    a.writeInt32(20, 3);
                }
                case int[] all -> {
                    for (int i : all) {
                        a.writeInt64(8, i);
                    }
                    a.writeInt32(20, 7);
                }
                default -> throw new IllegalArgumentException("no attribute of " + value.getClass());
            }
        });
    }

    /// Adds constant floats.
    String constant(NdArray values) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.data().length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values.data());
        return constant(FLOAT, values.shape().toArray(), raw);
    }

    /// A constant number.
    String constant(float value) {
        return constant(NdArray.scalar(value));
    }

    /// Adds constant integers, as shapes are.
    String integers(int... values) {
        ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            raw.putLong(value);
        }
        return constant(INT64, new int[] {values.length}, raw);
    }

    private String constant(int type, int[] sizes, ByteBuffer raw) {
        String name = fresh();
        initializers.add(message(t -> {
            for (int size : sizes) {
                t.writeInt64(1, size);
            }
            t.writeInt32(2, type);
            t.writeString(8, name);
            t.writeByteArray(9, raw.array());
        }));
        return name;
    }

    /// Declares an input; a size of -1 is open.
    void input(String name, boolean ids, int... sizes) {
        byte[] shape = message(s -> {
            for (int i = 0; i < sizes.length; i++) {
                int at = i;
                s.writeByteArray(1, message(dim -> {
                    if (sizes[at] < 0) {
                        dim.writeString(2, "open");
                    } else {
                        dim.writeInt64(1, sizes[at]);
                    }
                }));
            }
        });
        inputs.add(value(name, ids ? INT32 : FLOAT, shape));
    }

    /// Declares an output of floats.
    void output(String name) {
        outputs.add(value(name, FLOAT, null));
    }

    private static byte[] value(String name, int type, byte[] shape) {
        byte[] tensor = message(t -> {
            t.writeInt32(1, type);
            if (shape != null) {
                t.writeByteArray(2, shape);
            }
        });
        return message(v -> {
            v.writeString(1, name);
            v.writeByteArray(2, message(t -> t.writeByteArray(1, tensor)));
        });
    }

    /// The file.
    byte[] bytes() {
        return message(model -> {
            model.writeInt64(1, 9); // IR version
            model.writeByteArray(7, message(graph -> {
                for (byte[] node : nodes) {
                    graph.writeByteArray(1, node);
                }
                graph.writeString(2, "work");
                for (byte[] initializer : initializers) {
                    graph.writeByteArray(5, initializer);
                }
                for (byte[] input : inputs) {
                    graph.writeByteArray(11, input);
                }
                for (byte[] output : outputs) {
                    graph.writeByteArray(12, output);
                }
            }));
            model.writeByteArray(8, message(opset -> opset.writeInt64(2, 20)));
            model.writeByteArray(8, message(opset -> {
                opset.writeString(1, MICROSOFT);
                opset.writeInt64(2, 1);
            }));
        });
    }

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
