package org.vortexel.diffusion.asyn;

import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.vortexel.tensor.NdArray;

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
}
