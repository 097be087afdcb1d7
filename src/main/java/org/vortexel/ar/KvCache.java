package org.vortexel.ar;

import java.util.ArrayList;
import java.util.List;
import org.vortexel.op.Embedding;
import org.vortexel.op.StoreRow;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Keys and values of past tokens, as inputs that a program of one token writes in place.
///
/// @param layers for each block (N, S, 2 W): keys, then values, of every position; inputs `cache.0`, `cache.1`, …
/// @param at the position of the token that is run, an id; input `at`
/// @param seen (N, 1, 1, S): 0 for positions that the token sees, -∞ for others
public record KvCache(List<Tensor> layers, Tensor at, Tensor seen) {
    /// Room for `length` positions, rounded up to a multiple of 8.
    public static int slots(int length) {
        return Math.ceilDiv(length, 8) * 8;
    }

    /// Declares a cache. The input `hidden` (N, S) is added to the scores: -∞ for positions no token may see.
    ///
    /// @param keyWidth numbers of all heads' keys of one token, W
    public static KvCache declare(Recorder recorder, int batch, int slots, int depth, int keyWidth) {
        List<Tensor> layers = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            layers.add(recorder.input("cache." + i, Shape.of(batch, slots, 2 * keyWidth)));
        }
        Tensor at = recorder.ids("at", Shape.of(1));
        NdArray table = NdArray.zeros(Shape.of(slots, slots));
        for (int i = 0; i < slots; i++) {
            for (int j = i + 1; j < slots; j++) {
                table.data()[i * slots + j] = Float.NEGATIVE_INFINITY;
            }
        }
        Tensor past = Embedding.of(recorder.constant(table), at).reshape(1, 1, 1, slots);
        Tensor seen = past.add(recorder.input("hidden", Shape.of(batch, slots)).reshape(batch, 1, 1, slots));
        return new KvCache(List.copyOf(layers), at, seen);
    }

    /// The row of a constant table (S, …) that belongs to this position: (1, …).
    public Tensor row(NdArray table) {
        return Embedding.of(at.tape().constant(table), at);
    }

    /// A table (L, …) with rows of zeros below it up to S rows.
    public static NdArray padded(NdArray table, int slots) {
        int row = table.shape().size(1, table.shape().rank());
        float[] longer = java.util.Arrays.copyOf(table.data(), Math.max(slots * row, table.data().length));
        return NdArray.of(table.shape().with(0, longer.length / row), longer);
    }

    /// What enters the network at this position: a row of `prefix` (N, P, D) or, beyond it, `token` (N, 1, D).
    public Tensor input(Tensor prefix, Tensor token) {
        int p = prefix.dim(1);
        NdArray pick = NdArray.zeros(Shape.of(slots(), p + 1));
        for (int i = 0; i < slots(); i++) {
            pick.data()[i * (p + 1) + Math.min(i, p)] = 1;
        }
        return Tensor.concat(1, prefix, token)
                .mul(row(pick).reshape(1, p + 1, 1))
                .sum(true, 1); // (N, 1, D)
    }

    /// Keeps keys and values (N, 1, 2 W) of this position, and returns those of all positions, (N, S, 2 W).
    public Tensor keep(int layer, Tensor keysAndValues) {
        StoreRow.into(layers.get(layer), keysAndValues, at);
        return layers.get(layer);
    }

    /// How many positions there is room for, S.
    public int slots() {
        return layers.getFirst().dim(1);
    }
}
