package org.vortexel.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Writes an ONNX model of one node, `x` in, `y` out. Field numbers are those of `onnx.proto`.
final class OnnxModel {
    private static final int FLOAT = 1;

    private OnnxModel() {}

    /// The model of a piece of work, as the bytes of a file.
    ///
    /// @throws IllegalArgumentException for work that is not one node
    static byte[] of(Work work) {
        return switch (work.kind()) {
            case "matmul" -> model(
                    node("MatMul", "x", "w"), tensor("w", Peer.normal(work.size(1) * work.size(2)), work.size(2), work.size(1)));
            case "layernorm" -> model(
                    node("LayerNormalization", "x", "w"), tensor("w", ones(work.size(1)), work.size(1)));
            case "softmax" -> model(node("Softmax", "x"));
            case "gelu" -> model(node("Gelu", "x"));
            default -> throw new IllegalArgumentException("ONNX has no single node for " + work.kind());
        };
    }

    private static float[] ones(int count) {
        float[] x = new float[count];
        java.util.Arrays.fill(x, 1);
        return x;
    }

    private static byte[] model(byte[] node, byte[]... initializers) {
        return message(model -> {
            model.writeInt64(1, 9); // IR version
            model.writeByteArray(7, message(graph -> {
                graph.writeByteArray(1, node);
                graph.writeString(2, "work");
                for (byte[] initializer : initializers) {
                    graph.writeByteArray(5, initializer);
                }
                graph.writeByteArray(11, value("x"));
                graph.writeByteArray(12, value("y"));
            }));
            model.writeByteArray(8, message(opset -> opset.writeInt64(2, 20)));
        });
    }

    private static byte[] node(String op, String... inputs) {
        return message(node -> {
            for (String input : inputs) {
                node.writeString(1, input);
            }
            node.writeString(2, "y");
            node.writeString(4, op);
        });
    }

    /// A value of floats whose two sizes are left open.
    private static byte[] value(String name) {
        byte[] shape = message(s -> {
            s.writeByteArray(1, message(dim -> dim.writeBytes(2, ByteString.copyFrom(name + 0, StandardCharsets.UTF_8))));
            s.writeByteArray(1, message(dim -> dim.writeBytes(2, ByteString.copyFrom(name + 1, StandardCharsets.UTF_8))));
        });
        byte[] type = message(t -> {
            t.writeInt32(1, FLOAT);
            t.writeByteArray(2, shape);
        });
        return message(v -> {
            v.writeString(1, name);
            v.writeByteArray(2, message(t -> t.writeByteArray(1, type)));
        });
    }

    private static byte[] tensor(String name, float[] values, long... sizes) {
        ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return message(t -> {
            for (long size : sizes) {
                t.writeInt64(1, size);
            }
            t.writeInt32(2, FLOAT);
            t.writeString(8, name);
            t.writeByteArray(9, raw.array());
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
