package org.vortexel.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vortexel.tensor.Shape;

/// The JSON header of a safetensors file, parsed and checked.
///
/// Everything a tensor will later cost is bounded here, before anything is allocated for it: known dtype, sizes that
/// are not negative, a product that fits one Java array and equals the bytes given to it, and byte ranges that tile the
/// data exactly, without overlap, gap or rest.
///
/// Source: the format description at <https://github.com/huggingface/safetensors>.
///
/// @param metadata the `__metadata__` entry, empty when the file has none
/// @param tensors by name, in the header's order
record SafeTensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors) {
    static final String METADATA = "__metadata__";

    private static final int MAX_RANK = 32;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(4)
                    .maxNumberLength(32)
                    .build())
            .build();

    /// Parses the header's bytes.
    ///
    /// @param source the file, for messages
    /// @param utf8 the header without its length prefix
    /// @param dataBytes how many bytes follow the header in the file
    static SafeTensorsHeader parse(String source, ByteBuffer utf8, long dataBytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw WeightsException.file(source, "the header is not UTF-8 text", e);
        }
        if (!text.startsWith("{")) {
            throw WeightsException.file(source, "the header does not begin with '{', so this is no safetensors file");
        }
        try (JsonParser json = JSON.createParser(text)) {
            SafeTensorsHeader header = new Parser(source, json, dataBytes).header();
            requireExactTiling(source, header.tensors.values(), dataBytes);
            return header;
        } catch (JsonProcessingException e) {
            throw WeightsException.file(
                    source, "the header is not valid JSON: " + Json.oneLine(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw WeightsException.file(source, "the header cannot be read: " + e.getMessage(), e);
        }
    }

    private static void requireExactTiling(String source, Iterable<TensorInfo> tensors, long dataBytes) {
        List<TensorInfo> byPlace = new ArrayList<>();
        tensors.forEach(byPlace::add);
        byPlace.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long place = 0;
        for (TensorInfo tensor : byPlace) {
            if (tensor.begin() < place) {
                throw WeightsException.tensor(
                        source, tensor.name(), "begins at byte " + tensor.begin() + " and overlaps the one before it");
            }
            if (tensor.begin() > place) {
                throw WeightsException.tensor(
                        source,
                        tensor.name(),
                        "begins at byte " + tensor.begin() + " and leaves " + (tensor.begin() - place)
                                + " bytes before it that belong to no tensor");
            }
            place = tensor.end();
        }
        if (place != dataBytes) {
            throw WeightsException.file(
                    source, "the last " + (dataBytes - place) + " bytes of the file belong to no tensor");
        }
    }

    /// One pass over the tokens of one header.
    private record Parser(String source, JsonParser json, long dataBytes) {
        SafeTensorsHeader header() throws IOException {
            Map<String, String> metadata = Map.of();
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            json.nextToken();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals(METADATA)) {
                    metadata = metadata();
                } else {
                    tensors.put(name, tensor(name));
                }
            }
            if (json.nextToken() != null) {
                throw WeightsException.file(source, "the header goes on after its closing brace");
            }
            return new SafeTensorsHeader(metadata, Collections.unmodifiableMap(tensors));
        }

        private Map<String, String> metadata() throws IOException {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw WeightsException.file(source, METADATA + " is not an object");
            }
            Map<String, String> metadata = new LinkedHashMap<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    throw WeightsException.file(
                            source, METADATA + " entry \"" + WeightsException.shorten(key) + "\" is not a string");
                }
                metadata.put(key, json.getText());
            }
            return Collections.unmodifiableMap(metadata);
        }

        private TensorInfo tensor(String name) throws IOException {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw WeightsException.tensor(source, name, "is described by something that is not an object");
            }
            StorageType dtype = null;
            long[] sizes = null;
            long[] offsets = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "dtype" -> dtype = dtype(name);
                    case "shape" -> sizes = wholeNumbers(name, "shape", MAX_RANK);
                    case "data_offsets" -> offsets = wholeNumbers(name, "data_offsets", 2);
                    default ->
                        throw WeightsException.tensor(
                                source, name, "has an unknown field \"" + WeightsException.shorten(key) + "\"");
                }
            }
            if (dtype == null || sizes == null || offsets == null) {
                String missing = dtype == null ? "dtype" : sizes == null ? "shape" : "data_offsets";
                throw WeightsException.tensor(source, name, "has no " + missing);
            }
            return checked(name, dtype, sizes, offsets);
        }

        private StorageType dtype(String name) throws IOException {
            String text = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
            for (StorageType dtype : StorageType.values()) {
                if (dtype.name().equals(text)) {
                    return dtype;
                }
            }
            throw WeightsException.tensor(
                    source,
                    name,
                    "has dtype \"" + WeightsException.shorten(text) + "\" but only " + StorageType.known()
                            + " can be read");
        }

        private long[] wholeNumbers(String name, String field, int limit) throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw WeightsException.tensor(source, name, "has a " + field + " that is not a list");
            }
            long[] numbers = new long[limit];
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (count == limit) {
                    throw WeightsException.tensor(source, name, "has more than " + limit + " numbers in its " + field);
                }
                boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                        && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                if (!whole || json.getLongValue() < 0) {
                    throw WeightsException.tensor(
                            source,
                            name,
                            "has " + WeightsException.shorten(json.getText()) + " in its " + field
                                    + " where a whole number from 0 to 2^63 - 1 belongs");
                }
                numbers[count++] = json.getLongValue();
            }
            return Arrays.copyOf(numbers, count);
        }

        private TensorInfo checked(String name, StorageType dtype, long[] sizes, long[] offsets) {
            if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
                throw WeightsException.tensor(
                        source,
                        name,
                        "has data_offsets " + Arrays.toString(offsets) + " outside the file's " + dataBytes
                                + " bytes of data");
            }
            Shape shape;
            try {
                shape = Shape.of(Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray());
            } catch (ArithmeticException | IllegalArgumentException e) {
                throw WeightsException.tensor(
                        source, name, "has shape " + Arrays.toString(sizes) + ", more than one Java array can hold");
            }
            long bytes = (long) shape.size() * dtype.bytes();
            if (bytes != offsets[1] - offsets[0]) {
                throw WeightsException.tensor(
                        source,
                        name,
                        "has shape " + shape + " in " + dtype + ", which takes " + bytes + " bytes, but "
                                + (offsets[1] - offsets[0]) + " bytes of data");
            }
            return new TensorInfo(name, dtype, shape, offsets[0], offsets[1]);
        }
    }
}
