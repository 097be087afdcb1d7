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

/// What can be seen of the attention to the text.
class DitAttentionTest {
    private static final int TOKENS = 5;
    private static final Device DEVICE = HostDevice.of(2);
    private static final Dit DIT =
            new Dit(new DitConfig(8, 3, 2, 16, 3, 2, 2, false, true, new DitConfig.Text(12, TOKENS, 2, 2, 0)));

    @AfterAll
    static void close() {
        DEVICE.close();
    }

    private static Weights weights() {
        Weights weights = DIT.params().initial(1);
        int stream = 0;
        for (Parameter parameter : DIT.params().all()) {
            float[] data = weights.get(parameter.name()).data();
            NdArray noise = new Philox(2, stream++).normal(parameter.shape());
            for (int i = 0; i < data.length; i++) {
                data[i] += 0.3f * noise.data()[i];
            }
        }
        return weights;
    }

    private static DitDenoiser denoiser(boolean watched) {
        return new DitDenoiser(DEVICE, DIT, weights(), new FeatureCache.Off(), Granularity.BLOCK, watched);
    }

    private static NdArray predict(DitDenoiser denoiser) {
        NdArray states = Philox.of(3).normal(Shape.of(2, TOKENS, 12));
        System.arraycopy(states.data(), 0, states.data(), 12, 12); // the first picture's first two tokens are alike
        NdArray mask = NdArray.full(Shape.of(2, TOKENS), 1);
        mask.data()[2 * TOKENS - 1] = 0;
        return denoiser.predict(
                Philox.of(4).normal(Shape.of(2, 3, 8, 8)),
                new Timesteps.Shared(500),
                new Condition.Text(states, mask, NdArray.zeros(Shape.of(2, 12))));
    }

    @Test
    void everyPlaceSharesItsAttentionAmongTheTokensThatAreThere() {
        try (DitDenoiser denoiser = denoiser(true)) {
            assertThrows(IllegalStateException.class, denoiser::attention);
            predict(denoiser);
            NdArray attention = denoiser.attention();
            assertEquals(Shape.of(2, 16, TOKENS), attention.shape());
            for (int place = 0; place < 32; place++) {
                double sum = 0;
                for (int l = 0; l < TOKENS; l++) {
                    sum += attention.data()[place * TOKENS + l];
                }
                assertEquals(1, sum, 1e-5);
            }
            assertEquals(0, attention.get(1, 7, TOKENS - 1));
            assertEquals(attention.get(0, 7, 0), attention.get(0, 7, 1), 1e-6);
            assertNotEquals(attention.get(0, 7, 0), attention.get(0, 7, 2), 1e-3);
        }
    }

    @Test
    void lookingChangesNothing() {
        try (DitDenoiser blind = denoiser(false);
                DitDenoiser watched = denoiser(true)) {
            assertEquals(predict(blind), predict(watched));
            assertThrows(IllegalStateException.class, blind::attention);
        }
    }

    @Test
    void aModelWithoutCrossAttentionCannotBeWatched() {
        Dit labelled = new Dit(new DitConfig(8, 3, 2, 16, 1, 2, 2, false, true, new DitConfig.Classes(5)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new DitDenoiser(
                        DEVICE, labelled, new Weights(), new FeatureCache.Off(), Granularity.BLOCK, true));
    }
}
