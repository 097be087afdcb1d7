package org.vortexel.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.vortexel.tensor.NdArray;

/// A file of reference tensors and what it says of itself. The folder is the system property `golden.dir`.
///
/// @param file the tensors
/// @param about the file's own description: configuration, tolerances, calls
public record Golden(SafeTensors file, JsonNode about) implements AutoCloseable {
    private static final Path FOLDER = Path.of(System.getProperty("golden.dir", "src/test/resources/golden"));

    /// The files of one case folder that match a glob; skips the test, naming the folder, when there are none.
    public static List<Path> files(String folder, String glob) {
        List<Path> files = new ArrayList<>();
        Path path = FOLDER.resolve(folder);
        if (Files.isDirectory(path)) {
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(path, glob)) {
                stream.forEach(files::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        Assumptions.assumeFalse(files.isEmpty(), "golden case " + folder + "/" + glob + " is not in " + FOLDER);
        return files.stream().sorted().toList();
    }

    /// Opens one file.
    public static Golden open(Path path) {
        SafeTensors file = SafeTensors.open(path);
        String text = file.metadata().getOrDefault("golden", file.metadata().getOrDefault("json", "{}"));
        try {
            return new Golden(file, new ObjectMapper().readTree(text));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The file beside `path` whose name has `to` where this one has `from`.
    public static Path sibling(Path path, String from, String to) {
        return path.resolveSibling(path.getFileName().toString().replace(from, to));
    }

    /// Compares with a stored tensor by the file's own rule: `max |got - ref| <= tol_rel * max |ref|`.
    public void check(String name, NdArray got) {
        check(name, about.at("/tensors").path(name).path("tol_rel").asDouble(), got);
    }

    /// Compares with a stored tensor: `max |got - ref| <= relative * max |ref|`.
    public void check(String name, double relative, NdArray got) {
        NdArray wanted = file.array(name);
        double largest = 0;
        for (float value : wanted.data()) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertEquals(wanted.shape(), got.shape(), name);
        close(name, wanted.data(), got.data(), relative * largest);
    }

    /// Compares number by number; the failure names the tensor, the largest difference and its place.
    public static void close(String name, float[] wanted, float[] got, double absolute) {
        assertEquals(wanted.length, got.length, name);
        int worst = 0;
        double difference = 0;
        for (int i = 0; i < wanted.length; i++) {
            double d = Math.abs((double) wanted[i] - got[i]);
            if (!(d <= difference)) {
                difference = d;
                worst = i;
            }
        }
        if (!(difference <= absolute)) {
            Assertions.fail(name + ": off by " + difference + " at element " + worst + " (" + got[worst] + " for "
                    + wanted[worst] + "), allowed " + absolute);
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
