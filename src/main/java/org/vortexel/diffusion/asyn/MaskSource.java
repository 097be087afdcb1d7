package org.vortexel.diffusion.asyn;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;

/// Where masks come from.
public sealed interface MaskSource {
    /// The masks before the network was asked for the first time.
    ///
    /// @param rows rows of the field of times
    /// @param columns its columns
    Masks first(int batch, int rows, int columns, List<Item> items);

    /// The masks after the network was asked.
    Masks next(int rows, int columns, List<Item> items);

    /// The same masks at every step: drawn by the user, or made once from the attention of a synchronous run,
    /// averaged over its steps ([Masks#of]).
    ///
    /// @param masks on a grid of any size
    record Fixed(Masks masks) implements MaskSource {
        @Override
        public Masks first(int batch, int rows, int columns, List<Item> items) {
            if (masks.batch() != batch) {
                throw new IllegalArgumentException("there are masks for " + masks.batch() + " pictures, not " + batch);
            }
            return next(rows, columns, items);
        }

        @Override
        public Masks next(int rows, int columns, List<Item> items) {
            return masks.resized(rows, columns);
        }
    }

    /// Masks from what the network last looked at. Before it was asked all pixels belong to the item with the
    /// largest token index.
    ///
    /// @param attention (N, rows · columns, items): cross-attention from places to items, averaged over heads and
    /// layers, of the conditional half of the last prediction
    /// @param rows rows of the attention's grid
    /// @param columns its columns
    /// @param threshold times the mean, from which on a place is covered; 1 in the paper
    record Dynamic(Supplier<NdArray> attention, int rows, int columns, double threshold) implements MaskSource {
        @Override
        public Masks first(int batch, int height, int width, List<Item> items) {
            int last = IntStream.range(0, items.size())
                    .boxed()
                    .max(Comparator.comparingInt(i -> items.get(i).token()))
                    .orElse(-1);
            return Masks.all(batch, height, width, last);
        }

        @Override
        public Masks next(int height, int width, List<Item> items) {
            return Masks.of(attention.get(), rows, columns, items, threshold).resized(height, width);
        }
    }

    /// As large as those of another source, item by item, but anywhere: what says whether it matters
    /// where masks are.
    /// Every picture has one permutation of its places, so that a mask changes from step to step as its
    /// original does.
    ///
    /// @param source of the originals
    /// @param seeds of the permutations, one a picture
    record Scattered(MaskSource source, long... seeds) implements MaskSource {
        private static final long PLACES = 3L << 32; // a stream of its own of a picture's seed

        @Override
        public Masks first(int batch, int rows, int columns, List<Item> items) {
            return scattered(source.first(batch, rows, columns, items));
        }

        @Override
        public Masks next(int rows, int columns, List<Item> items) {
            return scattered(source.next(rows, columns, items));
        }

        private Masks scattered(Masks masks) {
            if (masks.batch() != seeds.length) {
                throw new IllegalArgumentException(
                        "there are seeds for " + seeds.length + " pictures, not " + masks.batch());
            }
            int places = masks.rows() * masks.columns();
            return masks.moved(Arrays.stream(seeds)
                    .mapToObj(seed -> new Philox(seed, PLACES).permutation(places))
                    .toArray(int[][]::new));
        }
    }

    /// The background of another source, as a mask of its strongest item; the items themselves lag
    /// behind no more.
    ///
    /// @param source of the originals
    record Inverted(MaskSource source) implements MaskSource {
        @Override
        public Masks first(int batch, int rows, int columns, List<Item> items) {
            return source.first(batch, rows, columns, items).inverted(strongest(items));
        }

        @Override
        public Masks next(int rows, int columns, List<Item> items) {
            return source.next(rows, columns, items).inverted(strongest(items));
        }

        private static int strongest(List<Item> items) {
            return IntStream.range(0, items.size())
                    .boxed()
                    .max(Comparator.comparingDouble(i -> items.get(i).strength()))
                    .orElseThrow(() -> new IllegalArgumentException("inverted masks want at least one item"));
        }
    }
}
