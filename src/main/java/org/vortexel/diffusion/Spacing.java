package org.vortexel.diffusion;

import java.util.Arrays;

/// Which of the `T` training steps a variance-preserving schedule stops at when it samples in `K` steps. What a
/// published model was tuned with belongs to its configuration; a model of one's own does best with [Trailing], which
/// starts at pure noise.
///
/// `T = 1000`, `K = 10`:
///
/// | spacing        | steps                       |
/// |----------------|-----------------------------|
/// | `Leading(1)`   | 901, 801, … 101, 1          |
/// | `Trailing`     | 999, 899, … 199, 99         |
/// | `Linspace`     | 999, 888, … 111, 0          |
/// | `Respaced`     | 999, 888, … 111, 0          |
///
/// Source: Lin et al. 2023, [arXiv:2305.08891](https://arxiv.org/abs/2305.08891), table 2.
public sealed interface Spacing {
    /// `count` steps along the schedule, from noise to its ending.
    TimeGrid over(VariancePreserving schedule, int count);

    /// Multiples of `T / K` from 0 up, plus an offset.
    ///
    /// @param offset added to every step; 1 for Stable Diffusion
    /// @param spare whether to place `K + 1` steps and leave the lowest out, as the multistep solvers of diffusers
    /// do
    record Leading(int offset, boolean spare) implements Spacing {
        @Override
        public TimeGrid over(VariancePreserving schedule, int count) {
            int stride = schedule.steps() / (spare ? count + 1 : count);
            double[] times = new double[count];
            for (int i = 0; i < count; i++) {
                times[i] = stride * (count - 1 - i + (spare ? 1 : 0)) + offset;
            }
            return at(schedule, times);
        }
    }

    /// Steps of `T / K` down from `T`, rounded, less 1.
    record Trailing() implements Spacing {
        @Override
        public TimeGrid over(VariancePreserving schedule, int count) {
            double stride = (double) schedule.steps() / count;
            double[] times = new double[count];
            for (int i = 0; i < count; i++) {
                times[i] = Math.rint(schedule.steps() - i * stride) - 1;
            }
            return at(schedule, times);
        }
    }

    /// Even steps from `T - 1` to 0.
    ///
    /// @param whole whether to round to whole training steps, half to even
    /// @param spare whether to place `K + 1` steps and leave the lowest out, as the multistep solvers of diffusers
    /// do
    record Linspace(boolean whole, boolean spare) implements Spacing {
        @Override
        public TimeGrid over(VariancePreserving schedule, int count) {
            int placed = spare ? count + 1 : count;
            double[] ascending = VariancePreserving.linspace(0, schedule.steps() - 1, placed);
            double[] times = new double[count];
            for (int i = 0; i < count; i++) {
                double time = ascending[placed - 1 - i];
                times[i] = whole ? Math.rint(time) : time;
            }
            return at(schedule, times);
        }
    }

    /// The steps of [#respaced(int, int...)] in one section, downwards: DiT's sampling.
    record Respaced() implements Spacing {
        @Override
        public TimeGrid over(VariancePreserving schedule, int count) {
            int[] ascending = respaced(schedule.steps(), count);
            double[] times = new double[count];
            for (int i = 0; i < count; i++) {
                times[i] = ascending[count - 1 - i];
            }
            return at(schedule, times);
        }
    }

    /// Noise ratios between the ends of another spacing, even in their seventh roots.
    ///
    /// Source: Karras et al. 2022, [arXiv:2206.00364](https://arxiv.org/abs/2206.00364), eq. 5.
    ///
    /// @param range gives the largest and the smallest ratio
    /// @param whole whether the network is told whole training steps, rounded half to even
    record Karras(Spacing range, boolean whole) implements Spacing {
        private static final double RHO = 7;

        @Override
        public TimeGrid over(VariancePreserving schedule, int count) {
            TimeGrid ends = range.over(schedule, Math.max(2, count));
            double largest = Math.pow(ends.level(0).ratio(), 1 / RHO);
            double smallest = Math.pow(ends.level(ends.count() - 1).ratio(), 1 / RHO);
            double[] roots = VariancePreserving.linspace(largest, smallest, count);
            double[] times = new double[count];
            NoiseLevel[] levels = new NoiseLevel[count + 1];
            for (int i = 0; i < count; i++) {
                double ratio = Math.pow(roots[i], RHO);
                double time = schedule.time(ratio);
                times[i] = whole ? Math.rint(time) : time;
                levels[i] = NoiseLevel.ofRatio(ratio);
            }
            levels[count] = schedule.ending();
            return TimeGrid.chain(times, levels);
        }
    }

    /// The training steps, ascending, of a process cut into equal sections with a number of sampling steps each:
    /// `0` and the last step of a section are always kept, those between are rounded half to even.
    ///
    /// @throws IllegalArgumentException when a section has fewer steps than are asked of it
    static int[] respaced(int steps, int... sections) {
        int[] kept = new int[Arrays.stream(sections).sum()];
        int size = steps / sections.length;
        int longer = steps % sections.length;
        int start = 0;
        int next = 0;
        for (int section = 0; section < sections.length; section++) {
            int length = section < longer ? size + 1 : size;
            int count = sections[section];
            if (count > length) {
                throw new IllegalArgumentException("a section of " + length + " steps has no " + count + " to keep");
            }
            double stride = count <= 1 ? 1 : (length - 1.0) / (count - 1);
            double position = 0;
            for (int i = 0; i < count; i++) {
                kept[next++] = start + (int) Math.rint(position);
                position += stride; // summed, not multiplied: the rounding must fall as in the original
            }
            start += length;
        }
        return kept;
    }

    /// The multiples of the smallest whole stride that gives exactly `count` steps, ascending (the DDIM paper's
    /// choice).
    ///
    /// @throws IllegalArgumentException when no whole stride does
    static int[] strided(int steps, int count) {
        for (int stride = 1; stride < steps; stride++) {
            if ((steps + stride - 1) / stride == count) {
                int[] kept = new int[count];
                for (int i = 0; i < count; i++) {
                    kept[i] = i * stride;
                }
                return kept;
            }
        }
        throw new IllegalArgumentException("no whole stride cuts " + steps + " steps into " + count);
    }

    private static TimeGrid at(VariancePreserving schedule, double... times) {
        NoiseLevel[] levels = new NoiseLevel[times.length + 1];
        for (int i = 0; i < times.length; i++) {
            levels[i] = schedule.level(times[i]);
        }
        levels[times.length] = schedule.ending();
        return TimeGrid.chain(times, levels);
    }
}
