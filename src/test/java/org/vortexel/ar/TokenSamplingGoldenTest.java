package org.vortexel.ar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;

/// `sample` and `top_k_top_p_filtering` of FoundationVision/LlamaGen: what is kept, with which probability, what is
/// drawn.
class TokenSamplingGoldenTest {
    private static final double PROBABILITY = 1e-6;

    @TestFactory
    Stream<DynamicTest> everySettingEqualsTheReference() {
        return Golden.files("token_sampling", "*.io.safetensors").stream()
                .map(path -> DynamicTest.dynamicTest(path.getFileName().toString(), () -> {
                    try (Golden golden = Golden.open(path)) {
                        golden.about().path("cases").forEach(setting -> check(golden.file(), setting));
                    }
                }));
    }

    private static void check(SafeTensors io, JsonNode setting) {
        String name = setting.path("i").asText();
        TokenSampling sampling = new TokenSampling(
                setting.path("temperature").asDouble(),
                setting.path("top_k").asInt(),
                setting.path("top_p").asDouble(),
                false);
        Set<Integer> ties = new TreeSet<>();
        setting.path("tie_cut_rows").forEach(row -> ties.add(row.asInt()));
        int rows = io.shape("in.logits").dim(0);
        int width = io.shape("in.logits").dim(1);
        for (int b = 0; b < rows; b++) {
            String at = "case " + name + ", row " + b;
            float[] logits = Arrays.copyOfRange(io.floats("in.logits"), b * width, (b + 1) * width);
            float[] wanted = Arrays.copyOfRange(io.floats(name + ".probs"), b * width, (b + 1) * width);
            long[] keep = Arrays.copyOfRange(io.longs(name + ".keep"), b * width, (b + 1) * width);
            double[] p = sampling.probabilities(logits);
            long[] kept =
                    IntStream.range(0, width).mapToLong(i -> p[i] > 0 ? 1 : 0).toArray();
            float[] got = new float[width];
            for (int i = 0; i < width; i++) {
                got[i] = (float) p[i];
            }
            if (ties.contains(b)) { // which of equal logits survive a cut is up to the sort
                assertEquals(Arrays.stream(keep).sum(), Arrays.stream(kept).sum(), at);
                Arrays.sort(wanted);
                Arrays.sort(got);
            } else {
                // A probability may underflow to 0 in single or double precision, with the token kept all the same.
                for (int i = 0; i < width; i++) {
                    if (keep[i] != kept[i]) {
                        assertEquals(1, keep[i], at + " keeps token " + i);
                        assertEquals(0, wanted[i], at + " keeps token " + i);
                    }
                }
                float uniform = io.floats("in.uniforms")[b];
                assertEquals(io.ints(name + ".token")[b], sampling.draw(logits, uniform), at);
            }
            Golden.close(at, wanted, got, PROBABILITY);
        }
    }
}
