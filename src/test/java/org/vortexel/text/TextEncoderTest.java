package org.vortexel.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vortexel.checkpoint.Golden;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class TextEncoderTest {
    /// A small encoder with random weights.
    private static TextEncoder small(Device device) {
        Params params = new Params();
        Bert bert = Bert.of(params, new BertConfig(30_522, 24, 2, 3, 40, 40, 2, 1e-12f));
        Weights weights = params.initial(7);
        return new TextEncoder(MiniLm.tokenizer(), bert, weights, device);
    }

    private static final List<String> TEXTS = IntStream.range(0, 23)
            .mapToObj(i -> "a small red apple ".repeat(i % 9) + i)
            .toList();

    @Test
    void aTextsStatesDoNotDependOnItsNeighbours() {
        try (Device device = HostDevice.of(2);
                TextEncoder encoder = small(device)) {
            TextStates all = encoder.encode(TEXTS, 40);
            for (int i = 0; i < TEXTS.size(); i++) {
                TextStates one = encoder.encode(List.of(TEXTS.get(i)), 40);
                assertEquals(one.states(), all.states().rows(i, i + 1), TEXTS.get(i));
                assertEquals(one.pooled(), all.pooled().rows(i, i + 1), TEXTS.get(i));
                assertEquals(one.lengths()[0], all.lengths()[i]);
            }
        }
    }

    @Test
    void orderAndThreadsChangeNothing() {
        List<String> reversed = TEXTS.reversed();
        try (Device one = HostDevice.of(1);
                Device two = HostDevice.of(2);
                TextEncoder encoder = small(one);
                TextEncoder other = small(two)) {
            NdArray forward = encoder.encode(TEXTS, 40).states();
            NdArray backward = other.encode(reversed, 40).states();
            for (int i = 0; i < TEXTS.size(); i++) {
                int j = TEXTS.size() - 1 - i;
                assertEquals(forward.rows(i, i + 1), backward.rows(j, j + 1));
            }
        }
    }

    @Test
    void statesEndWhereTheTextEnds() {
        try (Device device = HostDevice.of(1);
                TextEncoder encoder = small(device)) {
            TextStates got = encoder.encode(List.of("red apple", ""), 6);
            assertArrayEquals(new int[] {4, 2}, got.lengths());
            assertEquals(Shape.of(2, 6, 24), got.states().shape());
            float[] rest = Arrays.copyOfRange(got.states().data(), (6 + 2) * 24, 2 * 6 * 24);
            assertArrayEquals(new float[rest.length], rest);
            float h = TextStates.HIDDEN;
            assertEquals(NdArray.of(Shape.of(2, 6), 0, 0, 0, 0, h, h, 0, 0, h, h, h, h), got.mask());
        }
    }

    @Test
    void truncationIsTheStatesOfTheShorterText() {
        try (Device device = HostDevice.of(1);
                TextEncoder encoder = small(device)) {
            TextStates cut = encoder.encode(List.of("red apple red apple"), 4);
            TextStates whole = encoder.encode(List.of("red apple"), 4);
            assertEquals(whole.states(), cut.states());
        }
    }

    @Test
    void impossibleRequestsAreRefused() {
        try (Device device = HostDevice.of(1);
                TextEncoder encoder = small(device)) {
            assertThrows(IllegalArgumentException.class, () -> encoder.encode(List.of(), 8));
            assertThrows(IllegalArgumentException.class, () -> encoder.encode(List.of("a"), 1));
            assertThrows(IllegalArgumentException.class, () -> encoder.encode(List.of("a"), 41));
            assertEquals(40, encoder.encode(List.of("a ".repeat(99)), 40).lengths()[0]);
        }
    }

    /// The published weights in ONNX Runtime: the same file, another engine.
    @Nested
    @SuppressWarnings("NullAway.Init")
    class AgainstOnnxRuntime {
        private static OrtEnvironment environment;
        private static OrtSession session;

        @BeforeAll
        static void open() throws IOException, OrtException {
            environment = OrtEnvironment.getEnvironment();
            try (InputStream model = MiniLm.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
                session = environment.createSession(model.readAllBytes());
            }
        }

        @AfterAll
        static void close() throws OrtException {
            session.close();
        }

        private static float[] states(int... ids) throws OrtException {
            long[][] row = {Arrays.stream(ids).asLongStream().toArray()};
            long[][] ones = {
                Collections.nCopies(ids.length, 1L).stream().mapToLong(x -> x).toArray()
            };
            try (OnnxTensor tokens = OnnxTensor.createTensor(environment, row);
                    OnnxTensor mask = OnnxTensor.createTensor(environment, ones);
                    OnnxTensor types = OnnxTensor.createTensor(environment, new long[1][ids.length]);
                    OrtSession.Result result =
                            session.run(Map.of("input_ids", tokens, "attention_mask", mask, "token_type_ids", types))) {
                float[] states = new float[ids.length * 384];
                ((OnnxTensor) result.get(0)).getFloatBuffer().get(states);
                return states;
            }
        }

        @Test
        void statesAgreeOnCaptionsOfManyKinds() throws OrtException {
            List<String> captions = List.of(
                    "a red apple, twemoji style",
                    "family: man, woman, girl, boy",
                    "Ёлка 🎄 и 家族 ½ ﬁsh",
                    "naïve — “quoted” x² ≠ ∞",
                    "",
                    "flag ".repeat(60));
            WordPiece tokenizer = MiniLm.tokenizer();
            try (Device device = HostDevice.of(2);
                    TextEncoder encoder = TextEncoder.load(device)) {
                TextStates got = encoder.encode(captions, 64);
                for (int i = 0; i < captions.size(); i++) {
                    float[] wanted = states(tokenizer.ids(captions.get(i), 64));
                    float[] ours = Arrays.copyOfRange(got.states().data(), i * 64 * 384, i * 64 * 384 + wanted.length);
                    Golden.close(captions.get(i), wanted, ours, 2e-5);
                }
            }
        }
    }
}
