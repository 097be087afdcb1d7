package org.vortexel.diffusion.guide;

import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What a network looked at in a prediction, the mean over heads and layers. Rows of a batch beyond
/// those
/// that are asked for may be there and are left alone.
///
/// @param text (N or more, T, L): from every place to the tokens of the text, each row sums to 1
/// @param places (N or more, T, T): from every place to every place, each row sums to 1
/// @param rows places from top to bottom of a picture, T is rows · columns
/// @param columns places from left to right
public record Sight(NdArray text, NdArray places, int rows, int columns) {
    public Sight {
        Shape t = text.shape();
        int count = rows * columns;
        if (t.rank() != 3 || t.dim(1) != count || !places.shape().equals(Shape.of(t.dim(0), count, count))) {
            throw new IllegalArgumentException(
                    "what " + rows + " by " + columns + " places looked at is not " + t + " and " + places.shape());
        }
    }
}
