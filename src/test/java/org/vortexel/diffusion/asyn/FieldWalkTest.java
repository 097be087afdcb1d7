package org.vortexel.diffusion.asyn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Ddim;
import org.vortexel.diffusion.DiffusionLoop;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Euler;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseSchedule;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Sampler;
import org.vortexel.diffusion.Spacing;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class FieldWalkTest {
    private static final Shape PICTURES = Shape.of(2, 3, 4, 4);
    private static final List<Item> ITEMS = List.of(new Item(1, 0.3), new Item(4, 0.7));

    /// Predicts from every pixel and its own time, whatever the layout of the times.
    private static final GuidedDenoiser NETWORK = (x, timesteps) -> {
        NdArray out = x.copy();
        int picture = x.shape().size(1, 4);
        int plane = x.shape().size(2, 4);
        for (int i = 0; i < out.data().length; i++) {
            double[] times = timesteps.times();
            double time = times.length == 1 ? times[0] : times[i / picture * plane + i % plane];
            out.data()[i] = (float) (0.3 * x.data()[i] + Math.sin(time / 100));
        }
        return out;
    };

    @Test
    void withoutMasksItIsSynchronousToTheBit() {
        MaskSource none = new MaskSource.Fixed(Masks.none(2, 4, 4));
        VariancePreserving diffusion = VariancePreserving.scaledLinear(1000)
                .spaced(new Spacing.Leading(1, false))
                .ending(VariancePreserving.Ending.FIRST_STEP);
        for (int steps : new int[] {1, 4, 10, 50}) {
            for (double eta : new double[] {0, 1}) {
                assertSynchronous(none, diffusion, Prediction.EPSILON, new Ddim(eta), steps);
            }
            for (double shift : new double[] {1, 3}) {
                assertSynchronous(none, new RectifiedFlow(1000, shift), Prediction.VELOCITY, new Euler(), steps);
            }
        }
    }

    private static void assertSynchronous(
            MaskSource none, NoiseSchedule schedule, Prediction prediction, Sampler sampler, int steps) {
        Asynchrony fields = new Asynchrony.Fields(Curve.QUADRATIC, ITEMS, none, 4, 4, 1);
        assertEquals(
                last(new Asynchrony.Off(), schedule, prediction, sampler, steps),
                last(fields, schedule, prediction, sampler, steps),
                schedule + " " + sampler + " in " + steps);
    }

    private static NdArray last(
            Asynchrony asynchrony, NoiseSchedule schedule, Prediction prediction, Sampler sampler, int steps) {
        DiffusionLoop loop = new DiffusionLoop(schedule, prediction, Clip.NONE, sampler);
        NdArray x = Philox.of(1).normal(PICTURES);
        NdArray last = x;
        for (DiffusionStep step : loop.along(
                asynchrony.way(schedule, sampler, steps, 2),
                NETWORK,
                x,
                index -> new Philox(2, index).normal(PICTURES))) {
            last = step.x();
        }
        return last;
    }

    /// Two items and background on 4 by 4 places of two pictures.
    private static MaskSource drawn() {
        int[] owner = new int[32];
        for (int i = 0; i < owner.length; i++) {
            owner[i] = i % 16 < 3 ? 0 : i % 16 < 8 && i < 16 ? 1 : -1;
        }
        return new MaskSource.Fixed(new Masks(2, 4, 4, owner));
    }

    private static long owned(Masks masks, int picture, int item) {
        return Arrays.stream(masks.owner(), picture * 16, picture * 16 + 16)
                .filter(o -> o == item)
                .count();
    }

    @Test
    void scatteredMasksAreAsLargeAndStayWhereTheyAre() {
        Masks own = drawn().first(2, 4, 4, ITEMS);
        MaskSource scattered = new MaskSource.Scattered(drawn(), 7, 8);
        Masks masks = scattered.first(2, 4, 4, ITEMS);
        for (int picture = 0; picture < 2; picture++) {
            for (int item = -1; item < 2; item++) {
                assertEquals(owned(own, picture, item), owned(masks, picture, item));
            }
        }
        assertFalse(Arrays.equals(own.owner(), masks.owner()), "elsewhere");
        assertArrayEquals(masks.owner(), scattered.next(4, 4, ITEMS).owner());
        assertArrayEquals(
                Arrays.copyOf(masks.owner(), 16),
                Arrays.copyOf(
                        new MaskSource.Scattered(drawn(), 7, 9)
                                .next(4, 4, ITEMS)
                                .owner(),
                        16));
        assertFalse(Arrays.equals(
                masks.owner(),
                new MaskSource.Scattered(drawn(), 9, 10).next(4, 4, ITEMS).owner()));
    }

    @Test
    void invertedMasksAreTheBackground() {
        Masks own = drawn().first(2, 4, 4, ITEMS);
        int strongest = ITEMS.get(0).strength() >= ITEMS.get(1).strength() ? 0 : 1;
        MaskSource inverted = new MaskSource.Inverted(drawn());
        for (Masks masks : List.of(inverted.first(2, 4, 4, ITEMS), inverted.next(4, 4, ITEMS))) {
            for (int i = 0; i < 32; i++) {
                assertEquals(own.owner()[i] < 0 ? strongest : -1, masks.owner()[i]);
            }
        }
    }

    @Test
    void theClosedFormIsTheParabolaOfTheCode() {
        Philox random = Philox.of(3);
        for (int i = 0; i < 200; i++) {
            double time = 1000 * random.uniform(4L * i);
            int left = 1 + random.below(50, 4L * i + 1);
            double strength = 0.01 + 0.99 * random.uniform(4L * i + 2);
            double a = -strength * 1000 / 2500;
            double x0 = (left - (1 - time) / (a * left)) / 2;
            double parabola = a * (1 - x0) * (1 - x0) + time - a * x0 * x0;
            assertEquals(parabola, new FieldSchedule(Curve.QUADRATIC, 1000, 50, 1).next(time, left, strength), 1e-6);
        }
    }

    @Test
    void everyCurveEndsWhereTheLineEnds() {
        for (Curve curve : Curve.values()) {
            for (double strength : new double[] {0, 0.3, 0.7, 1}) {
                FieldSchedule field = new FieldSchedule(curve, 1000, 10, 1);
                double time = field.start();
                for (int left = 10; left >= 1; left--) {
                    double next = field.next(time, left, strength);
                    assertTrue(next < time || strength == 1, curve + " falls: " + time + " to " + next);
                    time = next;
                }
                assertEquals(1, time, 1e-9, curve + " " + strength);
                assertEquals(0, field.next(time, 0, strength));
            }
        }
    }

    @Test
    void noStrengthIsTheLine() {
        for (Curve curve : Curve.values()) {
            FieldSchedule field = new FieldSchedule(curve, 1000, 50, 1);
            double time = field.start();
            for (int left = 50; left >= 0; left--) {
                assertEquals(field.line(time, left), field.next(time, left, 0), 1e-9, curve + " " + left);
                time = field.line(time, left);
            }
        }
    }

    @Test
    void theWidestGapIsAQuarterOfTheStrength() {
        int[] owner = new int[16];
        Arrays.fill(owner, -1);
        owner[5] = 0;
        FieldWalk walk = new FieldWalk(
                VariancePreserving.linear(1000),
                new FieldSchedule(Curve.QUADRATIC, 1000, 50, 1),
                List.of(new Item(0, 0.7)),
                new MaskSource.Fixed(new Masks(1, 4, 4, owner)),
                1,
                4,
                4);
        double widest = 0;
        while (walk.hasNext()) {
            walk.next();
            widest = Math.max(widest, walk.gap());
        }
        assertEquals(0.7 * 1000 / 4, widest, 1);
    }

    @Test
    void aPixelThatLeavesTheMaskStillEndsWithTheOthers() {
        int[] call = {0};
        NdArray on = NdArray.full(Shape.of(1, 16, 1), 1);
        NdArray half = on.copy();
        Arrays.fill(half.data(), 0, 8, 0);
        MaskSource masks = new MaskSource.Dynamic(() -> call[0]++ % 2 == 0 ? half : on, 4, 4, 1);
        for (Curve curve : Curve.values()) {
            for (NoiseSchedule schedule : List.of(VariancePreserving.linear(1000), RectifiedFlow.standard())) {
                List<Interval> way = new ArrayList<>();
                new Asynchrony.Fields(curve, List.of(new Item(1, 0.5)), masks, 4, 4, 1)
                        .way(schedule, new Euler(), 8, 1)
                        .forEach(way::add);
                assertEquals(8, way.size());
                Interval end = way.getLast();
                assertEquals(
                        end.timesteps().min(), end.timesteps().max(), 1e-9, curve + " ends together along " + schedule);
                for (int i = 1; i < 8; i++) {
                    assertEquals(way.get(i - 1).to(), way.get(i).from());
                }
            }
        }
    }

    @Test
    void aFlowBeginsAtPureNoiseEverywhere() {
        Asynchrony fields =
                new Asynchrony.Fields(Curve.QUADRATIC, ITEMS, new MaskSource.Fixed(Masks.all(1, 4, 4, 1)), 4, 4, 1);
        Interval first = fields.way(RectifiedFlow.standard(), new Euler(), 20, 1)
                .iterator()
                .next();
        assertEquals(1000, first.timesteps().min());
        assertEquals(1000, first.timesteps().max());
    }

    @Test
    void pixelsBelongToOneItemAtMost() {
        NdArray attention = Philox.of(7).normal(Shape.of(2, 16, 2));
        for (int i = 0; i < attention.data().length; i++) {
            attention.data()[i] = Math.abs(attention.data()[i]);
        }
        Masks masks = Masks.of(attention, 4, 4, ITEMS, 1);
        float[] ones = masks.toArray(2).data();
        for (int n = 0; n < 2; n++) {
            for (int i = 0; i < 16; i++) {
                assertTrue(ones[n * 32 + i] + ones[n * 32 + 16 + i] <= 1);
            }
        }
        assertEquals(masks.covered(), masks.resized(8, 8).covered(), 1e-12);
        assertArrayEquals(masks.owner(), masks.resized(4, 4).owner());
    }

    @Test
    void aConstantMapIsTheSharedTime() {
        NdArray x = Philox.of(8).normal(PICTURES);
        double[] times = new double[32];
        Arrays.fill(times, 500);
        assertEquals(
                NETWORK.predict(x, new Timesteps.Shared(500)), NETWORK.predict(x, new Timesteps.PerToken(4, 4, times)));
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Item(0, 1.1));
        assertThrows(IllegalArgumentException.class, () -> new Masks(1, 2, 2, 0));
        assertThrows(IllegalArgumentException.class, () -> Masks.of(NdArray.zeros(Shape.of(1, 16, 1)), 4, 4, ITEMS, 1));
        MaskSource fixed = new MaskSource.Fixed(Masks.none(1, 4, 4));
        assertThrows(IllegalArgumentException.class, () -> fixed.first(2, 4, 4, ITEMS));
    }
}
