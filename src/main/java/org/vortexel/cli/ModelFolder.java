package org.vortexel.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.vortexel.checkpoint.Reason;

/// Finds the model that a user means.
final class ModelFolder {
    private static final String MARK = "model.json";

    private ModelFolder() {}

    /// The folder of a model.
    ///
    /// @param asked a folder, the name of one under `weights/`, or empty for the model that ships
    /// @throws IllegalArgumentException when there is none, or the choice is not clear
    static Path find(String asked) {
        Path shipped = Path.of(System.getProperty("vortexel.home", ".")).resolve("weights");
        if (asked.isEmpty()) {
            List<Path> models = models(shipped);
            if (models.size() != 1) {
                throw new IllegalArgumentException(
                        "--model is needed: there are " + models.size() + " models in " + shipped);
            }
            return models.getFirst();
        }
        Path folder = Path.of(asked);
        if (Files.isRegularFile(folder.resolve(MARK))) {
            return folder;
        }
        Path named = shipped.resolve(asked).normalize();
        if (named.startsWith(shipped.normalize()) && Files.isRegularFile(named.resolve(MARK))) {
            return named;
        }
        throw new IllegalArgumentException("there is no model '" + asked + "': neither that folder nor one of "
                + models(shipped).stream().map(Path::getFileName).toList() + " has a " + MARK);
    }

    private static List<Path> models(Path shipped) {
        if (!Files.isDirectory(shipped)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(shipped)) {
            return folders.filter(f -> Files.isRegularFile(f.resolve(MARK)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + shipped + ": " + Reason.of(e), e);
        }
    }
}
