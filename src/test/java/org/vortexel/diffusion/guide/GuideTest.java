package org.vortexel.diffusion.guide;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vortexel.diffusion.Branches;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Ddim;
import org.vortexel.diffusion.Denoiser;
import org.vortexel.diffusion.DiffusionLoop;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Estimator;
import org.vortexel.diffusion.Euler;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseLevels;
import org.vortexel.diffusion.NoiseSchedule;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Sampler;
import org.vortexel.diffusion.TimeGrid;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// The ways to guide, held against their formulas and against classifier-free guidance, which all of
/// them become
/// somewhere.
class GuideTest {
    private static final Shape SHAPE = Shape.of(2, 3, 4, 6);
    private static final RectifiedFlow FLOW = RectifiedFlow.standard();
    private static final VariancePreserving DIFFUSION = VariancePreserving.scaledLinear(1000);
    private static final Condition WANTED = new Condition.Label(1, 2);
    private static final Condition INSTEAD = new Condition.Label(0, 0);
    private static final NdArray NOISE = Philox.of(1).normal(SHAPE);

    /// A network whose answer bends with `x`, and hangs on the time of every place and on the
    /// condition.
    private static final Denoiser NETWORK = (x, timesteps, condition) -> {
        NdArray out = x.copy();
        int[] labels = ((Condition.Label) condition).labels();
        int size = out.data().length / labels.length;
        int[] region = NoiseLevels.at(timesteps, FLOW).regionOf(x.shape());
        double[] times = timesteps.times();
        for (int i = 0; i < out.data().length; i++) {
            double t = times[times.length == 1 ? 0 : region[i]] / 1000;
            out.data()[i] = (float) (Math.sin(x.data()[i] * (1 + t)) + 0.3 * labels[i / size] * Math.cos(i % size));
        }
        return out;
    };

    private static Branches answers(NdArray x, Timesteps timesteps) {
        return Branches.ask(NETWORK, x, timesteps, WANTED.and(INSTEAD));
    }

    private static NdArray last(Iterable<DiffusionStep> steps) {
        NdArray x = NOISE;
        for (DiffusionStep step : steps) {
            x = step.x();
        }
        return x;
    }

    private static DiffusionLoop loop(NoiseSchedule schedule, Prediction prediction, Sampler sampler) {
        return new DiffusionLoop(schedule, prediction, Clip.NONE, sampler);
    }

    private static void assertClose(NdArray wanted, NdArray got, double tolerance) {
        assertEquals(wanted.shape(), got.shape());
        for (int i = 0; i < wanted.data().length; i++) {
            assertEquals(wanted.data()[i], got.data()[i], tolerance, "element " + i);
        }
    }

    @Nested
    class CfgPlusPlusTest {
        private NdArray step(Prediction prediction, NoiseSchedule schedule, Interval interval, double strength) {
            Sampler sampler = schedule instanceof RectifiedFlow ? new Euler() : new Ddim(0);
            return last(loop(schedule, prediction, sampler)
                    .walk(
                            List.of(interval),
                            new CfgPlusPlus(strength).guide(NETWORK, prediction, Clip.NONE, WANTED, INSTEAD),
                            NOISE,
                            i -> NOISE));
        }

        @Test
        void itsStepIsThatOfThePaper() {
            Interval interval = DIFFUSION.grid(10).get(4);
            double a = Math.pow(interval.from().of(0).alpha(), 2);
            double b = Math.pow(interval.to().of(0).alpha(), 2);
            Branches out = answers(NOISE, interval.timesteps());
            NdArray wanted = NOISE.copy();
            for (int i = 0; i < wanted.data().length; i++) {
                double u = out.without().data()[i];
                double e = u + 0.6 * (out.with().data()[i] - u);
                double x0 = (NOISE.data()[i] - Math.sqrt(1 - a) * e) / Math.sqrt(a);
                wanted.data()[i] = (float) (Math.sqrt(b) * x0 + Math.sqrt(1 - b) * u);
            }
            assertClose(wanted, step(Prediction.EPSILON, DIFFUSION, interval, 0.6), 1e-5);
        }

        @Test
        void itsStepAlongAFlowIsGuidanceWhoseScaleFollowsTheTime() {
            for (int index : new int[] {0, 3, 9}) {
                Interval interval = FLOW.grid(10).get(index);
                double t = 1 - index / 10.0;
                double to = t - 0.1;
                NdArray wanted = last(loop(FLOW, Prediction.VELOCITY, new Euler())
                        .along(
                                List.of(interval),
                                Guidance.of(0.6 * t * (1 - to) / (t - to)).guide(NETWORK, FLOW, WANTED, INSTEAD),
                                NOISE,
                                i -> NOISE));
                assertClose(wanted, step(Prediction.VELOCITY, FLOW, interval, 0.6), 1e-5);
            }
        }

        @Test
        void withoutStrengthTheConditionIsNotHeard() {
            for (NoiseSchedule schedule : List.of(FLOW, DIFFUSION)) {
                Prediction prediction = schedule instanceof RectifiedFlow ? Prediction.VELOCITY : Prediction.EPSILON;
                DiffusionLoop loop = loop(schedule, prediction, new Ddim(0));
                TimeGrid grid = schedule.grid(5);
                GuidedDenoiser alone = (x, timesteps) -> NETWORK.predict(x, timesteps, INSTEAD);
                assertEquals(
                        last(loop.along(grid, alone, NOISE, i -> NOISE)),
                        last(loop.walk(
                                grid,
                                new CfgPlusPlus(0).guide(NETWORK, prediction, Clip.NONE, WANTED, INSTEAD),
                                NOISE,
                                i -> NOISE)));
            }
        }

        @Test
        void equalTimesEverywhereAreOneTime() {
            List<Interval> places = new ArrayList<>();
            for (Interval step : FLOW.grid(4)) {
                double[] times = new double[2 * 2 * 3];
                Arrays.fill(times, step.timesteps().max());
                Timesteps perPlace = new Timesteps.PerToken(2, 3, times);
                double[] then = new double[times.length];
                Arrays.fill(then, 1000 * step.to().of(0).sigma());
                places.add(new Interval(
                        step.index(),
                        4,
                        perPlace,
                        NoiseLevels.at(perPlace, FLOW),
                        NoiseLevels.at(new Timesteps.PerToken(2, 3, then), FLOW)));
            }
            Estimator network = new CfgPlusPlus(0.7).guide(NETWORK, Prediction.VELOCITY, Clip.NONE, WANTED, INSTEAD);
            DiffusionLoop loop = loop(FLOW, Prediction.VELOCITY, new Euler());
            assertEquals(
                    last(loop.walk(FLOW.grid(4), network, NOISE, i -> NOISE)),
                    last(loop.walk(places, network, NOISE, i -> NOISE)));
        }

        @Test
        void placesWithTimesOfTheirOwnAreGuidedByTheirOwnLevels() {
            Interval early = FLOW.grid(10).get(1);
            Interval late = FLOW.grid(10).get(6);
            double[] now = new double[2 * 2 * 3];
            double[] then = new double[now.length];
            for (int i = 0; i < now.length; i++) {
                Interval own = i % 2 == 0 ? early : late;
                now[i] = own.timesteps().max();
                then[i] = 1000 * own.to().of(0).sigma();
            }
            Timesteps times = new Timesteps.PerToken(2, 3, now);
            NoiseLevels from = NoiseLevels.at(times, FLOW);
            Interval mixed = new Interval(0, 1, times, from, NoiseLevels.at(new Timesteps.PerToken(2, 3, then), FLOW));
            NdArray got = step(Prediction.VELOCITY, FLOW, mixed, 0.5);
            NdArray allEarly = step(Prediction.VELOCITY, FLOW, early, 0.5);
            NdArray allLate = step(Prediction.VELOCITY, FLOW, late, 0.5);
            int[] region = from.regionOf(SHAPE);
            for (int i = 0; i < region.length; i++) {
                assertEquals((region[i] % 2 == 0 ? allEarly : allLate).data()[i], got.data()[i], 1e-5, "element " + i);
            }
        }

        /// Where the answers differ by the same at every step, nothing else than the sum of the pulls
        /// is left.
        @Test
        void asStrongAsGuidanceEndsWhereGuidanceEnds() {
            Denoiser steady = (x, timesteps, condition) -> {
                NdArray out = NdArray.zeros(x.shape());
                int[] labels = ((Condition.Label) condition).labels();
                for (int i = 0; i < out.data().length; i++) {
                    out.data()[i] = 0.2f + 0.1f * labels[i * labels.length / out.data().length];
                }
                return out;
            };
            TimeGrid grid = FLOW.shifted(2).grid(25);
            CfgPlusPlus same = CfgPlusPlus.asStrongAs(1.5, Prediction.VELOCITY, grid);
            assertTrue(same.strength() > 0.1 && same.strength() < 1, same.toString());
            DiffusionLoop loop = loop(FLOW, Prediction.VELOCITY, new Euler());
            assertClose(
                    last(loop.along(grid, Guidance.of(1.5).guide(steady, FLOW, WANTED, INSTEAD), NOISE, i -> NOISE)),
                    last(loop.walk(
                            grid,
                            same.guide(steady, Prediction.VELOCITY, Clip.NONE, WANTED, INSTEAD),
                            NOISE,
                            i -> NOISE)),
                    1e-5);
            assertEquals(
                    1, CfgPlusPlus.asStrongAs(50, Prediction.VELOCITY, grid).strength());
        }

        @Test
        void itsStrengthIsAShare() {
            assertThrows(IllegalArgumentException.class, () -> new CfgPlusPlus(1.01));
            assertThrows(IllegalArgumentException.class, () -> new CfgPlusPlus(-0.1));
        }
    }

    @Nested
    class SmoothedEnergyTest {
        private final Timesteps now = new Timesteps.Shared(400);
        private final Denoiser blurred = (x, timesteps, condition) -> NdArray.full(x.shape(), 0.25f);

        @Test
        void withoutStrengthItIsClassifierFreeGuidance() {
            for (double scale : new double[] {1, 2.5}) {
                assertEquals(
                        Guidance.of(scale).guide(NETWORK, FLOW, WANTED, INSTEAD).predict(NOISE, now),
                        new SmoothedEnergy(scale, 0)
                                .guide(NETWORK, blurred, WANTED, INSTEAD)
                                .predict(NOISE, now));
            }
        }

        @Test
        void aNetworkThatIsNotBlurredIsClassifierFreeGuidance() {
            assertEquals(
                    Guidance.of(2.5).guide(NETWORK, FLOW, WANTED, INSTEAD).predict(NOISE, now),
                    new SmoothedEnergy(2.5, 3)
                            .guide(NETWORK, NETWORK, WANTED, INSTEAD)
                            .predict(NOISE, now));
        }

        @Test
        void itGoesAwayFromTheBlurredAnswerOfTheCondition() {
            NdArray with = NETWORK.predict(NOISE, now, WANTED);
            NdArray plain = Guidance.of(2).guide(NETWORK, FLOW, WANTED, INSTEAD).predict(NOISE, now);
            NdArray got = new SmoothedEnergy(2, 3)
                    .guide(NETWORK, blurred, WANTED, INSTEAD)
                    .predict(NOISE, now);
            for (int i = 0; i < got.data().length; i++) {
                assertEquals(plain.data()[i] + 3 * (with.data()[i] - 0.25), got.data()[i], 1e-5);
            }
        }

        @Test
        void aLearntVarianceIsNotGuided() {
            Denoiser learning = (x, timesteps, condition) ->
                    NdArray.full(x.shape().with(1, 6), ((Condition.Label) condition).labels()[0]);
            NdArray got = new SmoothedEnergy(2, 3)
                    .guide(learning, (x, t, c) -> NdArray.zeros(x.shape().with(1, 6)), WANTED, INSTEAD)
                    .predict(NOISE, now);
            assertEquals(1 + 3, got.get(0, 2, 0, 0));
            assertEquals(1, got.get(0, 3, 0, 0));
        }
    }

    @Nested
    class ZigzagTest {
        private final TimeGrid grid = FLOW.grid(6);
        private final DiffusionLoop loop = loop(FLOW, Prediction.VELOCITY, new Euler());

        private Estimator network(Denoiser denoiser, double scale) {
            Estimator there = Estimator.of(
                    Guidance.of(scale).guide(denoiser, FLOW, WANTED, INSTEAD), Prediction.VELOCITY, Clip.NONE);
            Estimator back = Estimator.of(
                    (x, timesteps) -> denoiser.predict(x, timesteps, INSTEAD), Prediction.VELOCITY, Clip.NONE);
            return Zigzag.guide(there, back);
        }

        private NdArray drawn(int steps, Denoiser denoiser, double scale) {
            Zigzag zigzag = new Zigzag(steps);
            return last(loop.walk(zigzag.way(grid), network(denoiser, scale), NOISE, i -> NOISE));
        }

        @Test
        void withoutDetoursItIsThePlainWay() {
            assertEquals(
                    last(loop.along(grid, Guidance.of(2).guide(NETWORK, FLOW, WANTED, INSTEAD), NOISE, i -> NOISE)),
                    drawn(0, NETWORK, 2));
        }

        @Test
        void backUndoesThereWhereTheAnswerDoesNotHangOnThePictureOrTheCondition() {
            Denoiser steady = (x, timesteps, condition) -> NdArray.full(x.shape(), (float) timesteps.max() / 500 - 1);
            assertClose(drawn(0, steady, 1), drawn(6, steady, 1), 1e-5);
        }

        /// With answers `u` and `u + d` a step there moves by `(t' - t)(u + s d)` and back by `(t - t')
        /// u`.
        @Test
        void everyDetourPullsOnceMore() {
            Denoiser steady = (x, timesteps, condition) -> {
                NdArray out = NdArray.full(x.shape(), 0.4f);
                int[] labels = ((Condition.Label) condition).labels();
                for (int i = 0; i < out.data().length; i++) {
                    out.data()[i] += 0.3f * Math.min(1, labels[i * labels.length / out.data().length]);
                }
                return out;
            };
            NdArray got = drawn(2, steady, 2);
            for (int i = 0; i < got.data().length; i++) {
                double pulled = 2 * 0.3 * (1 + 2 / 6.0);
                assertEquals(NOISE.data()[i] - 0.4 - pulled, got.data()[i], 1e-5);
            }
        }

        @Test
        void theLastStepIsNeverGoneBackAndOnlyWholeStepsAreShown() {
            Zigzag zigzag = new Zigzag(1000);
            List<Interval> way = new ArrayList<>();
            zigzag.way(grid).forEach(way::add);
            assertEquals(3 * 5 + 1, way.size());
            assertEquals(
                    List.of(false, true, false, false),
                    way.stream().map(Interval::goesBack).limit(4).toList());
            assertEquals(way.get(0), way.get(1).back());
            assertFalse(way.getLast().goesBack());
            Iterator<DiffusionStep> steps =
                    zigzag.steps(loop.walk(zigzag.way(grid), network(NETWORK, 2), NOISE, i -> NOISE)
                            .iterator());
            List<DiffusionStep> shown = new ArrayList<>();
            steps.forEachRemaining(shown::add);
            assertEquals(
                    IntStream.range(0, 6).boxed().toList(),
                    shown.stream().map(step -> step.interval().index()).toList());
            assertEquals(drawn(1000, NETWORK, 2), shown.getLast().x());
        }

        @Test
        void theNextIntervalIsAskedForWhenTheDetourIsDone() {
            List<Integer> asked = new ArrayList<>();
            Iterable<Interval> watched = () -> {
                Iterator<Interval> plain = grid.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return plain.hasNext();
                    }

                    @Override
                    public Interval next() {
                        Interval interval = plain.next();
                        asked.add(interval.index());
                        return interval;
                    }
                };
            };
            Iterator<Interval> way = new Zigzag(6).way(watched).iterator();
            for (int i = 0; i < 4; i++) {
                assertTrue(way.hasNext());
                way.next();
                assertEquals(i < 3 ? List.of(0) : List.of(0, 1), asked);
            }
        }
    }

    @Nested
    class SemanticGuidanceTest {
        private static final int TOKENS = 4;
        private final Shape shape = Shape.of(1, 3, 8, 8);
        private final NdArray mask = mask();

        private static NdArray mask() {
            NdArray mask = NdArray.full(Shape.of(1, TOKENS), 1);
            mask.data()[TOKENS - 1] = 0;
            return mask;
        }

        /// 4 by 4 places of which the left half looks at token 1 and the right half at token 2, in
        /// front all of them
        /// but the top row; every place looks at itself.
        private Sight halves() {
            NdArray text = NdArray.zeros(Shape.of(1, 16, TOKENS));
            NdArray places = NdArray.zeros(Shape.of(1, 16, 16));
            for (int place = 0; place < 16; place++) {
                int own = place % 4 < 2 ? 1 : 2;
                float first = place < 4 ? 0.4f : 0.1f;
                text.data()[place * TOKENS] = first;
                text.data()[place * TOKENS + own] = 0.9f - first;
                text.data()[place * TOKENS + 3 - own] = 0.1f;
                places.data()[place * 17] = 1;
            }
            return new Sight(text, places, 4, 4);
        }

        private Branches pulled(java.util.function.IntToDoubleFunction byPixel) {
            NdArray without = Philox.of(4).normal(shape);
            NdArray with = without.copy();
            for (int i = 0; i < with.data().length; i++) {
                with.data()[i] += (float) byPixel.applyAsDouble(i % 64);
            }
            return new Branches(with, without);
        }

        @Test
        void partsAreWhatPlacesLookAt() {
            Segments segments = Segments.of(halves(), mask, 0);
            for (int place = 4; place < 16; place++) {
                assertEquals(place % 4 < 2 ? 1 : 2, segments.token()[place], "place " + place);
            }
            for (int place = 0; place < 16; place++) {
                assertEquals(place >= 4, segments.foreground()[place], "place " + place);
            }
        }

        @Test
        void placesThatLookAtEachOtherShareTheirToken() {
            Sight alone = halves();
            NdArray text = alone.text().copy();
            int odd = 9; // in the left half, but looks at the right half's token
            text.data()[odd * TOKENS + 1] = 0.2f;
            text.data()[odd * TOKENS + 2] = 0.7f;
            NdArray places = NdArray.zeros(alone.places().shape());
            for (int i = 0; i < 16; i++) {
                for (int j = 0; j < 16; j++) {
                    boolean sameHalf = i % 4 < 2 == j % 4 < 2;
                    places.data()[i * 16 + j] = sameHalf ? 1f / 8 : 0;
                }
            }
            assertEquals(
                    2,
                    Segments.of(new Sight(text, alone.places(), 4, 4), mask, 0).token()[odd]);
            assertEquals(1, Segments.of(new Sight(text, places, 4, 4), mask, 0).token()[odd]);
        }

        @Test
        void paddingHasNoPlaces() {
            NdArray text = halves().text().copy();
            for (int place = 0; place < 16; place++) {
                text.data()[place * TOKENS + TOKENS - 1] = 5;
            }
            for (int token : Segments.of(new Sight(text, halves().places(), 4, 4), mask, 0)
                    .token()) {
                assertTrue(token < TOKENS - 1);
            }
        }

        @Test
        void anEvenPullIsClassifierFreeGuidance() {
            double[] rates = new SemanticGuidance(2).rates(pulled(p -> 0.5), halves(), mask, shape);
            for (double rate : rates) {
                assertEquals(1, rate, 1e-5);
            }
        }

        @Test
        void partsThatArePulledLessGetMore() {
            // left half 0.5, right half 1: the mean in front is 0.75
            double[] rates = new SemanticGuidance(2).rates(pulled(p -> p % 8 < 4 ? 0.5 : 1), halves(), mask, shape);
            assertEquals(1.5, rates[5 * 8], 1e-5);
            assertEquals(0.8, rates[5 * 8 + 7], 1e-9, "0.75 is held at 0.8");
            assertTrue(rates[5 * 8 + 3] < 1.5 && rates[5 * 8 + 4] > 0.8, "the border is smoothed");
        }

        @Test
        void ratesAreHeld() {
            Branches steep = pulled(p -> p % 8 < 4 ? 1e-3 : 1);
            assertEquals(3, new SemanticGuidance(2).rates(steep, halves(), mask, shape)[5 * 8], 1e-9);
            assertEquals(1.5, new SemanticGuidance(10).rates(steep, halves(), mask, shape)[5 * 8], 1e-9);
            double[] nothing = new SemanticGuidance(2).rates(pulled(p -> 0), halves(), mask, shape);
            assertArrayEquals(IntStream.range(0, 64).mapToDouble(i -> 1).toArray(), nothing, 1e-12);
        }

        @Test
        void theAnswerIsScaledPlaceByPlace() {
            Condition.Text text =
                    new Condition.Text(NdArray.zeros(Shape.of(1, TOKENS, 2)), mask, NdArray.zeros(Shape.of(1, 2)));
            Branches out = pulled(p -> p % 8 < 4 ? 0.5 : 1);
            Denoiser answering = (x, timesteps, condition) -> {
                NdArray both = NdArray.zeros(shape.with(0, 2));
                System.arraycopy(out.with().data(), 0, both.data(), 0, shape.size());
                System.arraycopy(out.without().data(), 0, both.data(), shape.size(), shape.size());
                return both;
            };
            NdArray got = new SemanticGuidance(2)
                    .guide(answering, this::halves, text, text)
                    .predict(NdArray.zeros(shape), new Timesteps.Shared(1));
            double[] rates = new SemanticGuidance(2).rates(out, halves(), mask, shape);
            for (int i = 0; i < got.data().length; i++) {
                double d = (double) out.with().data()[i] - out.without().data()[i];
                assertEquals(out.without().data()[i] + 2 * rates[i % 64] * d, got.data()[i], 1e-5);
            }
        }
    }
}
