package org.vortexel.diffusion.asyn;

import java.util.Arrays;
import java.util.List;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Which item every pixel belongs to; a pixel belongs to one at most. Immutable.
///
/// @param batch N
/// @param rows pixels (or tokens) from top to bottom
/// @param columns pixels from left to right
/// @param owner N · rows · columns indices into the list of items, -1 for the background
public record Masks(int batch, int rows, int columns, int... owner) {
    private static final int BACKGROUND = -1;

    public Masks {
        if (owner.length != batch * rows * columns) {
            throw new IllegalArgumentException("masks of " + batch + " by " + rows + " by " + columns + " want "
                    + batch * rows * columns + " owners but got " + owner.length);
        }
    }

    /// All pixels of item `item`; -1 for no mask at all.
    public static Masks all(int batch, int rows, int columns, int item) {
        int[] owner = new int[batch * rows * columns];
        Arrays.fill(owner, item);
        return new Masks(batch, rows, columns, owner);
    }

    /// No mask: every pixel is background.
    public static Masks none(int batch, int rows, int columns) {
        return all(batch, rows, columns, BACKGROUND);
    }

    /// What the network looked at: an item covers the places where its attention is at least `threshold` times
    /// its mean over the picture. A place that several cover goes to the strongest item, the first of equals.
    ///
    /// Source: AsynDM, [arXiv:2510.04504](https://arxiv.org/abs/2510.04504), section 4; the paper's threshold is
    /// strict, its code's is not.
    ///
    /// @param attention (N, rows · columns, items), places row by row, at least 0
    /// @param items one per last index of `attention`
    public static Masks of(NdArray attention, int rows, int columns, List<Item> items, double threshold) {
        Shape wanted = Shape.of(attention.shape().dim(0), rows * columns, items.size());
        if (!attention.shape().equals(wanted)) {
            throw new IllegalArgumentException("masks want attention maps " + wanted + " but got " + attention.shape());
        }
        int batch = wanted.dim(0);
        int[] owner = new int[batch * rows * columns];
        for (int n = 0; n < batch; n++) {
            double[] least = least(attention, n, items.size(), threshold);
            for (int place = n * rows * columns; place < (n + 1) * rows * columns; place++) {
                owner[place] = BACKGROUND;
                for (int o = 0; o < items.size(); o++) {
                    boolean covers = attention.data()[place * items.size() + o] >= least[o];
                    boolean stronger = owner[place] == BACKGROUND
                            || items.get(o).strength() > items.get(owner[place]).strength();
                    owner[place] = covers && stronger ? o : owner[place];
                }
            }
        }
        return new Masks(batch, rows, columns, owner);
    }

    private static double[] least(NdArray attention, int picture, int items, double threshold) {
        int places = attention.shape().dim(1);
        double[] sum = new double[items];
        for (int i = 0; i < places * items; i++) {
            sum[i % items] += attention.data()[picture * places * items + i];
        }
        return Arrays.stream(sum).map(s -> threshold * s / places).toArray();
    }

    /// These masks on a grid of another size: every place takes the nearest owner, counted from the top left.
    public Masks resized(int height, int width) {
        int[] resized = new int[batch * height * width];
        int i = 0;
        for (int n = 0; n < batch; n++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    resized[i++] = owner[(n * rows + nearest(y, rows, height)) * columns + nearest(x, columns, width)];
                }
            }
        }
        return new Masks(batch, height, width, resized);
    }

    /// In float, as image libraries do: where the ratio is not whole, the rounding decides.
    private static int nearest(int at, int from, int to) {
        return Math.min(from - 1, (int) (at * ((float) from / to)));
    }

    /// These masks with their places changed: in picture `n`, place `p` takes the owner of place
    /// `from[n][p]`.
    ///
    /// @param from N permutations of the places
    public Masks moved(int[]... from) {
        int places = rows * columns;
        int[] moved = new int[owner.length];
        for (int i = 0; i < moved.length; i++) {
            int n = i / places;
            moved[i] = owner[n * places + from[n][i % places]];
        }
        return new Masks(batch, rows, columns, moved);
    }

    /// The background as a mask of item `item`, and what was a mask as background.
    public Masks inverted(int item) {
        return new Masks(
                batch,
                rows,
                columns,
                Arrays.stream(owner)
                        .map(o -> o == BACKGROUND ? item : BACKGROUND)
                        .toArray());
    }

    /// Ones and zeros, (N, items, rows, columns).
    public NdArray toArray(int items) {
        NdArray array = NdArray.zeros(Shape.of(batch, items, rows, columns));
        int places = rows * columns;
        for (int i = 0; i < owner.length; i++) {
            if (owner[i] != BACKGROUND) {
                array.data()[(i / places * items + owner[i]) * places + i % places] = 1;
            }
        }
        return array;
    }

    /// The share of pixels that belong to an item, in `[0, 1]`.
    public double covered() {
        return (double) Arrays.stream(owner).filter(o -> o != BACKGROUND).count() / owner.length;
    }
}
