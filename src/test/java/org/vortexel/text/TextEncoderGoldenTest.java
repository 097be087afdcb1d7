package org.vortexel.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.vortexel.checkpoint.Golden;
import org.vortexel.device.Device;
import org.vortexel.device.TestDevice;
import org.vortexel.tensor.NdArray;

/// The captions of `golden/minilm` through the published weights, against ONNX Runtime's stored results.
@SuppressWarnings("NullAway.Init")
class TextEncoderGoldenTest {
    private static Device device;
    private static TextEncoder encoder;

    @BeforeAll
    static void load() {
        device = TestDevice.of(2);
        encoder = TextEncoder.load(device);
    }

    @AfterAll
    static void close() {
        encoder.close();
        device.close();
    }

    private static double tolerance(Golden golden, String what) {
        String sentence = golden.about().path("tolerance").asText();
        Matcher number = Pattern.compile(what + " ([0-9.]+e-?[0-9]+)").matcher(sentence);
        assertTrue(number.find(), "no tolerance for " + what + " in: " + sentence);
        return Double.parseDouble(number.group(1));
    }

    private static List<String> captions(Golden golden) {
        List<String> captions = new ArrayList<>();
        for (JsonNode caption : golden.about().path("captions")) {
            captions.add(caption.asText());
        }
        return captions;
    }

    @Test
    void statesAndVectorsEqualOnnxRuntimes() {
        for (Path path : Golden.files("minilm", "*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                List<String> captions = captions(golden);
                int length = golden.file().shape("ids").dim(1);
                TextStates got = encoder.encode(captions, length);
                int hidden = 0;
                for (String name : golden.file().names()) {
                    if (name.startsWith("hidden.")) {
                        int row = Integer.parseInt(name.substring("hidden.".length()));
                        NdArray wanted = golden.file().array(name);
                        assertEquals(wanted.shape().dim(0), got.lengths()[row], name);
                        int begin = row * length * encoder.width();
                        float[] states = Arrays.copyOfRange(
                                got.states().data(),
                                begin,
                                begin + wanted.shape().size());
                        Golden.close(name, wanted.data(), states, tolerance(golden, "hidden"));
                        hidden++;
                    }
                }
                assertTrue(hidden > 0, "no hidden states in " + path);
                assertArrayEquals(golden.file().ints("lengths"), got.lengths());
                float[] pooled = golden.file().floats("pooled.normalized");
                NdArray mean = golden.file().array("pooled.mean");
                for (int row = 0; row < captions.size(); row++) {
                    float[] wanted = unit(mean.rows(row, row + 1).data());
                    float[] vector = got.pooled().rows(row, row + 1).data();
                    Golden.close("pooled.mean " + row, wanted, vector, tolerance(golden, "pooled"));
                }
                Golden.close("pooled.normalized", pooled, got.pooled().data(), tolerance(golden, "pooled"));
                Golden.close(
                        "cosine", golden.file().floats("cosine"), cosines(got.pooled()), tolerance(golden, "cosine"));
            }
        }
    }

    @Test
    void longTextsEqualOnnxRuntimesAtEveryTruncation() {
        Pattern truncated = Pattern.compile("long\\.pooled_trunc(\\d+)");
        for (Path path : Golden.files("minilm", "*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                String text = captions(golden).getLast();
                for (String name : golden.file().names()) {
                    Matcher limit = truncated.matcher(name);
                    if (limit.matches()) {
                        TextStates got = encoder.encode(List.of(text), Integer.parseInt(limit.group(1)));
                        float[] wanted = golden.file().floats(name);
                        Golden.close(name, unit(wanted), got.pooled().data(), tolerance(golden, "pooled"));
                    }
                }
            }
        }
    }

    private static float[] cosines(NdArray vectors) {
        int n = vectors.shape().dim(0);
        int width = vectors.shape().dim(1);
        float[] out = new float[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int k = 0; k < width; k++) {
                    sum += (double) vectors.get(i, k) * vectors.get(j, k);
                }
                out[i * n + j] = (float) sum;
            }
        }
        return out;
    }

    private static float[] unit(float[] vector) {
        double sum = 0;
        for (float v : vector) {
            sum += (double) v * v;
        }
        float[] out = new float[vector.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) (vector[i] / Math.sqrt(sum));
        }
        return out;
    }
}
