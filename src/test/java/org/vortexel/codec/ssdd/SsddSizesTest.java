package org.vortexel.codec.ssdd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vortexel.nn.Params;
import org.vortexel.tensor.Shape;

/// The published sizes: parameters, and tensors and numbers of released checkpoints.
class SsddSizesTest {
    private static SsddConfig preset(String size, int c, int f) {
        return switch (size) {
            case "XS" -> SsddConfig.extraSmall(c, f);
            case "S" -> SsddConfig.small(c, f);
            case "B" -> SsddConfig.base(c, f);
            case "M" -> SsddConfig.medium(c, f);
            case "L" -> SsddConfig.large(c, f);
            case "XL" -> SsddConfig.extraLarge(c, f);
            case "H" -> SsddConfig.huge(c, f);
            default -> throw new IllegalArgumentException(size);
        };
    }

    private static long numbers(Params params) {
        return params.shapes().values().stream().mapToLong(Shape::size).sum();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "XS, 4996611",
        "S, 14057059",
        "B, 21140459",
        "M, 50280147",
        "L, 90759939",
        "XL, 161272835",
        "H, 362688003",
    })
    void decodersHaveThePublishedParameters(String size, long parameters) {
        assertEquals(parameters, numbers(new SsddDecoder(preset(size, 4, 8)).params()));
    }

    @ParameterizedTest(name = "f{0} c{1}")
    @CsvSource({"8, 4, 34163664", "16, 4, 45966800", "16, 16, 46078400", "32, 64, 58339456"})
    void encodersHaveThePublishedParameters(int f, int c, long parameters) {
        SsddEncoder encoder = new SsddEncoder(SsddEncoder.Config.published(c, f));
        assertEquals(parameters, numbers(encoder.params()));
        assertEquals(f, encoder.config().compression());
    }

    /// The two whose size in bytes is known: 4 bytes a number, 8 for the header's length, and the header.
    @ParameterizedTest(name = "F16C16 {0}")
    @CsvSource({"B, 526, 268991676", "L, 610, 547508988"})
    void checkpointsHaveThePublishedTensors(String size, int tensors, long bytes) {
        Params params = new Params();
        new SsddEncoder(SsddEncoder.Config.published(16, 16), params.in("encoder"));
        new SsddDecoder(preset(size, 16, 16), params.in("decoder"));
        Map<String, Shape> shapes = params.shapes();
        assertEquals(tensors, shapes.size());
        StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long at = 0;
        for (String name : shapes.keySet().stream().sorted().toList()) {
            long end = at + 4L * shapes.get(name).size();
            String shape = shapes.get(name)
                    .toString()
                    .replace("(", "[")
                    .replace(")", "]")
                    .replace(" ", "");
            header.append(",\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(name, shape, at, end));
            at = end;
        }
        header.append('}');
        assertEquals(bytes, 8 + Math.ceilDiv(header.length(), 8) * 8L + at);
    }

    @Test
    void timesAreDenserWhereThereIsLessNoise() {
        double[] eight = {1, .765625, .5625, .390625, .25, .140625, .0625, .015625, 0};
        assertArrayEquals(eight, SsddSampler.times(8));
        assertArrayEquals(new double[] {1, 0}, SsddSampler.times(1));
        assertThrows(IllegalArgumentException.class, () -> SsddSampler.times(0));
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> SsddConfig.small(4, 4));
        assertThrows(IllegalArgumentException.class, () -> SsddConfig.small(4, 12));
        assertThrows(IllegalArgumentException.class, () -> SsddConfig.small(0, 8));
        assertThrows(IllegalArgumentException.class, () -> new SsddConfig(4, 8, List.of(32, 64, 96), 2, 4, 32, 8));
        assertThrows(IllegalArgumentException.class, () -> new SsddConfig(4, 8, List.of(32, 64, 96, 100), 2, 4, 32, 8));
        assertThrows(IllegalArgumentException.class, () -> new SsddEncoder.Config(4, 100, List.of(1, 2)));
    }
}
