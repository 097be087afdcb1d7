package org.vortexel.diffusion;

import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;
import org.vortexel.tensor.NdArray;

/// The denoising loop: ask the network, read its answer, take the sampler's step.
///
/// ```java
/// NdArray x = noise;
/// for (DiffusionStep step : loop.run(network, noise, seed, 25)) {
///     x = step.x(); // show progress or a preview here; break to cancel
/// }
/// ```
///
/// Nothing runs until the iterator is asked, and each iterator runs afresh.
///
/// @param schedule the schedule the network was trained with
/// @param prediction what the network outputs
/// @param clip whether the predicted pictures are held inside the pixel range
/// @param sampler how to walk
public record DiffusionLoop(NoiseSchedule schedule, Prediction prediction, Clip clip, Sampler sampler) {
    /// `count` steps from normal noise.
    ///
    /// @param noise unit noise `(N, C, H, W)`; not modified
    /// @param seed the seed of the first picture, for samplers that draw fresh noise
    public Iterable<DiffusionStep> run(GuidedDenoiser network, NdArray noise, long seed, int count) {
        TimeGrid grid = sampler.timesteps(schedule, count);
        float scale = (float) sampler.priorScale(schedule, grid);
        NdArray x = noise.copy();
        for (int i = 0; i < x.data().length; i++) {
            x.data()[i] *= scale;
        }
        SeededNoise fresh = new SeededNoise(seed);
        return along(grid, network, x, index -> fresh.draw(1L + index, noise.shape()));
    }

    /// The intervals of any way from any `x`. The next interval is asked for only when the last one is done, so
    /// it may depend on what the network saw.
    ///
    /// @param noise fresh normal noise of the shape of `x` for a step's index
    public Iterable<DiffusionStep> along(
            Iterable<Interval> way, GuidedDenoiser network, NdArray x, IntFunction<NdArray> noise) {
        return walk(way, Estimator.of(network, prediction, clip), x, noise);
    }

    /// The same for a network that is guided in any way; its estimates are taken as they come, whatever
    /// the
    /// prediction and the clipping of this loop.
    public Iterable<DiffusionStep> walk(
            Iterable<Interval> way, Estimator network, NdArray x, IntFunction<NdArray> noise) {
        return () -> new Walk(way.iterator(), network, noise, x);
    }

    private final class Walk implements Iterator<DiffusionStep> {
        private final Iterator<Interval> way;
        private final Estimator network;
        private final IntFunction<NdArray> noise;
        private NdArray x;
        private List<Sampler.Past> past = List.of();

        Walk(Iterator<Interval> way, Estimator network, IntFunction<NdArray> noise, NdArray x) {
            this.way = way;
            this.network = network;
            this.noise = noise;
            this.x = x;
        }

        @Override
        public boolean hasNext() {
            return way.hasNext();
        }

        @Override
        public DiffusionStep next() {
            Interval interval = way.next();
            Sampler.Step step;
            Estimate estimate;
            try {
                estimate = network.estimate(x, interval);
                step = sampler.step(past, x, estimate, interval, () -> noise.apply(interval.index()));
                Estimator.checkFinite(step.x(), "x");
            } catch (ArithmeticException e) {
                throw new ArithmeticException(place(interval) + e.getMessage());
            }
            x = step.x();
            past = step.past();
            return new DiffusionStep(interval, x, estimate.x0());
        }
    }

    private static String place(Interval interval) {
        return "step " + (interval.index() + 1) + " of " + interval.count() + " (time "
                + interval.timesteps().max() + "): ";
    }
}
