package org.vortexel.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.LatentScale;
import org.vortexel.data.PackedImages;
import org.vortexel.data.ShuffledEpochs;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;

/// The pictures that a codec is trained on, and what is shown of it: the same few pictures every time.
final class Pictures {
    private static final int SAMPLES = 16;
    private static final int CELL = 96;
    private static final int SCALED = 256;

    private final PackedImages images;
    private final ShuffledEpochs epochs;
    private final int[] order;

    Pictures(TrainConfig config, TrainConfig.Data data, int size) {
        images = DitTask.images(data, size);
        epochs = new ShuffledEpochs(images.count(), config.batch(), config.seed());
        order = Philox.of(config.seed()).permutation(images.count());
    }

    /// The batch of step `step` (from 0): (N, 3, S, S) in [-1, 1].
    NdArray batch(int step) {
        return images.batch(epochs.batch(step));
    }

    /// The pictures that samples are made of.
    NdArray samples() {
        return images.batch(Arrays.copyOf(order, Math.min(SAMPLES, images.count())));
    }

    /// Some of the pictures, batch by batch.
    List<NdArray> some() {
        List<NdArray> batches = new ArrayList<>();
        int chunk = Math.min(SAMPLES, images.count());
        for (int at = 0; at + chunk <= Math.min(SCALED, images.count()); at += chunk) {
            batches.add(images.batch(Arrays.copyOfRange(order, at, at + chunk)));
        }
        return batches;
    }

    /// The scale of a codec's latents, over some of the pictures; the codec must not scale them itself.
    LatentScale scale(LatentCodec codec) {
        return LatentScale.of(some().stream().map(codec::encode).toList());
    }

    /// Rows of pictures under one another.
    static final class Sheet {
        private final List<ContactSheet.Cell> cells = new ArrayList<>();
        private int columns = 1;

        /// Adds a row (N, 3, S, S).
        Sheet add(String name, NdArray pictures) {
            for (Image image : Image.fromBatch(pictures)) {
                cells.add(new ContactSheet.Cell(image, name));
            }
            columns = pictures.shape().dim(0);
            return this;
        }

        void write(Path file) {
            ImageFile.writePng(file, ContactSheet.of(cells, columns, CELL));
        }
    }
}
