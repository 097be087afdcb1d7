package org.vortexel.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// Builds Fashion-MNIST as an image folder: 70,000 grey pictures of ten kinds of clothing, 28
/// pixels a side in the middle of a black square of 32.
///
/// The name of the kind is the caption and the group. The set's training part has the split
/// `train`, its test part `heldout`.
///
/// Source: Xiao, Rasul and Vollgraf 2017, [arXiv:1708.07747](https://arxiv.org/abs/1708.07747); the
/// files are those of Debian's package `dataset-fashion-mnist` (MIT).
public final class FashionMnist {
    /// The kinds, by label.
    public static final List<String> KINDS = List.of(
            "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot");

    private static final DebianPackage SOURCE = new DebianPackage("dataset-fashion-mnist");
    private static final String FOLDER = "./usr/share/datasets/fashion-mnist/";
    private static final List<String> FILES = List.of(
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz");
    private static final int[] COUNTS = {60_000, 10_000};
    private static final String[] SPLITS = {"train", "heldout"};
    private static final int SIDE = 28;
    private static final int SIZE = 32;
    private static final int IMAGES_MAGIC = 0x803;
    private static final int LABELS_MAGIC = 0x801;

    private FashionMnist() {}

    /// Told how far the work is; may be called from several threads.
    @FunctionalInterface
    public interface Progress {
        /// `done` of `total` pictures are drawn.
        void at(int done, int total);
    }

    /// Builds the folder, or finds that it is up to date.
    ///
    /// @param out the folder to make; missing or empty, or an earlier result
    /// @param from the folder of the four IDX files; without it the Debian package is fetched
    /// @return style and split to the number of pictures
    /// @throws IllegalArgumentException if `out` holds something else, a file is missing or is not
    /// what it should be, or the package cannot be fetched
    /// @throws UncheckedIOException if the disk refuses, for example because it is full
    public static Map<String, Integer> build(Path out, Optional<Path> from, Progress progress) {
        StampedFolder folder = new StampedFolder(out, stamp());
        if (!folder.isBuilt()) {
            List<byte[]> files = from.map(FashionMnist::read)
                    .orElseGet(() ->
                            SOURCE.files(FILES.stream().map(f -> FOLDER + f).toList()));
            List<Part> parts = new ArrayList<>();
            for (int i = 0; i < SPLITS.length; i++) {
                byte[] pixels = idx(FILES.get(2 * i), files.get(2 * i), IMAGES_MAGIC, COUNTS[i], SIDE, SIDE);
                byte[] labels = idx(FILES.get(2 * i + 1), files.get(2 * i + 1), LABELS_MAGIC, COUNTS[i]);
                parts.add(new Part(SPLITS[i], pixels, labels));
            }
            folder.write(building -> write(parts, building, progress));
        }
        return folder.count();
    }

    private static String stamp() {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("builder", "vortexel fashion-mnist").put("format", 1).put("size", SIZE);
        return node.toPrettyString() + "\n";
    }

    private static List<byte[]> read(Path folder) {
        return FILES.stream()
                .map(name -> {
                    Path file = folder.resolve(name);
                    if (!Files.isRegularFile(file)) {
                        throw new IllegalArgumentException(folder + ": there is no " + name + " in it");
                    }
                    try {
                        return Files.readAllBytes(file);
                    } catch (IOException e) {
                        throw new UncheckedIOException(file + ": cannot be read (" + e.getMessage() + ")", e);
                    }
                })
                .toList();
    }

    /// The bytes behind the header of an IDX file.
    static byte[] idx(String name, byte[] zipped, int magic, int... sizes) {
        int expected = 1;
        for (int size : sizes) {
            expected *= size;
        }
        int header = Integer.BYTES * (1 + sizes.length);
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
            ByteBuffer head = ByteBuffer.wrap(in.readNBytes(header));
            boolean fits = head.remaining() == header && head.getInt() == magic;
            for (int i = 0; fits && i < sizes.length; i++) {
                fits = head.getInt() == sizes[i];
            }
            byte[] body = fits ? in.readNBytes(expected) : new byte[0];
            if (!fits || body.length < expected || in.read() >= 0) {
                throw new IllegalArgumentException(name + ": is not the IDX file of Fashion-MNIST");
            }
            return body;
        } catch (IOException e) {
            throw new IllegalArgumentException(name + ": is not a good gzip file (" + e.getMessage() + ")", e);
        }
    }

    private record Part(String split, byte[] pixels, byte[] labels) {
        String fileName(int i) {
            return "%s/%05d.png".formatted(split, i);
        }

        Image image(int i) {
            byte[] rgb = new byte[3 * SIZE * SIZE];
            int border = (SIZE - SIDE) / 2;
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    byte grey = pixels[(i * SIDE + y) * SIDE + x];
                    int at = 3 * ((y + border) * SIZE + x + border);
                    rgb[at] = grey;
                    rgb[at + 1] = grey;
                    rgb[at + 2] = grey;
                }
            }
            return Image.of(SIZE, SIZE, rgb);
        }

        String json(ObjectMapper mapper, int i) throws IOException {
            int label = labels[i];
            if (label < 0 || label >= KINDS.size()) {
                throw new IllegalArgumentException("picture " + i + " of Fashion-MNIST has the label " + label);
            }
            ObjectNode node = mapper.createObjectNode();
            node.put("file_name", fileName(i));
            node.put("text", KINDS.get(label));
            node.put("group", KINDS.get(label));
            node.put("split", split);
            return mapper.writeValueAsString(node);
        }
    }

    private static void write(List<Part> parts, Path folder, Progress progress) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        StringBuilder metadata = new StringBuilder();
        AtomicInteger done = new AtomicInteger();
        for (Part part : parts) {
            Files.createDirectories(folder.resolve(part.split()));
            int count = part.labels().length;
            Workers.forEach(count, i -> {
                try {
                    byte[] png = ImageFile.encodePng(part.image(i), Optional.empty());
                    Files.write(folder.resolve(part.fileName(i)), png); // no fsync, as for the emoji
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                progress.at(done.incrementAndGet(), COUNTS[0] + COUNTS[1]);
            });
            for (int i = 0; i < count; i++) {
                metadata.append(part.json(mapper, i)).append('\n');
            }
        }
        Files.writeString(folder.resolve(ImageFolder.METADATA), metadata);
    }
}
