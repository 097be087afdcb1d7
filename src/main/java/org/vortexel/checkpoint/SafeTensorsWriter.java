package org.vortexel.checkpoint;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;

/// Writes safetensors files: atomic, and the same bytes for the same tensors.
///
/// Tensors with wider numbers come first and otherwise stay in the order given, and the header is padded with
/// spaces to a multiple of 8 bytes, so every tensor begins at a multiple of its number's size.
public final class SafeTensorsWriter {
    private static final int CHUNK = 1 << 14;

    private SafeTensorsWriter() {}

    /// Writes the tensors to `path`, replacing what was there.
    ///
    /// @param tensors names must differ
    /// @param metadata free text for the header's `__metadata__`, in the order of its names
    /// @throws IllegalArgumentException when two tensors have one name, or `path` is a folder
    /// @throws UncheckedIOException when writing fails; the old file is then unchanged
    public static void write(Path path, Collection<? extends StoredTensor> tensors, Map<String, String> metadata) {
        Set<String> names = new HashSet<>(Set.of(SafeTensorsHeader.METADATA));
        for (StoredTensor tensor : tensors) {
            if (!names.add(tensor.name())) {
                throw new IllegalArgumentException(
                        "cannot write " + path + ": the name \"" + tensor.name() + "\" is taken");
            }
        }
        List<StoredTensor> ordered = tensors.stream()
                .<StoredTensor>map(tensor -> tensor)
                .sorted(Comparator.comparingInt(tensor -> -tensor.dtype().bytes()))
                .toList();
        AtomicFile.write(path, out -> {
            byte[] header = header(ordered, metadata);
            out.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            for (StoredTensor tensor : ordered) {
                writeData(out, tensor);
            }
        });
    }

    /// Writes all parameters of a model as F32.
    ///
    /// @param metadata free text for the header's `__metadata__`, in the order of its names
    public static void write(Path path, Weights weights, Map<String, String> metadata) {
        write(path, weights, StorageType.F32, metadata);
    }

    /// Writes all parameters of a model.
    ///
    /// @param type F32, F16 or BF16
    /// @param metadata free text for the header's `__metadata__`, in the order of its names
    public static void write(Path path, Weights weights, StorageType type, Map<String, String> metadata) {
        List<StoredTensor> tensors = new ArrayList<>();
        weights.asMap().forEach((name, array) -> tensors.add(StoredTensor.of(name, type, array)));
        write(path, tensors, metadata);
    }

    /// Writes some parameters of a model into a folder, which is made when it is not there.
    ///
    /// @param params which, in this order
    /// @param type F32, F16 or BF16
    /// @param metadata free text for the header's `__metadata__`, in the order of its names
    /// @throws UncheckedIOException when the folder cannot be made, or as the others
    public static void write(
            Path path, Params params, Weights weights, StorageType type, Map<String, String> metadata) {
        Path folder = path.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + folder + ": " + Reason.of(e), e);
        }
        List<StoredTensor> tensors = params.shapes().keySet().stream()
                .map(name -> StoredTensor.of(name, type, weights.get(name)))
                .toList();
        write(path, tensors, metadata);
    }

    private static byte[] header(List<StoredTensor> tensors, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.compactGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafeTensorsHeader.METADATA);
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) { // as Map.of has no order
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long begin = 0;
            for (StoredTensor tensor : tensors) {
                long end = begin + (long) tensor.shape().size() * tensor.dtype().bytes();
                json.writeObjectFieldStart(tensor.name());
                json.writeStringField("dtype", tensor.dtype().name());
                json.writeFieldName("shape");
                int[] sizes = tensor.shape().toArray();
                json.writeArray(sizes, 0, sizes.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {begin, end}, 0, 2);
                json.writeEndObject();
                begin = end;
            }
            json.writeEndObject();
        }
        while (bytes.size() % Long.BYTES != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }

    private static void writeData(OutputStream out, StoredTensor tensor) throws IOException {
        int width = tensor.dtype().bytes();
        byte[] bytes = new byte[CHUNK * width];
        ByteBuffer chunk = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int size = tensor.shape().size();
        for (int begin = 0; begin < size; begin += CHUNK) {
            int count = Math.min(CHUNK, size - begin);
            chunk.clear();
            switch (tensor) {
                case StoredTensor.Floats floats -> put(chunk, floats, begin, count);
                case StoredTensor.Ints ints -> chunk.asIntBuffer().put(ints.data(), begin, count);
                case StoredTensor.Longs longs -> chunk.asLongBuffer().put(longs.data(), begin, count);
            }
            out.write(bytes, 0, count * width);
        }
    }

    private static void put(ByteBuffer chunk, StoredTensor.Floats tensor, int begin, int count) {
        float[] data = tensor.data();
        switch (tensor.dtype()) {
            case F32 -> chunk.asFloatBuffer().put(data, begin, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    chunk.putShort(Float.floatToFloat16(data[begin + i]));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    chunk.putShort(StorageType.toBf16(data[begin + i]));
                }
            }
            case F64, I64, I32, I16, I8, U8, BOOL ->
                throw new IllegalStateException(tensor.dtype() + " does not hold floats");
        }
    }
}
