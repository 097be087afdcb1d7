package org.vortexel.train;

import java.util.ArrayList;
import java.util.List;
import org.vortexel.diffusion.Condition;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Encoded captions, kept in memory: one row per caption, the empty caption last.
///
/// @param text all of them
record CaptionStates(Condition.Text text) {
    /// Encodes `captions` and, last, the empty caption.
    static CaptionStates of(CaptionEncoder encoder, List<String> captions) {
        List<String> all = new ArrayList<>(captions);
        all.add("");
        return new CaptionStates(encoder.encode(all));
    }

    /// The row of the empty caption.
    int empty() {
        return text.batch() - 1;
    }

    /// The given rows.
    Condition.Text rows(int... rows) {
        return new Condition.Text(gather(text.states(), rows), gather(text.mask(), rows), gather(text.pooled(), rows));
    }

    private static NdArray gather(NdArray from, int... rows) {
        Shape shape = from.shape();
        int size = shape.size(1, shape.rank());
        float[] data = new float[rows.length * size];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(from.data(), rows[i] * size, data, i * size, size);
        }
        return NdArray.of(shape.with(0, rows.length), data);
    }
}
