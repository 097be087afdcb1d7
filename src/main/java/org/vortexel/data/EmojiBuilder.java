package org.vortexel.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.vortexel.data.EmojiCatalog.Emoji;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// Builds the captioned emoji pictures as an image folder: PNG files and `metadata.jsonl`, which [ImageFolder]
/// reads.
///
/// ```
/// npm packages ──> IconSet (drawings) ──┐
///              └─> EmojiCatalog (words) ┴─> rows: emoji × style ──> EmojiSplit ──> SvgDrawing ──> folder
/// ```
///
/// The folder is built beside its final place and renamed at the end, so it is there whole or not at all. The same
/// request gives the same bytes on the same Java version.
public final class EmojiBuilder {
    private static final int FORMAT = 1;

    private EmojiBuilder() {}

    /// The styles that can be built: `twemoji`, `noto`, `fluent`.
    public static List<String> styles() {
        return EmojiPackages.styles();
    }

    /// What to build.
    ///
    /// @param out the folder to make; missing or empty, or an earlier result of the same request
    /// @param size width and height of the pictures, 8 … 1024 pixels
    /// @param styles some of [#styles()], each once
    /// @param cache the folder in which the fetched packages are kept
    public record Request(Path out, int size, List<String> styles, Path cache) {
        public Request {
            if (size < 8 || size > 1024) {
                throw new IllegalArgumentException("the size must be 8 to 1024 pixels but is " + size);
            }
            List<String> known = EmojiPackages.styles();
            if (styles.isEmpty() || Set.copyOf(styles).size() < styles.size() || !known.containsAll(styles)) {
                throw new IllegalArgumentException("the styles must be some of " + String.join(", ", known)
                        + ", each once, but are " + String.join(", ", styles));
            }
            styles = known.stream().filter(styles::contains).toList();
        }

        /// All styles, with the packages kept in [NpmPackage#userCache()].
        public static Request of(Path out, int size) {
            return new Request(out, size, EmojiBuilder.styles(), NpmPackage.userCache());
        }

        /// This request with other styles.
        public Request withStyles(List<String> styles) {
            return new Request(out, size, styles, cache);
        }
    }

    /// Told how far the work is; may be called from several threads, `done` of `total` pictures or packages.
    @FunctionalInterface
    public interface Progress {
        /// `done` of `total` are done.
        ///
        /// @param stage `fetch` (packages) or `draw` (pictures)
        void at(String stage, int done, int total);
    }

    /// What was built.
    ///
    /// @param folder the image folder
    /// @param upToDate true if it was there already and nothing was done
    /// @param counts style and split, such as `noto train`, to the number of pictures
    public record Result(Path folder, boolean upToDate, Map<String, Integer> counts) {}

    /// Builds the folder, or finds that it is up to date.
    ///
    /// @throws IllegalArgumentException if `out` holds something else, or npm is missing or cannot fetch
    /// @throws UncheckedIOException if the disk refuses, for example because it is full
    public static Result build(Request request, Progress progress) {
        StampedFolder folder = new StampedFolder(request.out(), stamp(request));
        if (folder.isBuilt()) {
            return new Result(request.out(), true, folder.count());
        }
        EmojiPackages sources = EmojiPackages.fetch(request.styles(), request.cache(), List.of("npm"), progress);
        return write(request.out(), request.size(), sources, stamp(request), progress);
    }

    private record Row(Emoji emoji, String style, String svg) {
        String fileName() {
            return style + "/" + emoji.hexcode() + ".png";
        }
    }

    /// Draws every emoji of the catalogue in every style that has it.
    static Result write(Path out, int size, EmojiPackages sources, String stamp, Progress progress) {
        List<Row> rows = sources.sets().stream()
                .flatMap(set -> sources.catalog().emoji().stream()
                        .flatMap(emoji -> set.drawing(emoji).map(svg -> new Row(emoji, set.style(), svg)).stream()))
                .toList();
        StampedFolder folder = new StampedFolder(out, stamp);
        folder.write(building -> {
            for (IconSet set : sources.sets()) {
                Files.createDirectories(building.resolve(set.style()));
            }
            AtomicInteger done = new AtomicInteger();
            Workers.forEach(rows.size(), i -> {
                draw(rows.get(i), size, building);
                progress.at("draw", done.incrementAndGet(), rows.size());
            });
            StringBuilder metadata = new StringBuilder();
            for (Row row : rows) {
                metadata.append(json(row)).append('\n');
            }
            Files.writeString(building.resolve(ImageFolder.METADATA), metadata);
            Files.writeString(building.resolve("ATTRIBUTION.md"), EmojiPackages.ATTRIBUTION);
        });
        return new Result(out, false, folder.count());
    }

    private static void draw(Row row, int size, Path folder) {
        Image image;
        try {
            image = SvgDrawing.draw(row.svg(), size);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(row.fileName() + ": " + e.getMessage(), e);
        }
        try {
            // No fsync for each of ten thousand files: a set that a power cut damaged is built again.
            Files.write(folder.resolve(row.fileName()), ImageFile.encodePng(image, Optional.empty()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(Row row) throws JsonProcessingException {
        Emoji emoji = row.emoji();
        EmojiSplit.Side side = EmojiSplit.of(emoji, row.style());
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode node = mapper.createObjectNode();
        node.put("file_name", row.fileName());
        node.put("text", emoji.label());
        node.put("style", row.style());
        node.put("group", emoji.group());
        node.put("subgroup", emoji.subgroup());
        node.put("base", emoji.base());
        node.put("emoji", emoji.character());
        node.set("tone", mapper.valueToTree(emoji.tones()));
        node.set("tags", mapper.valueToTree(emoji.tags()));
        node.put("split", side.split());
        node.put("combination", side.combination());
        return mapper.writeValueAsString(node);
    }

    /// The inputs of a build as a JSON text; equal text, equal folder.
    static String stamp(Request request) {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("builder", "vortexel emoji").put("format", FORMAT).put("size", request.size());
        ObjectNode packages = node.putObject("packages");
        for (NpmPackage source : EmojiPackages.of(request.styles())) {
            packages.put(source.name() + "@" + source.version(), source.integrity());
        }
        return node.toPrettyString() + "\n";
    }
}
