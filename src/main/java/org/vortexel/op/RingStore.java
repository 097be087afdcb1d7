package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// Keeps a feature in one slot of a ring, in place: `ring[slot] = feature`. No output; a negative slot keeps nothing.
///
/// Inputs: the ring (S, …), the feature (…), and one id `slot` below S.
public record RingStore() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "ringStore");

    /// Records the store.
    public static void into(Tensor ring, Tensor feature, Tensor slot) {
        ring.tape().record(new RingStore(), List.of(ring, feature, slot));
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape ring = in.get(0);
        Shape feature = in.get(1);
        if (ring.rank() != feature.rank() + 1
                || ring.size() != ring.dim(0) * feature.size()
                || in.get(2).size() != 1) {
            throw new IllegalArgumentException("RingStore expected a ring (S, …), a feature (…) and one id but got "
                    + ring + ", " + feature + " and " + in.get(2));
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
        int width = to.in(1).dim(-1);
        int rows = to.in(1).size() / width;
        to.launch(KERNEL, rows, to.in(0), to.in(1), to.in(2), rows, width);
    }

    /// `ring[slot[0], t] = feature[t]`; a row is a token.
    ///
    /// The ring is read as well where nothing is to be written: a compiler that sees an array only written
    /// may leave the rest of it behind.
    public static void ringStore(float[] ring, float[] feature, int[] slot, int rows, int width, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int from = (begin + i) * width;
            int to = Math.max(slot[0], 0) * rows * width + from;
            for (int d = 0; d < width; d++) {
                ring[to + d] = slot[0] < 0 ? ring[to + d] : feature[from + d];
            }
        }
    }
}
