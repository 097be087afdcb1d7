package org.vortexel.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.vortexel.checkpoint.Reason;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.StoredTensor;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// The token ids of every picture of an image folder, as a tokenizer sees them, kept in one file so
/// that they are computed once.
///
/// @param grid tokens of a picture along a side
/// @param codes how many codes the tokenizer has, K
/// @param ids (pictures)(grid²), in the order of the folder
public record TokenFile(int grid, int codes, int[][] ids) {
    private static final String IDS = "ids";
    private static final String SOURCE = "source";
    private static final String CODES = "codes";
    private static final int BATCH = 64;

    /// Where tokens come from.
    ///
    /// @param fingerprint SHA-256 of the tokenizer's weights
    /// @param codes how many codes it has
    /// @param size side of the pictures
    /// @param ids of pictures (N, 3, S, S), each in raster order
    public record Tokenizer(String fingerprint, int codes, int size, Function<NdArray, int[]> ids) {}

    /// Checks the ids.
    ///
    /// @throws IllegalArgumentException when a row has another length or an id is no code
    public TokenFile {
        for (int[] row : ids) {
            if (row.length != grid * grid || Arrays.stream(row).anyMatch(id -> id < 0 || id >= codes)) {
                throw new IllegalArgumentException(
                        "pictures have " + grid * grid + " ids below " + codes + ", but one has others");
            }
        }
    }

    /// Reads the file, or makes it when it is not there.
    ///
    /// @param all the whole folder, not a selection, so that every selection is served by one file
    /// @throws WeightsException when the file is damaged or is of another folder, size or tokenizer
    public static TokenFile of(Path file, Path folder, ImageFolder all, Tokenizer tokenizer) {
        String source = source(folder, tokenizer);
        if (!Files.exists(file)) {
            write(file, all, tokenizer, source);
        }
        try (SafeTensors tensors = SafeTensors.open(file)) {
            Shape shape = tensors.shape(IDS);
            int grid = shape.rank() == 2 ? (int) Math.round(Math.sqrt(shape.dim(1))) : 0;
            if (!source.equals(tensors.metadata().get(SOURCE))
                    || grid == 0
                    || shape.dim(0) != all.size()
                    || shape.dim(1) != grid * grid) {
                throw WeightsException.file(
                        file.toString(),
                        "these are tokens of other pictures or by another tokenizer; remove the file and it is made"
                                + " again");
            }
            int[] ids = tensors.ints(IDS);
            int[][] rows = new int[shape.dim(0)][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(ids, i * grid * grid, (i + 1) * grid * grid);
            }
            return new TokenFile(grid, tokenizer.codes(), rows);
        } catch (IllegalArgumentException e) {
            throw WeightsException.file(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }

    private static void write(Path file, ImageFolder all, Tokenizer tokenizer, String source) {
        PackedImages pictures = all.pack(tokenizer.size());
        int[] ids = new int[0];
        int tokens = 0;
        for (int begin = 0; begin < pictures.count(); begin += BATCH) {
            int end = Math.min(begin + BATCH, pictures.count());
            int[] found = tokenizer
                    .ids()
                    .apply(pictures.batch(IntStream.range(begin, end).toArray()));
            if (begin == 0) {
                tokens = found.length / end;
                ids = new int[tokens * pictures.count()];
            }
            System.arraycopy(found, 0, ids, begin * tokens, found.length);
        }
        SafeTensorsWriter.write(
                file,
                List.of(new StoredTensor.Ints(IDS, Shape.of(pictures.count(), tokens), ids)),
                Map.of(SOURCE, source, CODES, Integer.toString(tokenizer.codes())));
    }

    /// A hash of all that the ids depend on; the pictures themselves go in by what the folder says
    /// of them.
    private static String source(Path folder, Tokenizer tokenizer) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(Files.readAllBytes(folder.resolve(ImageFolder.METADATA)));
            String rest = tokenizer.fingerprint() + " " + tokenizer.codes() + " " + tokenizer.size();
            return HexFormat.of().formatHex(digest.digest(rest.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be read (" + Reason.of(e) + ")", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
