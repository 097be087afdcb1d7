package org.vortexel.text;

import java.util.Arrays;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Encoded texts.
///
/// @param states (N, L, D), a vector for every token; zeros after the end of a text
/// @param lengths the tokens of each text, `[CLS]` and `[SEP]` counted
/// @param pooled (N, D), one vector of length 1 for each text: the mean of its tokens, normalised
public record TextStates(NdArray states, int[] lengths, NdArray pooled) {
    /// What hides padding from attention; added to a score it makes the weight exactly 0.
    public static final float HIDDEN = -1e9f;

    /// (N, L): 0 for tokens, [#HIDDEN] for padding.
    public NdArray mask() {
        return mask(lengths, states.shape().dim(1));
    }

    /// (N, L) for texts of the given lengths: 0 for tokens, [#HIDDEN] for padding.
    static NdArray mask(int[] lengths, int columns) {
        NdArray mask = NdArray.full(Shape.of(lengths.length, columns), HIDDEN);
        for (int i = 0; i < lengths.length; i++) {
            Arrays.fill(mask.data(), i * columns, i * columns + lengths[i], 0);
        }
        return mask;
    }
}
