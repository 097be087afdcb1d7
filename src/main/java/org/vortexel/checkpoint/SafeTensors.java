package org.vortexel.checkpoint;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A safetensors file, open for reading. Opening maps the file and checks its header; a tensor is copied and widened
/// only when it is asked for. May be shared between threads; close it when the weights are copied.
///
/// ```java
/// try (SafeTensors file = SafeTensors.open(path)) {
///     NdArray weight = file.array("blocks.0.attn.qkv.weight");
/// }
/// ```
///
/// Layout: 8 bytes with the header's length (little-endian), the header (JSON, at most 100 MB), then the
/// tensors' bytes, row-major and little-endian. Source: <https://github.com/huggingface/safetensors>.
public final class SafeTensors implements WeightSource, AutoCloseable {
    private static final long MAX_HEADER = 100_000_000;
    private static final int ZIP = 0x04034b50;
    private static final int PICKLE = 0x0280; // protocol 2, low byte first

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String source;
    private final Arena arena;
    private final MemorySegment data;
    private final SafeTensorsHeader header;

    private SafeTensors(String source, Arena arena, MemorySegment data, SafeTensorsHeader header) {
        this.source = source;
        this.arena = arena;
        this.data = data;
        this.header = header;
    }

    /// A file of PyTorch is a program in the pickle language as much as it is numbers: it is not
    /// run here.
    private static void refusePyTorch(String source, MemorySegment file) {
        int begin = file.get(INT, 0);
        boolean pickle = (begin & 0xFFFF) == PICKLE && source.matches(".*\\.(pt|pth|bin|ckpt)");
        boolean zip = begin == ZIP && file.get(INT, Integer.BYTES) != 0; // else a header of 67 MB
        if (zip || pickle) {
            String converted = source.replaceFirst("\\.[^./\\\\]*$", "") + ".safetensors";
            throw WeightsException.file(
                    source,
                    "this is a PyTorch file, which can hold programs and is not read; convert it where PyTorch is:"
                            + " python -c \"import torch, safetensors.torch as s; d = torch.load('" + source
                            + "', map_location='cpu', weights_only=True); d = d.get('model', d);"
                            + " s.save_file({k: v.contiguous() for k, v in d.items()}, '" + converted + "')\"");
        }
    }

    /// Opens a file and checks its whole header.
    ///
    /// @throws WeightsException when there is no such file, or it is truncated, malformed or hostile
    @SuppressWarnings("MustBeClosedChecker") // the arena is closed with the SafeTensors that is returned
    public static SafeTensors open(Path path) {
        String source = path.toString();
        if (!Files.isRegularFile(path)) {
            throw WeightsException.file(source, Files.exists(path) ? "this is not a file" : "there is no such file");
        }
        @SuppressWarnings("MustBeClosed") // by close(), or below when opening fails
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw WeightsException.file(source, "the file has " + size + " bytes, too few for a header");
            }
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            refusePyTorch(source, file);
            long length = file.get(LONG, 0);
            long room = Math.min(size - Long.BYTES, MAX_HEADER);
            if (Long.compareUnsigned(length, room) > 0) {
                throw WeightsException.file(
                        source,
                        "the header is said to have " + Long.toUnsignedString(length) + " bytes but at most " + room
                                + " are possible");
            }
            MemorySegment data = file.asSlice(Long.BYTES + length);
            SafeTensorsHeader header = SafeTensorsHeader.parse(
                    source, file.asSlice(Long.BYTES, length).asByteBuffer(), data.byteSize());
            opened = true;
            return new SafeTensors(source, arena, data, header);
        } catch (IOException e) {
            throw WeightsException.file(source, "the file cannot be read: " + Reason.of(e), e);
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    @Override
    public String source() {
        return source;
    }

    /// The names of the tensors, in the header's order.
    @Override
    public Set<String> names() {
        return header.tensors().keySet();
    }

    /// The free text of the header, `__metadata__`; empty when the file has none.
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /// What the header says of one tensor.
    ///
    /// @throws WeightsException when the file has no such tensor
    public TensorInfo info(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw WeightsException.tensor(source, name, "is not in the file");
        }
        return info;
    }

    @Override
    public Shape shape(String name) {
        return info(name).shape();
    }

    /// A copy of a tensor stored as F32, F16 or BF16, widened to float.
    @Override
    public NdArray array(String name) {
        return new NdArray(info(name).shape(), floats(name));
    }

    /// A copy of the numbers of a tensor stored as F32, F16 or BF16, row-major, widened to float.
    ///
    /// @throws WeightsException when there is no such tensor, or it is stored as something else
    public float[] floats(String name) {
        TensorInfo info = info(name);
        MemorySegment bytes = bytes(info);
        float[] out = new float[info.shape().size()];
        switch (info.dtype()) {
            case F32 -> MemorySegment.copy(bytes, FLOAT, 0, out, 0, out.length);
            case F16 -> {
                for (int i = 0; i < out.length; i++) {
                    out[i] = Float.float16ToFloat(bytes.getAtIndex(SHORT, i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < out.length; i++) {
                    out[i] = StorageType.fromBf16(bytes.getAtIndex(SHORT, i));
                }
            }
            case F64, I64, I32, I16, I8, U8, BOOL -> throw wrongType(info, "F32, F16 or BF16");
        }
        return out;
    }

    /// A copy of the numbers of a tensor of any floating dtype, row-major, widened to double.
    ///
    /// @throws WeightsException when there is no such tensor, or it holds whole numbers
    public double[] doubles(String name) {
        TensorInfo info = info(name);
        if (info.dtype() == StorageType.F64) {
            double[] out = new double[info.shape().size()];
            MemorySegment.copy(bytes(info), DOUBLE, 0, out, 0, out.length);
            return out;
        }
        float[] floats = floats(name);
        double[] out = new double[floats.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = floats[i];
        }
        return out;
    }

    /// A copy of the numbers of a tensor of any integer dtype (BOOL gives 0 and 1), row-major, widened to long.
    ///
    /// @throws WeightsException when there is no such tensor, or it holds floating-point numbers
    public long[] longs(String name) {
        TensorInfo info = info(name);
        MemorySegment bytes = bytes(info);
        long[] out = new long[info.shape().size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = switch (info.dtype()) {
                case I64 -> bytes.getAtIndex(LONG, i);
                case I32 -> bytes.getAtIndex(INT, i);
                case I16 -> bytes.getAtIndex(SHORT, i);
                case I8 -> bytes.get(ValueLayout.JAVA_BYTE, i);
                case U8 -> Byte.toUnsignedLong(bytes.get(ValueLayout.JAVA_BYTE, i));
                case BOOL -> bytes.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
                case F64, F32, F16, BF16 -> throw wrongType(info, "I64, I32, I16, I8, U8 or BOOL");
            };
        }
        return out;
    }

    /// [#longs(String)] as `int[]`, for ids and labels.
    ///
    /// @throws WeightsException also when a number does not fit an `int`
    public int[] ints(String name) {
        long[] longs = longs(name);
        int[] out = new int[longs.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (int) longs[i];
            if (out[i] != longs[i]) {
                throw WeightsException.tensor(source, name, "holds " + longs[i] + ", which does not fit 32 bits");
            }
        }
        return out;
    }

    /// Unmaps the file; copies taken from it stay valid.
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private MemorySegment bytes(TensorInfo info) {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(source + " is closed");
        }
        return data.asSlice(info.begin(), info.bytes());
    }

    private WeightsException wrongType(TensorInfo info, String wanted) {
        return WeightsException.mismatch(source, info.name(), "dtype", wanted, info.dtype());
    }
}
