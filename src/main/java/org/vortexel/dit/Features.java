package org.vortexel.dit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.vortexel.op.Attention;
import org.vortexel.op.RingForecast;
import org.vortexel.op.RingStore;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.Shape;

/// Where a forward pass takes its features from, while it is recorded: a step that computes and a step that forecasts
/// are two programs of one model, which share the rings that features are kept in.
///
/// | program    | features                                                      | inputs of its own |
/// |------------|---------------------------------------------------------------|-------------------|
/// | [Computed] | computed                                                      |                   |
/// | [Kept]     | computed, and written into rings                              | `slot`            |
/// | [Forecast] | forecast from the rings, without what would compute them      | `newest`, tables  |
/// | [Blurred]  | computed, with the queries of one block blurred               |                   |
sealed interface Features {
    /// The output of a branch before its gate, a point of [Granularity#MODULE].
    ///
    /// @param point its name
    /// @param x what the branch reads, (N, T, D), as its output is
    Tensor branch(String point, Tensor x, Supplier<Tensor> compute);

    /// `x` and what `compute` adds to it, a point of the given granularity.
    ///
    /// @param x (N, T, D)
    Tensor residual(Granularity granularity, String point, Tensor x, Supplier<Tensor> compute);

    /// The self-attention of a block.
    ///
    /// @param block its name
    /// @param qkv (N, T, 3 D): queries, keys and values side by side
    /// @return (N, T, D)
    default Tensor attention(String block, Tensor qkv, int heads) {
        return Attention.self(qkv, heads);
    }

    /// Everything is computed.
    record Computed() implements Features {
        @Override
        public Tensor branch(String point, Tensor x, Supplier<Tensor> compute) {
            return compute.get();
        }

        @Override
        public Tensor residual(Granularity granularity, String point, Tensor x, Supplier<Tensor> compute) {
            return compute.get();
        }
    }

    /// Everything is computed, but one block asks with blurred queries.
    record Blurred(QueryBlur blur) implements Features {
        @Override
        public Tensor branch(String point, Tensor x, Supplier<Tensor> compute) {
            return compute.get();
        }

        @Override
        public Tensor residual(Granularity granularity, String point, Tensor x, Supplier<Tensor> compute) {
            return compute.get();
        }

        @Override
        public Tensor attention(String block, Tensor qkv, int heads) {
            return block.equals(blur.block()) ? blur.attention(qkv, heads) : Attention.self(qkv, heads);
        }
    }

    /// Everything is computed, by the same ops; what the points give is kept as well.
    ///
    /// @param rings where
    record Kept(Rings rings) implements Features {
        @Override
        public Tensor branch(String point, Tensor x, Supplier<Tensor> compute) {
            Tensor feature = compute.get();
            if (rings.granularity == Granularity.MODULE) {
                rings.store(point, feature);
            }
            return feature;
        }

        @Override
        public Tensor residual(Granularity granularity, String point, Tensor x, Supplier<Tensor> compute) {
            Tensor out = compute.get();
            if (rings.granularity == granularity) {
                rings.store(point, out.sub(x));
            }
            return out;
        }
    }

    /// What the points give is forecast.
    ///
    /// @param rings from where
    /// @param keep whether forecasts are kept like computed features
    record Forecast(Rings rings, boolean keep) implements Features {
        @Override
        public Tensor branch(String point, Tensor x, Supplier<Tensor> compute) {
            return rings.granularity == Granularity.MODULE ? forecast(point, x) : compute.get();
        }

        @Override
        public Tensor residual(Granularity granularity, String point, Tensor x, Supplier<Tensor> compute) {
            return rings.granularity == granularity ? x.add(forecast(point, x)) : compute.get();
        }

        private Tensor forecast(String point, Tensor like) {
            Tensor feature = rings.forecast(point, like);
            if (keep) {
                rings.store(point, feature);
            }
            return feature;
        }
    }

    /// The rings of one program: parameters `ring.blocks.3` (S, N, T, D).
    final class Rings {
        private final Recorder recorder;
        private final int slots;
        private final Granularity granularity;
        private final Map<String, Shape> points = new LinkedHashMap<>();
        private final Map<String, Tensor> ids = new LinkedHashMap<>();

        Rings(Recorder recorder, int slots, Granularity granularity) {
            this.recorder = recorder;
            this.slots = slots;
            this.granularity = granularity;
        }

        static String ring(String point) {
            return "ring." + point;
        }

        static String table(String point) {
            return "table." + point;
        }

        /// The rings' shapes by point, in the order of the network.
        Map<String, Shape> points() {
            return points;
        }

        private void store(String point, Tensor feature) {
            RingStore.into(ring(point, feature), feature, id("slot"));
        }

        private Tensor forecast(String point, Tensor like) {
            Tensor table = recorder.input(table(point), Shape.of(slots, like.dim(-1)));
            return RingForecast.of(ring(point, like), table, id("newest"));
        }

        private Tensor ring(String point, Tensor like) {
            Shape shape = Shape.of(slots, like.dim(0), like.dim(1), like.dim(2));
            points.put(point, shape);
            return recorder.parameter(ring(point), shape);
        }

        private Tensor id(String name) {
            return ids.computeIfAbsent(name, n -> recorder.ids(n, Shape.of(1)));
        }
    }
}
