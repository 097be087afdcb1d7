package org.vortexel.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Pictures of one size in memory, a byte for each number, turned into floats batch by batch.
public final class PackedImages {
    private final List<Entry> entries;
    private final Image[] images;
    private final int size;

    private PackedImages(List<Entry> entries, Image[] images, int size) {
        this.entries = entries;
        this.images = images;
        this.size = size;
    }

    static PackedImages of(ImageFolder folder, int size) {
        if (size < 1) {
            throw new IllegalArgumentException("the size of pictures must be at least 1 but is " + size);
        }
        long megabytes = (3L * size * size * folder.size()) >> 20;
        long most = Runtime.getRuntime().maxMemory() >> 20;
        if (megabytes > most / 2) {
            throw new IllegalArgumentException(folder.size() + " pictures of " + size + " x " + size + " pixels need "
                    + megabytes + " MB in memory, more than half of the Java heap of " + most
                    + " MB: choose a smaller size or raise -Xmx");
        }
        Image[] images = new Image[folder.size()];
        Workers.forEach(images.length, i -> images[i] = folder.image(i, size));
        return new PackedImages(folder.entries(), images, size);
    }

    /// These pictures and then others of the same size.
    ///
    /// @throws IllegalArgumentException when the sizes differ
    public PackedImages and(PackedImages others) {
        if (others.size != size) {
            throw new IllegalArgumentException(
                    "pictures of " + size + " pixels do not go with those of " + others.size);
        }
        List<Entry> both = new ArrayList<>(entries);
        both.addAll(others.entries);
        Image[] all = Arrays.copyOf(images, images.length + others.images.length);
        System.arraycopy(others.images, 0, all, images.length, others.images.length);
        return new PackedImages(List.copyOf(both), all, size);
    }

    /// The number of pictures.
    public int count() {
        return images.length;
    }

    /// Width and height of every picture.
    public int size() {
        return size;
    }

    /// The words of the pictures, in order.
    public List<Entry> entries() {
        return entries;
    }

    /// Picture `index`.
    public Image image(int index) {
        return images[index];
    }

    /// Writes picture `index`, shape (3, S, S) in [-1, 1], to `out[offset …]`.
    public void copy(int index, float[] out, int offset) {
        images[index].toFloats(out, offset);
    }

    /// The pictures of these indices, shape (N, 3, S, S) in [-1, 1].
    public NdArray batch(int... indices) {
        NdArray batch = NdArray.zeros(Shape.of(indices.length, 3, size, size));
        for (int i = 0; i < indices.length; i++) {
            copy(indices[i], batch.data(), i * 3 * size * size);
        }
        return batch;
    }
}
