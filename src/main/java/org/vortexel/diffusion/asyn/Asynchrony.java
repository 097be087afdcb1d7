package org.vortexel.diffusion.asyn;

import java.util.List;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseSchedule;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Sampler;
import org.vortexel.diffusion.VariancePreserving;

/// Whether all pixels share a time, or those that the prompt speaks of lag behind and see the others clearer.
///
/// The way goes into [org.vortexel.diffusion.DiffusionLoop#along] like any other.
public sealed interface Asynchrony {
    /// The way from noise to data.
    ///
    /// @param count how many steps
    /// @param batch N
    Iterable<Interval> way(NoiseSchedule schedule, Sampler sampler, int count, int batch);

    /// All pixels share the sampler's own times.
    record Off() implements Asynchrony {
        @Override
        public Iterable<Interval> way(NoiseSchedule schedule, Sampler sampler, int count, int batch) {
            return sampler.timesteps(schedule, count);
        }
    }

    /// Every pixel, or token, has a time of its own. Wants a sampler of one step, such as Euler or DDIM.
    ///
    /// Source: AsynDM, [arXiv:2510.04504](https://arxiv.org/abs/2510.04504).
    ///
    /// @param curve of pixels in a mask
    /// @param items at least one if the masks are [MaskSource.Dynamic]
    /// @param masks which pixels belong to which item
    /// @param rows rows of the field of times: latent rows for a network that takes a time per pixel, token rows
    /// for one that takes a time per token
    /// @param columns columns of that field
    /// @param last `tau`, the last training step before the end, for variance-preserving schedules; a rectified
    /// flow ends one even step above 0
    record Fields(Curve curve, List<Item> items, MaskSource masks, int rows, int columns, double last)
            implements Asynchrony {
        public Fields {
            items = List.copyOf(items);
            if (rows < 1 || columns < 1) {
                throw new IllegalArgumentException("a field of times wants rows and columns");
            }
        }

        @Override
        public Iterable<Interval> way(NoiseSchedule schedule, Sampler sampler, int count, int batch) {
            FieldSchedule field = switch (schedule) {
                case VariancePreserving diffusion -> new FieldSchedule(curve, diffusion.steps(), count, last);
                case RectifiedFlow _ -> new FieldSchedule(curve, 1, count, 1.0 / count);
            };
            return () -> new FieldWalk(schedule, field, items, masks, batch, rows, columns);
        }
    }
}
