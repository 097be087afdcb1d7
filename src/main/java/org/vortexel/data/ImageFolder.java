package org.vortexel.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.vortexel.checkpoint.Reason;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// A folder of captioned pictures: files, and `metadata.jsonl` with one JSON object a line that has at least
/// `file_name` (a path inside the folder) and `text`. Columns used if present: `style`, `group`, `subgroup`,
/// `base`, `emoji`, `split`, `combination` (strings), `tone`, `tags` (lists of strings); others are passed over.
///
/// ```
/// {"file_name": "cats/1.png", "text": "a grey cat", "style": "photo", "split": "train"}
/// ```
///
/// Opening reads and checks the words of every line; pictures are decoded when asked for.
///
/// Source: Hugging Face Datasets, *ImageFolder*, "metadata.jsonl".
public final class ImageFolder {
    /// The name of the file with the words.
    public static final String METADATA = "metadata.jsonl";

    private static final long MAX_METADATA_BYTES = 1L << 28;

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path folder;
    private final List<Entry> entries;

    private ImageFolder(Path folder, List<Entry> entries) {
        this.folder = folder;
        this.entries = entries;
    }

    /// Opens the folder and checks its metadata.
    ///
    /// @throws IllegalArgumentException naming line and field, if something is missing, of the wrong kind, outside
    ///     the folder, or not there
    public static ImageFolder open(Path folder) {
        Path metadata = folder.resolve(METADATA);
        if (!Files.isRegularFile(metadata)) {
            throw new IllegalArgumentException(
                    folder + ": there is no " + METADATA + " in it (a JSON object a line, with file_name and text)");
        }
        List<Entry> entries = new ArrayList<>();
        try {
            if (Files.size(metadata) > MAX_METADATA_BYTES) {
                throw new IllegalArgumentException(metadata + ": is larger than " + MAX_METADATA_BYTES + " bytes");
            }
            try (BufferedReader reader = Files.newBufferedReader(metadata)) {
                int number = 0;
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    number++;
                    if (!line.isBlank()) {
                        entries.add(entry(folder, new Line(metadata, number, line)));
                    }
                }
            }
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(metadata + ": is not UTF-8 text", e);
        } catch (IOException e) {
            throw new UncheckedIOException(metadata + ": cannot be read (" + Reason.of(e) + ")", e);
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(metadata + ": has no lines");
        }
        return new ImageFolder(folder, List.copyOf(entries));
    }

    private static Entry entry(Path folder, Line line) {
        JsonNode node = line.object();
        String fileName = line.required(node, "file_name");
        Path file;
        try {
            file = folder.resolve(fileName).normalize();
        } catch (InvalidPathException e) {
            throw line.wrong("file_name", "is not a path", e);
        }
        if (!file.startsWith(folder.normalize()) || Path.of(fileName).isAbsolute()) {
            throw line.wrong("file_name", "leads out of the folder: " + fileName);
        }
        if (!Files.isRegularFile(file)) {
            throw line.wrong("file_name", "names a file that is not there: " + fileName);
        }
        return new Entry(
                line.number(),
                fileName,
                line.required(node, "text"),
                line.optional(node, "style"),
                line.optional(node, "group"),
                line.optional(node, "subgroup"),
                line.optional(node, "base"),
                line.optional(node, "emoji"),
                line.strings(node, "tone"),
                line.strings(node, "tags"),
                line.optional(node, "split"),
                line.optional(node, "combination"));
    }

    /// A line being read; its mistakes are told with file, line and field.
    private record Line(Path file, int number, String content) {
        JsonNode object() {
            try {
                JsonNode node = JSON.readTree(content);
                if (!node.isObject()) {
                    throw new IllegalArgumentException(file + " line " + number + ": is not a JSON object");
                }
                return node;
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(
                        file + " line " + number + ": is not good JSON (" + e.getOriginalMessage() + ")", e);
            }
        }

        String required(JsonNode node, String field) {
            String value = optional(node, field);
            if (value.isBlank()) {
                throw wrong(field, "is missing or empty");
            }
            return value;
        }

        String optional(JsonNode node, String field) {
            JsonNode value = node.path(field);
            if (value.isMissingNode() || value.isNull()) {
                return "";
            }
            if (!value.isTextual()) {
                throw wrong(field, "must be a string");
            }
            return value.textValue();
        }

        List<String> strings(JsonNode node, String field) {
            JsonNode value = node.path(field);
            List<String> result = new ArrayList<>();
            if (value.isMissingNode() || value.isNull()) {
                return result;
            }
            if (!value.isArray()) {
                throw wrong(field, "must be a list of strings");
            }
            for (JsonNode item : value) {
                if (!item.isTextual()) {
                    throw wrong(field, "must be a list of strings");
                }
                result.add(item.textValue());
            }
            return result;
        }

        IllegalArgumentException wrong(String field, String what) {
            return new IllegalArgumentException(file + " line " + number + ": " + field + " " + what);
        }

        IllegalArgumentException wrong(String field, String what, Exception cause) {
            return new IllegalArgumentException(file + " line " + number + ": " + field + " " + what, cause);
        }
    }

    /// This folder seen through a filter, for example a [Selection].
    ///
    /// @throws IllegalArgumentException if nothing is left
    public ImageFolder select(Predicate<Entry> wanted) {
        List<Entry> kept = entries.stream().filter(wanted).toList();
        if (kept.isEmpty()) {
            throw new IllegalArgumentException(folder + ": none of its " + entries.size() + " pictures fits " + wanted);
        }
        return new ImageFolder(folder, kept);
    }

    /// The number of pictures.
    public int size() {
        return entries.size();
    }

    /// The words of every picture, in the order of the file.
    public List<Entry> entries() {
        return entries;
    }

    /// Decodes picture `index`: the largest square in its middle, at `size` × `size` pixels.
    ///
    /// @throws IllegalArgumentException if it cannot be read; the sentence names file and line
    public Image image(int index, int size) {
        Entry entry = entries.get(index);
        try {
            return ImageFile.read(folder.resolve(entry.fileName()))
                    .centreSquare()
                    .resized(size, size);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    folder.resolve(METADATA) + " line " + entry.line() + ": file_name: " + e.getMessage(), e);
        }
    }

    /// Decodes picture `index` for a network, shape (3, size, size).
    public Example example(int index, int size) {
        return new Example(entries.get(index), image(index, size).toArray());
    }

    /// Decodes all pictures, on all cores, and keeps them in memory.
    ///
    /// @throws IllegalArgumentException if one cannot be read, or they do not fit into the heap
    public PackedImages pack(int size) {
        return PackedImages.of(this, size);
    }
}
