package org.vortexel.codec.vq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class VqTokenizerTest {
    private static final VqConfig TINY =
            new VqConfig(24, 4, true, 8, List.of(1, 2), List.of(1, 2), 1, 1, 8, 4, 0.25f, 0);

    private static double millions(VqConfig config, String prefix) {
        return new VqTokenizer(config)
                        .params().all().stream()
                                .filter(p -> p.name().startsWith(prefix))
                                .mapToLong(p -> p.shape().size())
                                .sum()
                / 1e6;
    }

    @Test
    void parameterCountsAreThePublishedOnes() {
        assertEquals(71.88, millions(VqConfig.vq16(), ""), 0.005);
        assertEquals(29.30, millions(VqConfig.vq16(), "encoder."), 0.005);
        assertEquals(42.45, millions(VqConfig.vq16(), "decoder."), 0.005);
        assertEquals(70.11, millions(VqConfig.vq8(), ""), 0.005);
        assertEquals(16, VqConfig.vq16().compression());
        assertEquals(8, VqConfig.vq8().compression());
    }

    private record Run(NdArray ids, NdArray latent, NdArray picture) {}

    private static Run run(VqTokenizer model, Weights weights, NdArray x) {
        Recorder r = new Recorder();
        Tensor in = r.input("x", x.shape());
        VectorQuantizer.Quantized quantized = model.encode(in);
        r.output("ids", quantized.ids());
        r.output("latent", quantized.latent());
        r.output("picture", model.decode(quantized.latent()));
        try (Device device = HostDevice.plain(1);
                Player player = device.load(r.program(), weights)) {
            player.set("x", x).run();
            return new Run(player.get("ids"), player.get("latent"), player.get("picture"));
        }
    }

    @Test
    void theLengthOfACodeHasNoMeaning() {
        VqTokenizer model = new VqTokenizer(TINY);
        Weights weights = model.params().initial(3);
        NdArray x = Philox.of(5).normal(Shape.of(2, 3, 8, 8));
        Run before = run(model, weights, x);
        NdArray codes = weights.get("quantize.embedding.weight");
        for (int i = 0; i < codes.data().length; i++) {
            codes.data()[i] *= 1 << (i / TINY.codeWidth() % 5); // powers of two keep every bit
        }
        Run after = run(model, weights, x);
        assertArrayEquals(before.ids.data(), after.ids.data());
        assertArrayEquals(before.picture.data(), after.picture.data(), 1e-5f);
    }

    @Test
    void everyVectorOfALatentHasLengthOne() {
        VqTokenizer model = new VqTokenizer(TINY);
        NdArray latent = run(model, model.params().initial(3), Philox.of(5).normal(Shape.of(1, 3, 8, 8))).latent;
        for (int place = 0; place < 16; place++) {
            double square = 0;
            for (int c = 0; c < 4; c++) {
                square += Math.pow(latent.get(0, c, place / 4, place % 4), 2);
            }
            assertEquals(1, square, 1e-5);
        }
    }

    @Test
    void picturesOfOtherSizesAreRefused() {
        VqTokenizer model = new VqTokenizer(TINY);
        Recorder r = new Recorder();
        Tensor odd = r.input("x", Shape.of(1, 3, 7, 8));
        assertThrows(IllegalArgumentException.class, () -> model.encode(odd));
        assertThrows(IllegalArgumentException.class, () -> model.decode(odd));
        assertThrows(
                IllegalArgumentException.class,
                () -> new VqConfig(8, 4, true, 8, List.of(1, 2), List.of(1), 1, 1, 8, 4, 0, 0));
    }
}
