package org.vortexel.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class SamplerTest {
    private static final Shape SHAPE = Shape.of(2, 3, 4, 6);

    @ParameterizedTest
    @EnumSource(Prediction.class)
    void conversionsGoRoundWithin1e6(Prediction prediction) {
        for (NoiseLevel level : List.of(
                VariancePreserving.linear(1000).level(500),
                VariancePreserving.scaledLinear(1000).level(3),
                NoiseLevel.ofFlow(0.3))) {
            double x = level.alpha() * 0.7 + level.sigma() * -1.3;
            double m = prediction.target(0.7, -1.3, level);
            assertEquals(0.7, prediction.x0(x, m, level), 1e-6);
            assertEquals(-1.3, prediction.eps(x, m, level), 1e-6);
        }
    }

    @Test
    void schedulesHaveThePublishedValues() {
        VariancePreserving linear = VariancePreserving.linear(1000);
        assertEquals(0.52409, linear.alphaBar(249), 1e-5);
        assertEquals(0.078587, linear.alphaBar(499), 1e-6);
        assertEquals(4.0358e-5, linear.alphaBar(999), 1e-9);
        assertEquals(0.27767, VariancePreserving.scaledLinear(1000).alphaBar(499), 1e-5);
        assertEquals(0.49384, VariancePreserving.cosine(1000).alphaBar(499), 1e-5);
        assertEquals(0.75, RectifiedFlow.standard().shifted(3).shift(0.5), 1e-12);
        assertEquals(0.6525, RectifiedFlow.standard().shiftedFor(1024).shift(0.5), 1e-4);
    }

    /// A world with a single picture: the true noise is known at every `x`.
    @ParameterizedTest
    @ValueSource(strings = {"euler", "ddim", "ddpm", "dpm++", "unipc", "heun"})
    void aSinglePictureIsFoundAgain(String name) {
        NdArray picture = new Philox(3, 0).normal(SHAPE);
        VariancePreserving schedule = VariancePreserving.scaledLinear(1000);
        GuidedDenoiser truth = (x, timesteps) -> {
            NoiseLevel level = schedule.level(timesteps.max());
            NdArray eps = x.copy();
            for (int i = 0; i < eps.data().length; i++) {
                eps.data()[i] = (float) Prediction.X0.eps(x.data()[i], picture.data()[i], level);
            }
            return eps;
        };
        DiffusionLoop loop = new DiffusionLoop(schedule, Prediction.EPSILON, Clip.NONE, Sampler.named(name));
        NdArray noise = new InitialNoise.Gaussian().draw(7, SHAPE);
        assertArrayEquals(picture.data(), last(loop.run(truth, noise, 7, 10)).data(), 2e-5f);
    }

    @Test
    void eulerIsExactForAConstantVelocity() {
        NdArray picture = new Philox(3, 0).normal(SHAPE);
        NdArray noise = new InitialNoise.Gaussian().draw(7, SHAPE);
        NdArray velocity = Noising.of(
                        RectifiedFlow.standard(), Prediction.VELOCITY, picture, noise, new Timesteps.Shared(1000))
                .target();
        for (int count : new int[] {1, 2, 7}) {
            DiffusionLoop loop =
                    new DiffusionLoop(RectifiedFlow.standard(), Prediction.VELOCITY, Clip.NONE, new Euler());
            assertArrayEquals(
                    picture.data(),
                    last(loop.run((x, t) -> velocity, noise, 7, count)).data(),
                    2e-6f);
        }
    }

    @Test
    void ddimWithAllFreshNoiseIsAncestralSampling() {
        NdArray noise = new InitialNoise.Gaussian().draw(7, SHAPE);
        VariancePreserving schedule = VariancePreserving.linear(1000);
        List<float[]> results = new ArrayList<>();
        for (Sampler sampler : List.of(new Ddim(1), new Ddpm(Ddpm.Variance.SMALL))) {
            DiffusionLoop loop = new DiffusionLoop(schedule, Prediction.EPSILON, Clip.X0_AND_NOISE, sampler);
            results.add(last(loop.run(SamplerTest::model, noise, 7, 10)).data());
        }
        assertArrayEquals(results.get(0), results.get(1), 1e-5f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"euler", "ddim", "ddpm", "dpm++", "dpm++sde", "unipc", "heun"})
    void equalTimesPerTokenGiveTheBitsOfTheSharedOne(String name) {
        Sampler sampler = Sampler.named(name);
        for (boolean flow : new boolean[] {false, true}) {
            NoiseSchedule schedule = flow ? RectifiedFlow.standard() : VariancePreserving.scaledLinear(1000);
            Prediction prediction = flow ? Prediction.VELOCITY : Prediction.V;
            DiffusionLoop loop = new DiffusionLoop(schedule, prediction, Clip.NONE, sampler);
            TimeGrid shared = sampler.timesteps(schedule, 8);
            List<Interval> perToken = new ArrayList<>();
            for (Interval one : shared) {
                double[] times = new double[2 * 2 * 3];
                Arrays.fill(times, one.timesteps().max());
                perToken.add(new Interval(
                        one.index(),
                        one.count(),
                        new Timesteps.PerToken(2, 3, times),
                        new NoiseLevels(2, 3, Collections.nCopies(12, one.from().of(0))),
                        new NoiseLevels(2, 3, Collections.nCopies(12, one.to().of(0)))));
            }
            NdArray noise = new InitialNoise.Gaussian().draw(7, SHAPE);
            SeededNoise fresh = new SeededNoise(7);
            NdArray a = last(loop.along(shared, SamplerTest::model, noise, i -> fresh.draw(1 + i, SHAPE)));
            NdArray b =
                    last(loop.along(new TimeGrid(perToken), SamplerTest::model, noise, i -> fresh.draw(1 + i, SHAPE)));
            assertEquals(a, b);
        }
    }

    @Test
    void tokensWalkAtTheirOwnTimes() {
        VariancePreserving schedule = VariancePreserving.linear(1000);
        NoiseLevels from = NoiseLevels.at(new Timesteps.PerToken(1, 2, 900, 500, 300, 100), schedule);
        NoiseLevels to = NoiseLevels.at(new Timesteps.PerToken(1, 2, 900, 400, 200, 0), schedule);
        Interval interval = new Interval(0, 2, new Timesteps.PerToken(1, 2, 900, 500, 300, 100), from, to);
        NdArray x = new Philox(1, 0).normal(SHAPE);
        Estimate estimate = Estimate.of(Prediction.EPSILON, x, model(x, new Timesteps.Shared(0)), from, Clip.NONE);
        NdArray next =
                new Ddim(0).step(List.of(), x, estimate, interval, () -> x).x();
        int[] region = interval.regionOf(SHAPE);
        for (int i = 0; i < region.length; i++) {
            NoiseLevel level = to.of(region[i]);
            double wanted = region[i] == 0
                    ? x.data()[i]
                    : level.alpha() * estimate.x0().data()[i]
                            + level.sigma() * estimate.eps().data()[i];
            assertEquals((float) wanted, next.data()[i], "element " + i);
        }
        assertEquals(0, region[2]);
        assertEquals(1, region[3]);
        assertEquals(3, region[SHAPE.size() - 1]);
    }

    @Test
    void guidanceOfOneIsTheConditionToTheBit() {
        NoiseSchedule schedule = VariancePreserving.linear(1000);
        NdArray x = new Philox(1, 0).normal(SHAPE);
        List<Integer> batches = new ArrayList<>();
        Denoiser denoiser = (in, timesteps, condition) -> {
            batches.add(in.shape().dim(0));
            NdArray out = in.copy();
            int size = in.data().length / condition.batch();
            for (int i = 0; i < out.data().length; i++) {
                out.data()[i] *= ((Condition.Label) condition).labels()[i / size];
            }
            return out;
        };
        Condition.Label wanted = new Condition.Label(3, 5);
        Condition.Label nothing = new Condition.Label(1, 1);
        Timesteps now = new Timesteps.Shared(400);
        NdArray only = denoiser.predict(x, now, wanted);
        assertEquals(
                only, Guidance.none().guide(denoiser, schedule, wanted, nothing).predict(x, now));
        assertEquals(List.of(2, 2), batches);

        NdArray guided =
                Guidance.of(2).guide(denoiser, schedule, wanted, nothing).predict(x, now);
        int half = SHAPE.size() / 2;
        assertEquals(x.data()[0] * 5, guided.data()[0], 1e-5f); // 1 + 2 (3 - 1)
        assertEquals(x.data()[half] * 9, guided.data()[half], 1e-5f); // 1 + 2 (5 - 1)
        assertEquals(List.of(2, 2, 4), batches);

        NdArray leading = Guidance.of(2)
                .onChannels(1)
                .guide(denoiser, schedule, wanted, nothing)
                .predict(x, now);
        assertEquals(guided.data()[0], leading.data()[0]);
        assertEquals(only.data()[24], leading.data()[24]);
        assertEquals(
                only,
                Guidance.of(2)
                        .between(0.5, 1)
                        .guide(denoiser, schedule, wanted, nothing)
                        .predict(x, now));
    }

    @Test
    void aPictureOfABatchIsTheSinglePictureOfItsSeed() {
        NdArray batch = new InitialNoise.Gaussian().draw(40, Shape.of(3, 2, 5, 5));
        for (int k = 0; k < 3; k++) {
            assertEquals(batch.rows(k, k + 1), new InitialNoise.Gaussian().draw(40 + k, Shape.of(1, 2, 5, 5)));
        }
    }

    @Test
    void stopsWhereTheCallerStops() {
        List<Integer> asked = new ArrayList<>();
        DiffusionLoop loop = new DiffusionLoop(RectifiedFlow.standard(), Prediction.VELOCITY, Clip.NONE, new Euler());
        GuidedDenoiser counted = (x, timesteps) -> {
            asked.add(1);
            return x;
        };
        for (DiffusionStep step : loop.run(counted, NdArray.zeros(SHAPE), 1, 10)) {
            if (step.interval().index() == 2) {
                break;
            }
        }
        assertEquals(3, asked.size());
    }

    @Test
    void namesTheStepThatIsNotFinite() {
        DiffusionLoop loop = new DiffusionLoop(RectifiedFlow.standard(), Prediction.VELOCITY, Clip.NONE, new Euler());
        GuidedDenoiser broken = (x, timesteps) -> timesteps.max() < 700 ? NdArray.full(x.shape(), Float.NaN) : x;
        ArithmeticException thrown =
                assertThrows(ArithmeticException.class, () -> last(loop.run(broken, NdArray.zeros(SHAPE), 1, 10)));
        assertTrue(thrown.getMessage().startsWith("step 5 of 10 (time 600"), thrown.getMessage());
    }

    @Test
    void anUnknownSamplerIsNamed() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Sampler.named("eulr"))
                .getMessage()
                .contains("'eulr'"));
    }

    private static NdArray model(NdArray x, Timesteps timesteps) {
        NdArray out = x.copy();
        for (int i = 0; i < out.data().length; i++) {
            out.data()[i] = (float) (0.3 * x.data()[i] + 0.1 * Math.sin(timesteps.max() / 100));
        }
        return out;
    }

    private static NdArray last(Iterable<DiffusionStep> steps) {
        NdArray x = NdArray.zeros(SHAPE);
        for (DiffusionStep step : steps) {
            x = step.x();
        }
        return x;
    }
}
