package org.vortexel.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    @TempDir
    Path folder;

    record Sampler(String name, int steps) {
        Sampler {
            if (steps < 1) {
                throw new IllegalArgumentException("steps must be at least 1 but is " + steps);
            }
        }
    }

    record Config(
            int width,
            double rate,
            String name,
            List<Sampler> samplers,
            @Nullable String note) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Fixed.class, name = "fixed"),
        @JsonSubTypes.Type(value = Learnt.class, name = "learnt")
    })
    sealed interface Table permits Fixed, Learnt {}

    record Fixed() implements Table {}

    record Learnt(int rows, float deviation) implements Table {
        public boolean isLarge() {
            return rows > 100;
        }
    }

    enum Loss {
        UNIFORM,
        VELOCITY
    }

    record Model(Table table, Table other, Loss loss, long seed, boolean wide) {
        public int getDouble() {
            return 2;
        }
    }

    private static final String GOOD = """
        {"width": 3, "rate": 0.5, "name": "x", "samplers": [{"name": "euler", "steps": 4}]}\
        """;

    @Test
    void aRecordComesBackFromItsFile() {
        Config config = new Config(3, 1e-4, "ü", List.of(new Sampler("heun", 20)), "why");
        Path path = folder.resolve("config.json");
        Json.write(path, config);
        assertEquals(config, Json.read(path, Config.class));
    }

    @Test
    void choicesAndDerivedValuesComeBack() {
        Model model = new Model(new Learnt(3, 0.02f), new Fixed(), Loss.VELOCITY, 1L << 60, true);
        String text = Json.text(model);
        assertEquals(model, Json.parse("here", text, Model.class), text);
        assertThrows(WeightsException.class, () -> Json.parse("here", text.replace("learnt", "learned"), Model.class));
        assertThrows(WeightsException.class, () -> Json.parse("here", text.replace("rows", "row"), Model.class));
        assertThrows(WeightsException.class, () -> Json.parse("here", text.replace("VELOCITY", "EPS"), Model.class));
        assertThrows(WeightsException.class, () -> Json.parse("here", text.replace("\"VELOCITY\"", "1"), Model.class));
    }

    @Test
    void aNullableComponentMayBeLeftOut() {
        assertEquals(
                new Config(3, 0.5, "x", List.of(new Sampler("euler", 4)), null),
                Json.parse("here", GOOD, Config.class));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        "width": 3, | "width": 3, "widht": 3, | unknown field "widht"; known are name, note, rate, samplers, width
        "width": 3, | "widht": 3, | the field "width" is missing
        "width": 3, | "width": null, | width
        "width": 3, | "width": 3.5, | field "width"
        "width": 3, | "width": "3", | field "width"
        "width": 3, | "width": 99999999999, | out of range
        "width": 3, | "width": 3, "width": 4, | Duplicate
        "name": "x", | `` | the field "name" is missing
        "name": "x", | "name": null, | name
        "steps": 4 | "steps": 0 | field "samplers[0]": steps must be at least 1 but is 0
        "steps": 4 | "steps": 4, "eta": 0 | unknown field "samplers[0].eta"
        , "steps": 4 | `` | the field "samplers[0].steps" is missing
        }]} | }]}} | line
        }]} | }] | line
        """)
    void eachFaultIsOneSentenceWithTheFile(String find, String replacement, String sentence) throws IOException {
        assertTrue(GOOD.contains(find));
        Path path = Files.writeString(folder.resolve("config.json"), GOOD.replace(find, replacement));
        String message = assertThrows(WeightsException.class, () -> Json.read(path, Config.class))
                .getMessage();
        assertTrue(message.startsWith(path + ": "), message);
        assertTrue(message.contains(sentence), message);
        assertFalse(message.contains("\n"), message);
        assertFalse(message.contains("org.vortexel"), message);
    }

    @Test
    void aMissingFileAndOneThatIsNotTextAreTold() throws IOException {
        assertThrows(WeightsException.class, () -> Json.read(folder.resolve("none.json"), Config.class));
        Path binary = Files.write(folder.resolve("binary.json"), new byte[] {'{', (byte) 0xFF, '}'});
        assertThrows(WeightsException.class, () -> Json.read(binary, Config.class));
        assertThrows(WeightsException.class, () -> Json.parse("here", "null", Config.class));
        assertThrows(WeightsException.class, () -> Json.parse("here", "", Config.class));
        assertThrows(WeightsException.class, () -> Json.parse("here", "[".repeat(100_000), Config.class));
    }
}
