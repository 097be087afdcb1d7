package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import org.vortexel.tensor.Shape;

/// A feature forecast from those kept in a ring: `out = base + Σ_s table[s] (ring[s] - base)`, `base = ring[newest]`.
/// The weights of a channel, that of the newest slot included, are meant to sum to 1; then this is `Σ_s table[s]
/// ring[s]`, and features that did not change are forecast to the bit.
///
/// | tensor   | shape                                                              |
/// |----------|--------------------------------------------------------------------|
/// | `ring`   | (S, …, D), S slots; see [RingStore]                                |
/// | `table`  | (S, D), a weight for every slot and channel                        |
/// | `newest` | (1) ids, the slot of the newest feature                            |
/// | result   | (…, D)                                                             |
///
/// No gradient: forecasts belong to sampling. The ring counts as written, although it is only read: another program
/// fills it between runs, so a device must not keep a copy of its own.
///
/// Source: HyCa, [arXiv:2510.04188](https://arxiv.org/abs/2510.04188), eq. 4, for solvers that are linear in the
/// past.
public record RingForecast() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "ringForecast");

    /// Records a forecast.
    public static Tensor of(Tensor ring, Tensor table, Tensor newest) {
        return ring.apply(new RingForecast(), table, newest);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape ring = in.get(0);
        Shape table = in.get(1);
        if (ring.rank() < 2
                || !table.equals(Shape.of(ring.dim(0), ring.dim(-1)))
                || in.get(2).size() != 1) {
            throw new IllegalArgumentException(
                    "RingForecast expected a ring (S, …, D), a table (S, D) and one id but got " + ring + ", " + table
                            + " and " + in.get(2));
        }
        int[] sizes = ring.toArray();
        return List.of(Shape.of(Arrays.copyOfRange(sizes, 1, sizes.length)));
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
        int width = to.in(0).dim(-1);
        int rows = to.out(0).size() / width;
        to.launch(
                KERNEL, rows, to.out(0), to.in(0), to.in(1), to.in(2), to.in(0).dim(0), rows, width);
    }

    /// The forecast of a run of tokens; a row is a token.
    public static void ringForecast(
            float[] out,
            float[] ring,
            float[] table,
            int[] newest,
            int slots,
            int rows,
            int width,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int to = (begin + i) * width;
            int base = newest[0] * rows * width + to;
            for (int d = 0; d < width; d++) {
                out[to + d] = ring[base + d];
            }
            for (int s = 0; s < slots; s++) {
                int from = s * rows * width + to;
                for (int d = 0; d < width; d++) {
                    out[to + d] += table[s * width + d] * (ring[from + d] - ring[base + d]);
                }
            }
        }
    }
}
