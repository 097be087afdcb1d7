package org.vortexel.eval;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.vortexel.checkpoint.WeightSource;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// The weights of a TensorFlow.js layers model that was packed into two scripts: one holds the model's description as
/// a JavaScript literal, the other all weights as one Base64 string.
///
/// The description's `weightsManifest` lists the arrays in the order of their bytes. Each is stored as bytes `q` with
/// `value = q · scale + min`, worked out in double and rounded to float, as TensorFlow.js does.
///
/// No script is run, and no size is believed: the bytes that the list wants must be exactly those that are there
/// before any array is made.
///
/// Source: tensorflow/tfjs, `tfjs-core/src/io/io_utils.ts`, `decodeWeights`.
final class TfjsModel implements WeightSource {
    private static final String MANIFEST = "weightsManifest:";
    private static final String EXPORTS = ".exports=\"";
    private static final int MAX_SCRIPT = 64 << 20;
    private static final int MAX_ARRAYS = 100_000;
    private static final int MAX_RANK = 8;

    /// A literal of JavaScript as minifiers write it: names without quotes, `.5` for `0.5`.
    private static final JsonMapper LITERALS = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
            .build();

    /// Where an array lies and how it is to be read.
    private record Stored(Shape shape, int offset, double min, double scale) {}

    private final String source;
    private final Map<String, Stored> arrays = new LinkedHashMap<>();
    private final byte[] bytes;

    private TfjsModel(String source, byte[] bytes) {
        this.source = source;
        this.bytes = bytes;
    }

    /// Reads the two scripts.
    ///
    /// @param source where they are from, for messages
    /// @param model the script with the description
    /// @param weights the script with the bytes
    /// @throws WeightsException when one is not what it should be
    static TfjsModel read(String source, byte[] model, byte[] weights) {
        if (model.length > MAX_SCRIPT || weights.length > MAX_SCRIPT) {
            throw WeightsException.file(source, "a script has more than " + MAX_SCRIPT + " bytes");
        }
        TfjsModel read = new TfjsModel(source, decoded(source, weights));
        read.list(manifest(source, model));
        return read;
    }

    private static byte[] decoded(String source, byte[] script) {
        String text = new String(script, StandardCharsets.ISO_8859_1);
        int begin = text.indexOf(EXPORTS) + EXPORTS.length();
        int end = text.indexOf('"', begin);
        if (begin < EXPORTS.length() || end < 0) {
            throw WeightsException.file(source, "the script of weights holds no string");
        }
        try {
            return Base64.getDecoder().decode(text.substring(begin, end));
        } catch (IllegalArgumentException e) {
            throw WeightsException.file(source, "the string of weights is not Base64: " + e.getMessage(), e);
        }
    }

    private static JsonNode manifest(String source, byte[] script) {
        String text = new String(script, StandardCharsets.UTF_8);
        int begin = text.indexOf(MANIFEST);
        if (begin < 0) {
            throw WeightsException.file(source, "the description of the model has no " + MANIFEST);
        }
        // A parser reads the one value that begins here and leaves the rest of the script alone.
        try (JsonParser parser = LITERALS.createParser(text.substring(begin + MANIFEST.length()))) {
            JsonNode groups = LITERALS.readTree(parser);
            if (groups == null || groups.size() != 1) {
                throw WeightsException.file(source, "the list of weights should have one group");
            }
            return groups.path(0).path("weights");
        } catch (IOException e) {
            throw WeightsException.file(source, "the list of weights cannot be read", e);
        }
    }

    private void list(JsonNode entries) {
        if (entries.size() > MAX_ARRAYS) {
            throw WeightsException.file(source, "the list of weights has more than " + MAX_ARRAYS + " entries");
        }
        long offset = 0;
        for (JsonNode entry : entries) {
            String name = entry.path("name").asText();
            JsonNode quantization = entry.path("quantization");
            double min = quantization.path("min").asDouble(Double.NaN);
            double scale = quantization.path("scale").asDouble(Double.NaN);
            if (!quantization.path("dtype").asText().equals("uint8")
                    || !Double.isFinite(min)
                    || !Double.isFinite(scale)) {
                throw WeightsException.tensor(source, name, "is not stored as bytes with a scale");
            }
            Shape shape = shape(name, entry.path("shape"));
            if (offset + shape.size() > bytes.length) {
                throw WeightsException.tensor(source, name, "lies beyond the " + bytes.length + " bytes of weights");
            }
            if (arrays.put(name, new Stored(shape, (int) offset, min, scale)) != null) {
                throw WeightsException.tensor(source, name, "is there twice");
            }
            offset += shape.size();
        }
        if (offset != bytes.length) {
            throw WeightsException.file(
                    source, "the list of weights wants " + offset + " bytes but there are " + bytes.length);
        }
    }

    private Shape shape(String name, JsonNode sizes) {
        int[] dims = new int[Math.min(sizes.size(), MAX_RANK)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = sizes.path(i).isInt() ? sizes.path(i).intValue() : -1;
        }
        try {
            if (sizes.isArray() && sizes.size() <= MAX_RANK) {
                return Shape.of(dims);
            }
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw WeightsException.tensor(source, name, "has an impossible shape");
        }
        throw WeightsException.tensor(source, name, "has no shape");
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
        return stored(name).shape();
    }

    @Override
    public NdArray array(String name) {
        Stored stored = stored(name);
        NdArray array = NdArray.zeros(stored.shape());
        for (int i = 0; i < array.data().length; i++) {
            array.data()[i] = (float) ((bytes[stored.offset() + i] & 0xFF) * stored.scale() + stored.min());
        }
        return array;
    }

    private Stored stored(String name) {
        Stored stored = arrays.get(name);
        if (stored == null) {
            throw WeightsException.tensor(source, name, "is not in the model");
        }
        return stored;
    }
}
