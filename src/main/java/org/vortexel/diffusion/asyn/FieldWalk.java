package org.vortexel.diffusion.asyn;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseLevel;
import org.vortexel.diffusion.NoiseLevels;
import org.vortexel.diffusion.NoiseSchedule;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.VariancePreserving;

/// A walk of a field of times from noise to data: every interval is made when it is asked for, from the times of the
/// one before and from what the network has looked at by then. So the mask that prediction `i` leads to acts on the
/// times of prediction `i + 2`, as in the paper's code.
///
/// A variance-preserving schedule is told whole training steps, rounded half to even; the field itself keeps its
/// fractions. A rectified flow takes any time; its field is even in `t` and shifted like its own steps.
///
/// Source: AsynDM, [arXiv:2510.04504](https://arxiv.org/abs/2510.04504), algorithm 1. *Departs from the code:* times
/// never go beyond the schedule's largest, which a full-strength curve would.
public final class FieldWalk implements Iterator<Interval> {
    private static final double ON_THE_LINE = 1e-9;

    private final NoiseSchedule schedule;
    private final FieldSchedule field;
    private final List<Item> items;
    private final MaskSource source;
    private final int rows;
    private final int columns;
    private Masks masks;
    private double[] times;
    private int index;

    /// A walk that has not begun.
    public FieldWalk(
            NoiseSchedule schedule,
            FieldSchedule field,
            List<Item> items,
            MaskSource source,
            int batch,
            int rows,
            int columns) {
        this.schedule = schedule;
        this.field = field;
        this.items = List.copyOf(items);
        this.source = source;
        this.rows = rows;
        this.columns = columns;
        this.masks = source.first(batch, rows, columns, items);
        this.times = new double[batch * rows * columns];
        Arrays.fill(times, field.start());
        this.times = after(field.steps());
    }

    /// The times that the next prediction will be told, before rounding and shifting; zeros at the end.
    public double[] times() {
        return times.clone();
    }

    /// The masks that made the latest times.
    public Masks masks() {
        return masks;
    }

    /// How far apart the earliest and the latest pixel are. Networks never saw mixed levels in training; a wide
    /// gap is the first thing to suspect when backgrounds stay noisy.
    public double gap() {
        return Arrays.stream(times).max().orElseThrow()
                - Arrays.stream(times).min().orElseThrow();
    }

    @Override
    public boolean hasNext() {
        return index < field.steps();
    }

    @Override
    public Interval next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the walk is over after " + field.steps() + " steps");
        }
        if (index > 0) {
            masks = source.next(rows, columns, items);
        }
        double[] told = told(times);
        NoiseLevels from = levels(told, false);
        times = after(field.steps() - index - 1);
        NoiseLevels to = levels(told(times), index == field.steps() - 1);
        return new Interval(index++, field.steps(), new Timesteps.PerToken(rows, columns, told), from, to);
    }

    private double[] after(int left) {
        double[] next = new double[times.length];
        for (int i = 0; i < next.length; i++) {
            int owner = masks.owner()[i];
            double time = owner < 0
                    ? line(times[i], left)
                    : field.next(times[i], left, items.get(owner).strength());
            next[i] = Math.min(time, largest());
        }
        return next;
    }

    /// A pixel that is on the line stays there to the bit, so that a walk without masks is the synchronous one.
    private double line(double time, int left) {
        double next = field.line(time, left);
        double onLine = left == 0 ? 0 : synchronous(field.steps() - left);
        return Math.abs(next - onLine) <= ON_THE_LINE * field.length() ? onLine : next;
    }

    /// The time of all pixels at prediction `step` of a synchronous run.
    private double synchronous(int step) {
        return switch (schedule) {
            case VariancePreserving _ -> field.start() - (step + 1) * field.length() / field.steps();
            case RectifiedFlow _ ->
                new RectifiedFlow(1, 1).grid(field.steps()).time(step); // even `t`, with the bits of its own grid
        };
    }

    private double largest() {
        return switch (schedule) {
            case VariancePreserving diffusion -> diffusion.steps() - 1;
            case RectifiedFlow _ -> 1;
        };
    }

    /// What the network is told.
    private double[] told(double[] field) {
        return Arrays.stream(field)
                .map(t -> switch (schedule) {
                    case VariancePreserving _ -> Math.rint(t);
                    case RectifiedFlow flow -> flow.shift(t) * flow.steps();
                })
                .toArray();
    }

    private NoiseLevels levels(double[] told, boolean end) {
        List<NoiseLevel> levels = Arrays.stream(told)
                .mapToObj(t -> switch (schedule) {
                    case VariancePreserving diffusion -> end ? diffusion.ending() : diffusion.level(t);
                    case RectifiedFlow flow -> end ? NoiseLevel.CLEAN : NoiseLevel.ofFlow(t / flow.steps());
                })
                .toList();
        return new NoiseLevels(rows, columns, levels);
    }
}
