package org.vortexel.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Reason;
import org.vortexel.eval.DualEncoderModel;

/// Finds the model that a user means.
final class ModelFolder {
    private static final String MARK = Engine.DIFFUSION.mark;

    private ModelFolder() {}

    /// How pictures are drawn.
    enum Engine {
        /// From noise, step by step.
        DIFFUSION("model.json"),
        /// Token by token.
        AR("ar.json");

        private final String mark;

        Engine(String mark) {
            this.mark = mark;
        }
    }

    /// The folder of a model of either engine; the one that ships is of the engine that is asked
    /// for.
    static Path find(String asked, @Nullable Engine engine) {
        if (engine != Engine.AR && !Files.isRegularFile(Path.of(asked).resolve(Engine.AR.mark))) {
            return find(asked, MARK);
        }
        if (engine == Engine.DIFFUSION) {
            throw new IllegalArgumentException(asked + " holds a model of tokens, which --engine ar draws with");
        }
        return find(asked, Engine.AR.mark);
    }

    /// The folder of a model.
    ///
    /// @param asked a folder, the name of one under `weights/`, or empty for the model that ships
    /// @throws IllegalArgumentException when there is none, or the choice is not clear
    static Path find(String asked) {
        return find(asked, MARK);
    }

    /// The folder of a judge; nothing where none is asked for and none ships.
    static Optional<Path> findJudge(String asked) {
        return asked.isEmpty() && models(shipped(), DualEncoderModel.CONFIG).isEmpty()
                ? Optional.empty()
                : Optional.of(find(asked, DualEncoderModel.CONFIG, "--judge"));
    }

    private static Path shipped() {
        return Path.of(System.getProperty("vortexel.home", ".")).resolve("weights");
    }

    private static Path find(String asked, String mark) {
        return find(asked, mark, "--model");
    }

    /// The folder of a model of any kind.
    ///
    /// @param mark the file that tells the kind
    /// @param option what the user says the folder with
    static Path find(String asked, String mark, String option) {
        Path shipped = shipped();
        if (asked.isEmpty()) {
            List<Path> models = models(shipped, mark);
            if (models.size() != 1) {
                throw new IllegalArgumentException(
                        option + " is needed: there are " + models.size() + " models in " + shipped);
            }
            return models.getFirst();
        }
        Path folder = Path.of(asked);
        if (Files.isRegularFile(folder.resolve(mark))) {
            return folder;
        }
        Path named = shipped.resolve(asked).normalize();
        if (named.startsWith(shipped.normalize()) && Files.isRegularFile(named.resolve(mark))) {
            return named;
        }
        throw new IllegalArgumentException("there is no model '" + asked + "': neither that folder nor one of "
                + models(shipped, mark).stream().map(Path::getFileName).toList() + " has a " + mark);
    }

    private static List<Path> models(Path shipped, String mark) {
        if (!Files.isDirectory(shipped)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(shipped)) {
            return folders.filter(f -> Files.isRegularFile(f.resolve(mark)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + shipped + ": " + Reason.of(e), e);
        }
    }
}
