package org.vortexel.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class OnnxInitializersTest {
    @FunctionalInterface
    private interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.writeTo(out);
        out.flush();
        return bytes.toByteArray();
    }

    private static byte[] tensor(String name, int type, int dataField, long[] dims, float... data) throws IOException {
        ByteBuffer raw = ByteBuffer.allocate(4 * data.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(data);
        return message(out -> {
            for (long dim : dims) {
                out.writeInt64(1, dim);
            }
            out.writeInt32(2, type);
            out.writeByteArray(dataField, raw.array());
            out.writeString(8, name);
        });
    }

    private static byte[] matMul(String name, String weight) throws IOException {
        return message(out -> {
            out.writeString(1, "x");
            out.writeString(1, weight);
            out.writeString(2, "y");
            out.writeString(3, name);
            out.writeString(4, "MatMul");
        });
    }

    private static byte[] model(Fields graph) throws IOException {
        byte[] body = message(graph);
        return message(out -> {
            out.writeInt64(1, 6);
            out.writeByteArray(7, body);
            out.writeString(2, "test");
        });
    }

    private static OnnxInitializers read(byte[] model) {
        return OnnxInitializers.read("m.onnx", new ByteArrayInputStream(model));
    }

    private static byte[] good() throws IOException {
        return model(graph -> {
            graph.writeByteArray(1, matMul("/layer.0/query/MatMul", "onnx::MatMul_7"));
            graph.writeByteArray(5, tensor("layer.0.query.bias", 1, 4, new long[] {2}, 8, 9));
            graph.writeByteArray(5, tensor("ids", 7, 9, new long[] {1}, 0, 0));
            graph.writeByteArray(5, tensor("onnx::MatMul_7", 1, 9, new long[] {3, 2}, 1, 2, 3, 4, 5, 6));
        });
    }

    @Test
    void foldedWeightsGetTheirLayersNameAndOrientation() throws IOException {
        OnnxInitializers model = read(good());
        assertEquals(Set.of("layer.0.query.bias", "layer.0.query.weight"), model.names());
        assertEquals(NdArray.of(Shape.of(2), 8, 9), model.array("layer.0.query.bias"));
        assertEquals(NdArray.of(Shape.of(2, 3), 1, 3, 5, 2, 4, 6), model.array("layer.0.query.weight"));
        assertThrows(WeightsException.class, () -> model.array("onnx::MatMul_7"));
    }

    @Test
    void packedSizesAreRead() throws IOException {
        byte[] packed = message(out -> {
            out.writeByteArray(1, new byte[] {1, 2});
            out.writeInt32(2, 1);
            out.writeByteArray(9, new byte[8]);
            out.writeString(8, "w");
        });
        assertEquals(
                Shape.of(1, 2),
                read(model(graph -> graph.writeByteArray(5, packed))).shape("w"));
    }

    @Test
    void everyTruncationInsideTheGraphIsRefused() throws IOException {
        byte[] good = good();
        int afterGraph = 6;
        for (int length = 3; length < good.length - afterGraph; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThrows(WeightsException.class, () -> read(cut), "at " + length);
        }
    }

    @Test
    void randomDamageGivesAModelOrASentence() throws IOException {
        byte[] good = good();
        Random random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = good.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                read(damaged);
            } catch (WeightsException e) {
                refused++;
            }
        }
        assertTrue(refused > 5_000, "only " + refused + " refused");
    }

    @Test
    void lengthsThatLieAreRefused() throws IOException {
        byte[] huge = message(out -> {
            out.writeTag(7, 2);
            out.writeUInt32NoTag(Integer.MAX_VALUE);
        });
        assertThrows(WeightsException.class, () -> read(huge));
        byte[] hugeTensor = model(graph -> {
            graph.writeTag(5, 2);
            graph.writeUInt32NoTag(1 << 30);
            graph.writeTag(9, 2);
            graph.writeUInt32NoTag(1 << 29);
        });
        assertThrows(WeightsException.class, () -> read(hugeTensor));
    }

    @Test
    void impossibleTensorsAreNamed() throws IOException {
        long[][] sizes = {{3}, {-2}, {1L << 40, 1L << 40}, {1 << 16, 1 << 16}, new long[40]};
        for (long[] dims : sizes) {
            byte[] bad = model(graph -> graph.writeByteArray(5, tensor("w", 1, 9, dims, 1, 2)));
            String message =
                    assertThrows(WeightsException.class, () -> read(bad)).getMessage();
            assertTrue(message.startsWith("m.onnx: tensor \"w\" has "), message);
        }
    }

    @Test
    void aFoldedWeightWithoutALayerAndADuplicateAreRefused() throws IOException {
        byte[] orphan = model(graph -> graph.writeByteArray(5, tensor("onnx::MatMul_1", 1, 9, new long[] {1, 1}, 1)));
        assertThrows(WeightsException.class, () -> read(orphan));
        byte[] twice = model(graph -> {
            graph.writeByteArray(5, tensor("w", 1, 9, new long[] {1}, 1));
            graph.writeByteArray(5, tensor("w", 1, 9, new long[] {1}, 1));
        });
        assertThrows(WeightsException.class, () -> read(twice));
    }
}
