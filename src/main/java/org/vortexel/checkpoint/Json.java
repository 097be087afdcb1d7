package org.vortexel.checkpoint;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Records as JSON files: configs, recipes, plans.
///
/// Strict on the way in: a component that the JSON lacks, a field that the record lacks, a duplicate, `null` or
/// a fraction where a whole number belongs are each one clear sentence with the file's name. A record component
/// whose type is `@Nullable` may be left out or `null`; all others are required. What a compact constructor
/// refuses is reported in its own words.
public final class Json {
    private static final long MAX_FILE = 64L << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .annotationIntrospector(new RequiredUnlessNullable())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            // a record is its components; what its methods work out is not written
            .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            // a new optional component changes no text
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .enable(SerializationFeature.INDENT_OUTPUT)
            .defaultPrettyPrinter(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
            .build();

    private Json() {}

    /// Reads a file as a record.
    ///
    /// @throws WeightsException when the file is not there, is larger than 64 MB, or does not fit the record
    public static <T> T read(Path path, Class<T> type) {
        String source = path.toString();
        if (!Files.isRegularFile(path)) {
            throw WeightsException.file(source, Files.exists(path) ? "this is not a file" : "there is no such file");
        }
        String text;
        try {
            long size = Files.size(path);
            if (size > MAX_FILE) {
                throw WeightsException.file(source, "the file has " + size + " bytes, more than " + MAX_FILE);
            }
            text = Files.readString(path);
        } catch (IOException e) {
            throw WeightsException.file(source, "the file cannot be read as UTF-8 text: " + Reason.of(e), e);
        }
        return parse(source, text, type);
    }

    /// Reads JSON text as a record.
    ///
    /// @param source where the text is from, for messages
    /// @throws WeightsException when the text does not fit the record
    public static <T> T parse(String source, String text, Class<T> type) {
        try {
            T value = MAPPER.readValue(text, type);
            if (value == null) {
                throw WeightsException.file(source, "null stands where an object belongs");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw WeightsException.file(source, sentence(e), e);
        }
    }

    /// A record as indented JSON text that ends with a line break.
    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    value.getClass().getSimpleName() + " cannot be written as JSON: " + oneLine(e.getOriginalMessage()),
                    e);
        }
    }

    /// Writes a record as an indented JSON file; see [AtomicFile#write].
    public static void write(Path path, Object value) {
        byte[] bytes = text(value).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(path, out -> out.write(bytes));
    }

    /// A generator without indentation, for headers.
    static JsonGenerator compactGenerator(OutputStream out) throws IOException {
        return MAPPER.getFactory().createGenerator(out);
    }

    /// The first line of a parser's message, short enough for one sentence and without its advice to programmers.
    static String oneLine(@Nullable String message) {
        String first =
                message == null ? "no details" : message.lines().findFirst().orElse("");
        String line = first.replaceAll("org\\.vortexel\\.[a-z.]*", "")
                .replaceFirst(" \\((but|for POJO property|start marker) .*", "");
        return line.length() <= 300 ? line : line.substring(0, 297) + "...";
    }

    private static String sentence(JsonProcessingException e) {
        String place = e instanceof JsonMappingException mapping ? path(mapping) : "";
        if (e instanceof UnrecognizedPropertyException unknown) {
            String known = unknown.getKnownPropertyIds() == null
                    ? ""
                    : unknown.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .collect(Collectors.joining(", ", "; known are ", ""));
            return "unknown field \"" + place + "\"" + known;
        }
        if (oneLine(e.getOriginalMessage()).startsWith("Missing required creator property")) {
            return "the field \"" + place + "\" is missing";
        }
        Throwable cause = e.getCause();
        String problem = cause instanceof IllegalArgumentException && cause.getMessage() != null
                ? cause.getMessage()
                : oneLine(e.getOriginalMessage());
        String line = e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
        return (place.isEmpty() ? "" : "field \"" + place + "\": ") + problem + line;
    }

    /// `sampler.steps`, `layers[2].width`.
    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.toString();
    }

    /// Makes every record component required and non-null unless its type says `@Nullable`.
    private static final class RequiredUnlessNullable extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
            return isRecordComponent(member) ? Boolean.valueOf(!isNullable(member)) : super.hasRequiredMarker(member);
        }

        @Override
        public JsonSetter.Value findSetterInfo(Annotated member) {
            return isRecordComponent(member) && !isNullable((AnnotatedParameter) member)
                    ? JsonSetter.Value.forValueNulls(Nulls.FAIL)
                    : super.findSetterInfo(member);
        }

        private static boolean isRecordComponent(Annotated member) {
            return member instanceof AnnotatedParameter parameter
                    && parameter.getDeclaringClass().isRecord()
                    && parameter.getOwner().getAnnotated() instanceof java.lang.reflect.Constructor<?>;
        }

        private static boolean isNullable(AnnotatedMember member) {
            int index = ((AnnotatedParameter) member).getIndex();
            return member.getDeclaringClass()
                    .getRecordComponents()[index]
                    .getAnnotatedType()
                    .isAnnotationPresent(Nullable.class);
        }
    }
}
