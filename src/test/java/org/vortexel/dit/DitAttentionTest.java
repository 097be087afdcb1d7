package org.vortexel.dit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    private static DitDenoiser denoiser(Watch watch) {
        return new DitDenoiser(DEVICE, DIT, weights(), new FeatureCache.Off(), Granularity.BLOCK, watch);
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
        try (DitDenoiser denoiser = denoiser(Watch.TEXT)) {
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
        try (DitDenoiser blind = denoiser(Watch.NOTHING);
                DitDenoiser watched = denoiser(Watch.TEXT);
                DitDenoiser more = denoiser(Watch.TEXT_AND_PLACES)) {
            assertEquals(predict(blind), predict(watched));
            assertEquals(predict(blind), predict(more));
            assertThrows(IllegalStateException.class, blind::attention);
            assertThrows(IllegalStateException.class, watched::places);
            assertEquals(watched.attention(), more.attention());
        }
    }

    @Test
    void everyPlaceSharesItsAttentionAmongThePlaces() {
        try (DitDenoiser denoiser = denoiser(Watch.TEXT_AND_PLACES)) {
            predict(denoiser);
            NdArray places = denoiser.places();
            assertEquals(Shape.of(2, 16, 16), places.shape());
            for (int place = 0; place < 32; place++) {
                double sum = 0;
                for (int other = 0; other < 16; other++) {
                    sum += places.data()[place * 16 + other];
                }
                assertEquals(1, sum, 1e-5);
            }
            assertNotEquals(places.get(0, 7, 0), places.get(0, 8, 0), 1e-4);
        }
    }

    @Test
    void blursKeepWhatIsEvenAndSpreadWhatIsNot() {
        for (double deviation : new double[] {0, 0.5, 2, 100, Double.POSITIVE_INFINITY}) {
            NdArray kernel = new QueryBlur("blocks.0", 4, deviation).kernel();
            for (int to = 0; to < 16; to++) {
                double sum = 0;
                for (int from = 0; from < 16; from++) {
                    float weight = kernel.get(to, from);
                    sum += weight;
                    if (deviation == 0) {
                        assertEquals(to == from ? 1 : 0, weight);
                    } else if (Double.isInfinite(deviation)) {
                        assertEquals(1f / 16, weight);
                    }
                }
                assertEquals(1, sum, 1e-6);
            }
        }
        NdArray kernel = new QueryBlur("blocks.0", 4, 0.5).kernel();
        assertTrue(kernel.get(5, 5) > kernel.get(5, 6) && kernel.get(5, 6) > kernel.get(5, 10));
        assertEquals(kernel.get(5, 6), kernel.get(5, 9), "rows and columns are alike");
        assertEquals(1, new QueryBlur("blocks.0", 1, 3).kernel().get(0, 0), "a single place is its own mean");
    }

    @Test
    void onlyABlurThatBlursChangesTheAnswer() {
        try (DitDenoiser plain = denoiser(Watch.NOTHING);
                DitDenoiser none = blurred(new QueryBlur("blocks.1", 4, 0));
                DitDenoiser elsewhere = blurred(new QueryBlur("blocks.7", 4, 2));
                DitDenoiser mean = blurred(QueryBlur.ofTheMiddle(DIT.config(), Double.POSITIVE_INFINITY))) {
            NdArray wanted = predict(plain);
            assertEquals(wanted, predict(elsewhere));
            NdArray same = predict(none);
            NdArray other = predict(mean);
            double moved = 0;
            for (int i = 0; i < wanted.data().length; i++) {
                assertEquals(wanted.data()[i], same.data()[i], 1e-5);
                moved = Math.max(moved, Math.abs(wanted.data()[i] - other.data()[i]));
            }
            assertTrue(moved > 1e-2, "moved " + moved);
        }
    }

    private static DitDenoiser blurred(QueryBlur blur) {
        return DitDenoiser.blurred(DEVICE, DIT, weights(), blur);
    }

    @Test
    void aModelWithoutCrossAttentionCannotBeWatched() {
        Dit labelled = new Dit(new DitConfig(8, 3, 2, 16, 1, 2, 2, false, true, new DitConfig.Classes(5)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new DitDenoiser(
                        DEVICE, labelled, new Weights(), new FeatureCache.Off(), Granularity.BLOCK, Watch.TEXT));
    }
}
