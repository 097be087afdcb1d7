package org.vortexel.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.AtomicFile;
import org.vortexel.checkpoint.Reason;

/// `metrics.jsonl`: one line of JSON every few steps. After a resume, lines beyond the checkpoint's step are dropped,
/// so that the file reads as if the run had never stopped.
final class MetricsLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    /// One line.
    ///
    /// @param step steps done
    /// @param loss mean weighted loss since the last line
    /// @param gradientNorm norm of all gradients, before clipping, at this step
    /// @param learningRate of this step
    /// @param imagesPerSecond since the last line, 0 where unknown
    /// @param parts of the loss at this step, by name
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Line(
            int step,
            double loss,
            double gradientNorm,
            double learningRate,
            double imagesPerSecond,
            @Nullable Map<String, Double> parts) {
        Line {
            parts = parts == null ? Map.of() : parts; // a line without parts does not name them
        }
    }

    private MetricsLog(Path file) {
        this.file = file;
    }

    /// The log in `file`, without lines after `step`.
    static MetricsLog open(Path file, int step) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            List<String> kept = new ArrayList<>();
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    if (isKept(line, step)) {
                        kept.add(line);
                    }
                }
            }
            String text = String.join("\n", kept) + (kept.isEmpty() ? "" : "\n");
            AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
            return new MetricsLog(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + Reason.of(e), e);
        }
    }

    private static boolean isKept(String line, int step) {
        try {
            return JSON.readTree(line).path("step").asInt(Integer.MAX_VALUE) <= step;
        } catch (IOException e) {
            return false; // the last line of a run that was killed while it wrote
        }
    }

    void add(Line line) {
        try {
            Files.writeString(
                    file, JSON.writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + Reason.of(e), e);
        }
    }

    /// Every line so far.
    List<Line> lines() {
        try {
            List<Line> lines = new ArrayList<>();
            for (String text : Files.readAllLines(file)) {
                JsonNode node = JSON.readTree(text);
                lines.add(JSON.treeToValue(node, Line.class));
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + Reason.of(e), e);
        }
    }
}
