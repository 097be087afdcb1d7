package org.vortexel.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.vortexel.checkpoint.Json;

/// `measures.json`: what a [Task] measured of its averaged weights along a run.
///
/// @param lines in order of steps
public record Measures(List<Line> lines) {
    static final String FILE = "measures.json";

    /// One measurement.
    ///
    /// @param step steps done
    /// @param values by name
    public record Line(int step, Map<String, Double> values) {}

    public Measures {
        lines = List.copyOf(lines);
    }

    /// What was measured in the run of a folder; nothing where nothing was.
    public static Measures of(Path run) {
        Path file = run.resolve(FILE);
        return Files.exists(file) ? Json.read(file, Measures.class) : new Measures(List.of());
    }

    /// Adds a line, and drops those of the same step or later, which a resumed run measures again.
    static void add(Path run, Line line) {
        Stream<Line> before = of(run).lines().stream().filter(l -> l.step() < line.step());
        Json.write(
                run.resolve(FILE),
                new Measures(Stream.concat(before, Stream.of(line)).toList()));
    }
}
