package org.vortexel.dit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.cache.FeatureCache;
import org.vortexel.nn.Parameter;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Tokens with times of their own: however few of them differ, the answer is that of a modulation for
/// every token.
class DitTimesTest {
    private static final int BATCH = 3;
    private static final int PLACES = 16;
    private static final Device DEVICE = HostDevice.of(2);
    private static final Dit DIT = new Dit(new DitConfig(8, 3, 2, 16, 2, 2, 2, false, true, new DitConfig.Classes(5)));
    private static final Weights WEIGHTS = weights();

    @AfterAll
    static void close() {
        DEVICE.close();
    }

    private static Weights weights() {
        Weights weights = DIT.params().initial(1);
        int stream = 0;
        for (Parameter parameter : DIT.params().all()) {
            new Philox(2, stream++).fillNormal(weights.get(parameter.name()).data());
        }
        return weights;
    }

    private static NdArray predict(DitDenoiser denoiser, Timesteps times) {
        denoiser.begin(1);
        return denoiser.predict(Philox.of(3).normal(Shape.of(BATCH, 3, 8, 8)), times, new Condition.Label(1, 2, 2));
    }

    @Test
    void howManyTimesDifferChangesNoBit() {
        try (DitDenoiser denoiser = new DitDenoiser(DEVICE, DIT, WEIGHTS);
                DitDenoiser everyToken =
                        new DitDenoiser(DEVICE, DIT, WEIGHTS, new FeatureCache.Keep(1), Granularity.TRUNK)) {
            for (int different : new int[] {1, 2, 3, 4, 5, 8, 9, 16}) {
                double[] times = new double[BATCH * PLACES];
                for (int i = 0; i < times.length; i++) {
                    times[i] = 100 * (i / PLACES) + 17.5 * (i * 7 % PLACES % different);
                }
                Timesteps perToken = new Timesteps.PerToken(4, 4, times);
                assertEquals(predict(everyToken, perToken), predict(denoiser, perToken), different + " times");
            }
        }
    }

    @Test
    void oneTimeForAllIsTheSharedOne() {
        double[] times = new double[BATCH * PLACES];
        for (int i = 0; i < times.length; i++) {
            times[i] = 300 + i / PLACES;
        }
        try (DitDenoiser denoiser = new DitDenoiser(DEVICE, DIT, WEIGHTS)) {
            NdArray shared = predict(denoiser, new Timesteps.Shared(300, 301, 302));
            assertEquals(shared, predict(denoiser, new Timesteps.PerToken(4, 4, times)));
            times[5] = 500;
            assertNotEquals(shared, predict(denoiser, new Timesteps.PerToken(4, 4, times)));
        }
    }

    @Test
    void timesOfAnotherGridAreRefused() {
        try (DitDenoiser denoiser = new DitDenoiser(DEVICE, DIT, WEIGHTS)) {
            Timesteps coarse = new Timesteps.PerToken(2, 2, new double[BATCH * 4]);
            assertThrows(IllegalArgumentException.class, () -> predict(denoiser, coarse));
        }
    }
}
