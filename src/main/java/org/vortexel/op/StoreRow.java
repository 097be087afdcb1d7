package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Writes one row of every page of a store, in place: `store[n, at] = row[n]`. No output.
///
/// | input   | shape     |                                                                     |
/// |---------|-----------|---------------------------------------------------------------------|
/// | `store` | (N, S, W) | written at row `at`; the rest stays                                 |
/// | `row`   | (N, 1, W) |                                                                     |
/// | `at`    | (1)       | an id below S, given before every run; below 0 nothing is written   |
///
/// What is recorded after it on the same tape sees the new row. This is how keys and values of past tokens are
/// kept.
public record StoreRow() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "storeRow");

    /// Records the writing of `row` (N, 1, W) into `store` (N, S, W), an input or a parameter.
    public static void into(Tensor store, Tensor row, Tensor at) {
        if (at.dtype() != DType.I32) {
            throw new IllegalArgumentException("StoreRow expected an id but got floats " + at.shape());
        }
        store.tape().record(new StoreRow(), List.of(store, row, at));
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape store = in.get(0);
        Shape row = in.get(1);
        if (store.rank() != 3 || !row.equals(store.with(1, 1)) || in.get(2).size() != 1) {
            throw new IllegalArgumentException(
                    "StoreRow expected a store (N, S, W), a row (N, 1, W) and one id but got " + store + ", " + row
                            + " and " + in.get(2));
        }
        return List.of();
    }

    @Override
    public boolean mutates(int input) {
        return input == 0;
    }

    @Override
    public boolean mutatesState() {
        return true;
    }

    @Override
    public void lower(Lowering to) {
        Shape store = to.in(0).shape();
        to.launch(KERNEL, store.dim(0) * store.dim(2), to.in(0), to.in(1), to.in(2), store.dim(1), store.dim(2));
    }

    /// `store[n, at[0]] = row[n]`; a row is one number of `row`.
    ///
    /// The store is read as well where nothing is to be written: a compiler that sees an array only written may
    /// leave the rest of it behind.
    public static void storeRow(float[] store, float[] row, int[] at, int slots, int width, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int k = begin + i;
            int page = k / width;
            int slot = Math.max(at[0], 0);
            int place = (page * slots + slot) * width + k - page * width;
            store[place] = at[0] < 0 ? store[place] : row[k];
        }
    }
}
