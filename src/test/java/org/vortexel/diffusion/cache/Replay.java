package org.vortexel.diffusion.cache;

import java.util.ArrayList;
import java.util.List;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.op.RingForecast;
import org.vortexel.op.RingStore;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A cache in front of known features: what a network with one point would have seen.
///
/// @param seen the features as computed or forecast, one per step
/// @param computed which steps were computed
record Replay(List<NdArray> seen, List<Boolean> computed) {
    /// @param features (S, L, D), one per step
    static Replay of(Device device, FeatureCache cache, NdArray features) {
        int steps = features.shape().dim(0);
        Shape shape = Shape.of(java.util.Arrays.copyOfRange(
                features.shape().toArray(), 1, features.shape().rank()));
        Shape ringShape = Shape.of(java.util.stream.IntStream.concat(
                        java.util.stream.IntStream.of(Math.max(1, cache.slots())),
                        java.util.Arrays.stream(shape.toArray()))
                .toArray());
        Weights weights = new Weights();
        weights.put("ring", NdArray.zeros(ringShape));

        Recorder store = new Recorder();
        Tensor feature = store.input("feature", shape);
        RingStore.into(store.parameter("ring", ringShape), feature, store.ids("slot", Shape.of(1)));

        Recorder forecast = new Recorder();
        Tensor table = forecast.input("table", Shape.of(ringShape.dim(0), ringShape.dim(-1)));
        Tensor ring = forecast.parameter("ring", ringShape);
        Tensor out = RingForecast.of(ring, table, forecast.ids("newest", Shape.of(1)));
        RingStore.into(ring, out, forecast.ids("slot", Shape.of(1)));
        forecast.output("out", out);

        List<NdArray> seen = new ArrayList<>();
        List<Boolean> computed = new ArrayList<>();
        CacheRun run = new CacheRun(cache, steps);
        try (Player storing = device.load(store.program(), weights);
                Player forecasting = device.load(forecast.program(), weights)) {
            for (int n = 0; n < steps; n++) {
                NdArray known = new NdArray(shape, features.rows(n, n + 1).data());
                switch (run.next()) {
                    case CacheStep.Compute(int slot) -> {
                        storing.set("feature", known).set("slot", slot).run();
                        seen.add(known);
                        computed.add(true);
                    }
                    case CacheStep.Forecast step -> {
                        forecasting
                                .set("table", step.table("point", shape.dim(-1)))
                                .set("newest", step.newest())
                                .set("slot", step.slot())
                                .run();
                        seen.add(forecasting.get("out"));
                        computed.add(false);
                    }
                }
            }
        }
        return new Replay(seen, computed);
    }

    /// All steps as one array.
    NdArray all(Shape shape) {
        NdArray all = NdArray.zeros(shape);
        int size = seen.getFirst().data().length;
        for (int n = 0; n < seen.size(); n++) {
            System.arraycopy(seen.get(n).data(), 0, all.data(), n * size, size);
        }
        return all;
    }
}
