package org.vortexel.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.vortexel.checkpoint.Reason;

/// An image folder that a builder makes: it is built beside its place and renamed at the end, so
/// that it is there whole or not at all, and `build.json` in it says from what it was built.
///
/// @param out its place; missing or empty, or an earlier result of the same stamp
/// @param stamp the inputs of the build as JSON text; equal text, equal folder
record StampedFolder(Path out, String stamp) {
    private static final String STAMP = "build.json";

    /// What is written into the folder: pictures, and the words of them.
    @FunctionalInterface
    interface Content {
        void writeTo(Path folder) throws IOException;
    }

    /// True if the folder holds the whole result of this stamp, false if there is nothing or a
    /// damaged result of it.
    ///
    /// @throws IllegalArgumentException if something else is there
    boolean isBuilt() {
        if (!Files.exists(out)) {
            return false;
        }
        if (!Files.isDirectory(out)) {
            throw new IllegalArgumentException(out + ": is a file, wanted the name of a folder");
        }
        try {
            Path found = out.resolve(STAMP);
            if (!Files.exists(found)) {
                try (Stream<Path> files = Files.list(out)) {
                    if (files.findAny().isPresent()) {
                        throw new IllegalArgumentException(
                                out + ": the folder holds other files; choose a new or an empty folder");
                    }
                    return false;
                }
            }
            if (!Files.readString(found).equals(stamp)) {
                throw new IllegalArgumentException(out
                        + ": the folder holds a data set of another size, style or version; remove it or"
                        + " choose another folder");
            }
            return isWhole();
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": cannot be read (" + Reason.of(e) + ")", e);
        }
    }

    /// Builds the folder.
    ///
    /// @throws UncheckedIOException if the disk refuses, for example because it is full
    void write(Content content) {
        Path target = out.toAbsolutePath().normalize();
        Path parent = target.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(out + ": cannot be the folder of a data set");
        }
        Path building = parent.resolve("." + target.getFileName() + ".building");
        try {
            Folders.delete(building); // of a build that was killed
            Files.createDirectories(building);
            content.writeTo(building);
            Files.writeString(building.resolve(STAMP), stamp);
            replace(building, target);
        } catch (UncheckedIOException e) {
            throw unwritable(Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw unwritable(e);
        } finally {
            clean(building);
        }
    }

    private UncheckedIOException unwritable(IOException e) {
        return new UncheckedIOException(out + ": the data set cannot be written (" + Reason.of(e) + ")", e);
    }

    /// Puts the finished folder in place of an empty folder or of an earlier, damaged result of the
    /// same request.
    private static void replace(Path building, Path target) throws IOException {
        if (!Files.exists(target)) {
            Files.move(building, target, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        Path old = building.resolveSibling(building.getFileName() + "-old");
        Folders.delete(old);
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        Files.move(building, target, StandardCopyOption.ATOMIC_MOVE);
        Folders.delete(old);
    }

    private static void clean(Path building) {
        try {
            Folders.delete(building);
        } catch (IOException e) {
            throw new UncheckedIOException(building + ": cannot be removed (" + Reason.of(e) + ")", e);
        }
    }

    private boolean isWhole() throws IOException {
        if (!Files.exists(out.resolve(ImageFolder.METADATA))) {
            return false;
        }
        for (JsonNode row : rows()) {
            Path file = out.resolve(row.path("file_name").asText());
            if (!Files.isRegularFile(file) || Files.size(file) == 0) {
                return false;
            }
        }
        return true;
    }

    /// Style and split, such as `noto train`, to the number of pictures.
    Map<String, Integer> count() {
        try {
            Map<String, Integer> counts = new TreeMap<>();
            for (JsonNode row : rows()) {
                String name =
                        row.path("style").asText() + " " + row.path("split").asText();
                counts.merge(name.strip(), 1, Integer::sum);
            }
            return counts;
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": cannot be read (" + Reason.of(e) + ")", e);
        }
    }

    private List<JsonNode> rows() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve(ImageFolder.METADATA))) {
            rows.add(mapper.readTree(line));
        }
        return rows;
    }
}
