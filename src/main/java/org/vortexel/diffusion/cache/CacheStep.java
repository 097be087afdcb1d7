package org.vortexel.diffusion.cache;

import java.util.List;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What a network does at one step.
public sealed interface CacheStep {
    /// Where the features of the step are kept, a slot of the ring; -1 when they are not.
    int slot();

    /// Every feature is computed.
    record Compute(int slot) implements CacheStep {}

    /// Features are forecast.
    ///
    /// @param cache whose weights are used
    /// @param past what is forecast from, newest first
    /// @param at where
    /// @param slot where the forecast itself is kept, or -1
    record Forecast(FeatureCache cache, List<Past> past, double at, int slot) implements CacheStep {
        public Forecast {
            past = List.copyOf(past);
        }

        /// The slot of the newest feature.
        public int newest() {
            return past.getFirst().slot();
        }

        /// The weights of every slot and channel, `(slots, channels)`; zero for slots that do not matter.
        public NdArray table(String point, int channels) {
            double[][] weights = cache.weights(point, channels, past, at);
            NdArray table = NdArray.zeros(Shape.of(cache.slots(), channels));
            for (int j = 0; j < weights.length; j++) {
                int row = past.get(j).slot() * channels;
                for (int d = 0; d < channels; d++) {
                    float weight = (float) weights[j][d];
                    if (!Float.isFinite(weight)) {
                        throw new ArithmeticException("a forecast at " + point + " has the weight " + weights[j][d]);
                    }
                    table.data()[row + d] = weight;
                }
            }
            return table;
        }
    }
}
