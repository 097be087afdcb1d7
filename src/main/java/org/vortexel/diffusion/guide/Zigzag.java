package org.vortexel.diffusion.guide;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Estimator;
import org.vortexel.diffusion.Interval;

/// Z-Sampling: each of the first steps is taken, gone back without the condition, and taken again, so
/// that
/// what the condition pulled in on the way there stays in `x`. Three steps for one.
///
/// It is only another way through the same sampler, whose step across an interval leads back as well as
/// forth. On the way back the network is told the time of the noisier end, where it is bound; with an
/// answer
/// that does not hang on `x`, back undoes there. Wants a sampler that is the same in both directions:
/// [org.vortexel.diffusion.Euler], or [org.vortexel.diffusion.Ddim] without fresh noise. Times may
/// differ
/// from place to place.
///
/// Source: Bai et al. 2024, [arXiv:2412.10891](https://arxiv.org/abs/2412.10891), algorithm 1, one
/// round a
/// step as in its public code.
///
/// @param steps how many steps from the first on, `lambda`; 0 for none. The last step of a way, which
/// ends
/// clean, is never gone back
public record Zigzag(int steps) {
    public Zigzag {
        if (steps < 0) {
            throw new IllegalArgumentException("Z-Sampling goes back at least 0 steps, not " + steps);
        }
    }

    /// A way with its detours; what leads back is [Interval#goesBack()]. An interval of `way` is asked
    /// for
    /// when the one before is done with, detour and all.
    public Iterable<Interval> way(Iterable<Interval> way) {
        return () -> new Iterator<>() {
            private final Iterator<Interval> plain = way.iterator();
            private final Deque<Interval> waiting = new ArrayDeque<>();

            @Override
            public boolean hasNext() {
                return !waiting.isEmpty() || plain.hasNext();
            }

            @Override
            public Interval next() {
                if (waiting.isEmpty()) {
                    Interval there = plain.next();
                    waiting.add(there);
                    if (isDoubled(there)) {
                        waiting.add(there.back());
                        waiting.add(there);
                    }
                }
                return waiting.remove();
            }
        };
    }

    private boolean isDoubled(Interval interval) {
        return interval.index() < Math.min(steps, interval.count() - 1);
    }

    /// The network that is asked on such a way.
    ///
    /// @param there guided
    /// @param back without the condition
    public static Estimator guide(Estimator there, Estimator back) {
        return (x, interval) -> (interval.goesBack() ? back : there).estimate(x, interval);
    }

    /// The steps of a way without those that are taken back and those that do so: one for every
    /// interval of
    /// the plain way.
    public Iterator<DiffusionStep> steps(Iterator<DiffusionStep> all) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public DiffusionStep next() {
                DiffusionStep step = all.next();
                if (isDoubled(step.interval())) {
                    all.next();
                    step = all.next();
                }
                return step;
            }
        };
    }
}
