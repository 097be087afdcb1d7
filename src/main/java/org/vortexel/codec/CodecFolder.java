package org.vortexel.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.vortexel.checkpoint.AtomicFile;
import org.vortexel.checkpoint.Reason;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;

/// The weights of a codec in its folder; beside them lies a file that says what it is, named after its kind.
public final class CodecFolder {
    /// The file of the weights.
    public static final String WEIGHTS = "codec.safetensors";

    private CodecFolder() {}

    /// Copies a codec, whatever its kind: each file appears whole or not at all.
    ///
    /// @param from the codec's folder
    /// @param to a folder, which is made when it is not there
    public static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            Files.createDirectories(to);
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.equals(WEIGHTS) || name.endsWith(".json")) {
                    byte[] bytes = Files.readAllBytes(file);
                    AtomicFile.write(to.resolve(name), out -> out.write(bytes));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy " + from + " to " + to + ": " + Reason.of(e), e);
        }
    }

    /// Writes weights to `folder`, which is made when it is not there.
    ///
    /// @param params which weights
    /// @param name of the codec, for the file's free text
    public static void write(Path folder, Params params, Weights weights, StorageType stored, String name) {
        Map<String, String> metadata = Map.of("format", "pt", "codec", name);
        SafeTensorsWriter.write(folder.resolve(WEIGHTS), params, weights, stored, metadata);
    }
}
