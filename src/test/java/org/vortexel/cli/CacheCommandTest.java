package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.diffusion.Prediction;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitModel;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.HycaFile;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Philox;

/// `prepare hyca` and `generate --cache`, on models of random weights.
class CacheCommandTest {
    private static final int STEPS = 12;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void prepareAModel() {
        model("model", 1);
        Outcome prepared = prepare("model");
        assertEquals(0, prepared.code(), prepared::err);
    }

    private static void model(String name, long seed) {
        DitConfig network = new DitConfig(16, 3, 4, 32, 2, 2, 2, false, true, new DitConfig.Text(384, 12, 2, 2, 16));
        Dit dit = new Dit(network);
        Weights weights = dit.params().initial(seed);
        weights.asMap().forEach((parameter, array) -> {
            if (array.data()[0] == 0) {
                Philox.of(parameter.hashCode()).fillNormal(array.data());
                for (int i = 0; i < array.data().length; i++) {
                    array.data()[i] *= 0.05f;
                }
            }
        });
        DitModel.Config config = new DitModel.Config(
                name, network, Prediction.VELOCITY, List.of(), new DitModel.Sampling("euler", STEPS, 2));
        new DitModel(config, dit, weights).save(folder.resolve(name), StorageType.F16);
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome vortexel(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private static Outcome prepare(String model, String... more) {
        List<String> arguments = new ArrayList<>(List.of("prepare", "hyca", "--model"));
        arguments.add(folder.resolve(model).toString());
        arguments.addAll(List.of("--steps", "" + STEPS, "--interval", "3", "--probe-steps", "4"));
        arguments.addAll(List.of(more));
        return vortexel(arguments);
    }

    private static Outcome generate(String model, String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of("generate", "a cat", "--seed", "3", "--model"));
        arguments.add(folder.resolve(model).toString());
        arguments.addAll(List.of("-o", folder.resolve(name + ".png").toString()));
        arguments.addAll(List.of(more));
        return vortexel(arguments);
    }

    private static byte[] drawn(String name, String... more) {
        Outcome outcome = generate("model", name, more);
        assertEquals(0, outcome.code(), outcome::err);
        return ImageFile.read(folder.resolve(name + ".png")).rgb();
    }

    @Test
    void theProfileIsWholeAndTheSameWhenPreparedAgain() throws IOException {
        Path file = folder.resolve("model").resolve(HycaFile.NAME);
        HycaFile profile = Json.read(file, HycaFile.class);
        assertFalse(profile.profile().points().isEmpty());
        Path again = folder.resolve("again.json");
        Outcome prepared = prepare("model", "-o", again.toString(), "--threads", "1");
        assertEquals(0, prepared.code(), prepared::err);
        assertEquals(Files.readString(file), Files.readString(again));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hyca", "taylorseer", "fora", "foca", "hicache"})
    void anIntervalOfOneComputesEverything(String method) {
        assertArrayEquals(drawn("plain-" + method), drawn("one-" + method, "--cache", method, "--interval", "1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--cache hyca --interval 3",
                "--cache taylorseer --interval 3 --order 1",
                "--cache fora --interval 3 --granularity trunk",
                "--cache foca --interval 2",
                "--cache hicache --interval 3 --scale 0.7",
                "--cache teacache --threshold 0.5"
            })
    void aCacheGivesAnotherPictureWhichItsRecipeRepeats(String options) {
        String name = options.replaceAll("[^a-z0-9]", "");
        byte[] cached = drawn(name, options.split(" "));
        assertFalse(Arrays.equals(drawn(name + "-plain"), cached));
        Path again = folder.resolve(name + "-again.png");
        Outcome repeated = vortexel(List.of(
                "generate",
                "--from",
                folder.resolve(name + ".png").toString(),
                "--model",
                folder.resolve("model").toString(),
                "-o",
                again.toString()));
        assertEquals(0, repeated.code(), repeated::err);
        assertArrayEquals(cached, ImageFile.read(again).rgb());
    }

    @Test
    void aProfileIsOfOneModel() throws IOException {
        model("other", 2);
        Outcome none = generate("other", "none", "--cache", "hyca");
        assertEquals(2, none.code());
        assertTrue(none.err().contains("prepare hyca"), none::err);
        Files.copy(
                folder.resolve("model").resolve(HycaFile.NAME),
                folder.resolve("other").resolve(HycaFile.NAME));
        Outcome foreign = generate("other", "foreign", "--cache", "hyca");
        assertEquals(2, foreign.code());
        assertTrue(foreign.err().contains("other weights") || foreign.err().contains("another model"), foreign::err);
        Files.writeString(folder.resolve("other").resolve(HycaFile.NAME), "{\"profile\": 3}");
        assertEquals(2, generate("other", "damaged", "--cache", "hyca").code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--cache guess|no cache 'guess'",
                "--interval 3|does not belong to --cache off",
                "--cache fora --order 2|does not belong to --cache fora",
                "--cache fora --interval 0|from 1 to 1000",
                "--cache hyca --sampler heun|no feature cache goes with the sampler heun"
            })
    void whatDoesNotFitIsOneSentence(String wrong) {
        String options = wrong.substring(0, wrong.indexOf('|'));
        Outcome refused = generate("model", "refused", options.split(" "));
        assertEquals(2, refused.code(), refused::err);
        assertTrue(refused.err().contains(wrong.substring(wrong.indexOf('|') + 1)), refused::err);
    }
}
