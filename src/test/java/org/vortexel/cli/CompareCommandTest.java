package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.data.Attribute;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.NpmPackage;
import org.vortexel.diffusion.Prediction;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitModel;
import org.vortexel.eval.Comparison;
import org.vortexel.eval.DualEncoder;
import org.vortexel.eval.DualEncoderModel;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Philox;

/// `evaluate async` and `evaluate diverse`: a model and a judge of random weights, and a dozen flat
/// pictures.
class CompareCommandTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeModelsAndPictures() throws IOException {
        DitConfig network = new DitConfig(16, 3, 4, 32, 2, 2, 2, false, true, new DitConfig.Text(384, 12, 2, 2, 16));
        Dit dit = new Dit(network);
        Weights weights = dit.params().initial(1);
        weights.asMap().forEach((parameter, array) -> {
            if (array.data()[0] == 0) { // layers that begin as zero would draw everything alike
                Philox.of(parameter.hashCode()).fillNormal(array.data());
                for (int i = 0; i < array.data().length; i++) {
                    array.data()[i] *= 0.05f;
                }
            }
        });
        DitModel.Config config = new DitModel.Config(
                "tiny", network, Prediction.VELOCITY, List.of("flat"), new DitModel.Sampling("euler", 3, 2));
        new DitModel(config, dit, weights).save(folder.resolve("model"), StorageType.F16);
        DualEncoderModel.Config judge = new DualEncoderModel.Config(
                "judge",
                new DualEncoder.Config(64, 16, 1, 1, 2, 2, 8, 12, 384),
                Map.of(Attribute.COLOUR, List.of("blue", "red")));
        DualEncoderModel.of(
                        judge,
                        new DualEncoder(judge.network(), judge.attributes())
                                .params()
                                .initial(2))
                .save(folder.resolve("judge"), StorageType.F16);
        Path data = Files.createDirectories(folder.resolve("data"));
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            ImageFile.writePng(data.resolve(i + ".png"), Image.filled(16, 16, 20 * i, 255 - 20 * i, 99));
            String text = i == 0 ? "red ball" : i == 1 ? "blue ball" : "thing " + i;
            lines.append("{\"file_name\":\"%d.png\",\"text\":\"%s\",\"style\":\"flat\",\"base\":\"%d\","
                            .formatted(i, text, i))
                    .append("\"group\":\"objects\",\"split\":\"train\"}\n");
        }
        Files.writeString(data.resolve(ImageFolder.METADATA), lines);
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome evaluate(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of("evaluate", command));
        arguments.addAll(List.of(more));
        for (String name : List.of("model", "judge", "data")) {
            if (!arguments.contains("--" + name)) {
                arguments.addAll(List.of("--" + name, folder.resolve(name).toString()));
            }
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private static String file(String name) {
        return folder.resolve(name).toString();
    }

    private static Comparison figures(String run) {
        return Json.read(folder.resolve(run).resolve("figures.json"), Comparison.class);
    }

    private static void assumeFeatures() {
        assumeTrue(
                MobileNetPackage.NSFWJS.cached(NpmPackage.userCache()).isPresent(),
                "the npm package " + MobileNetPackage.NSFWJS.archiveName() + " is not in " + NpmPackage.userCache());
    }

    @Test
    void waysAreComparedOnTheSamePromptsAndSeedsAndARunGoesOn() throws IOException {
        assumeFeatures();
        String[] few = {
            "--prompts",
            "1",
            "--pictures",
            "2",
            "--kinds",
            "objects,colour",
            "-o",
            file("async"),
            "--method",
            "plain",
            "--method",
            "same=--async quadratic --strength 0 --masks everywhere",
            "--method",
            "late 1=--async quadratic"
        };
        Outcome outcome = evaluate("async", few);
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains("| late 1 | "), outcome.out());
        for (String name : List.of("table.md", "table.csv", "sheet.png", "time.png", "diversity.png")) {
            assertTrue(Files.exists(folder.resolve("async").resolve(name)), name);
        }
        Comparison found = figures("async");
        int prompts = found.about().prompts().size();
        assertEquals(3 * prompts, found.rows().size());
        assertEquals(3, found.distances().size());
        Comparison.Summary plain = found.summaries().get(0);
        assertEquals(6, plain.evaluations(), 1e-12); // three steps, two evaluations each
        // strength 0 is the plain way, bit for bit
        assertEquals(
                found.find("plain", 0).orElseThrow().scores(),
                found.find("same", 0).orElseThrow().scores());
        Path picture = folder.resolve("async/pictures/late_1/0000-001.png");
        assertNotEquals(
                List.of(found.find("plain", 0).orElseThrow().scores().alignment()),
                List.of(found.find("late 1", 0).orElseThrow().scores().alignment()));

        // one picture is lost: it is drawn again, the rest is kept
        byte[] before = Files.readAllBytes(picture);
        Files.delete(picture);
        Path other = folder.resolve("async/pictures/plain/0000-000.png");
        Files.setLastModifiedTime(other, FileTime.fromMillis(0));
        Outcome again = evaluate("async", few);
        assertEquals(0, again.code(), again.err());
        assertArrayEquals(before, Files.readAllBytes(picture));
        assertEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(other));
        assertEquals(found.distances(), figures("async").distances());
        assertEquals(3 * prompts, figures("async").rows().size());

        // other pictures are not taken for these
        Outcome refused =
                evaluate("async", "--prompts", "1", "--pictures", "2", "--kinds", "objects", "-o", file("async"));
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("figures of other pictures"), refused.err());
    }

    @Test
    void diversityHasItsOwnWays() {
        assumeFeatures();
        Outcome outcome =
                evaluate("diverse", "--prompts", "1", "--pictures", "2", "--kinds", "colour", "-o", file("diverse"));
        assertEquals(0, outcome.code(), outcome.err());
        Comparison found = figures("diverse");
        assertTrue(found.methods().stream().anyMatch(m -> m.options().equals("--diverse cno")));
        Map<String, Comparison.Summary> all = new java.util.HashMap<>();
        found.summaries().forEach(s -> all.put(s.method(), s));
        assertEquals(6, all.get("independent").evaluations(), 1e-12);
        assertEquals(6 + 2 * 3, all.get("cno").evaluations(), 1e-12); // three steps on the noise
        assertFalse(Double.isNaN(all.get("cno").vendi()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--prompts|0",
                "--pictures|0",
                "--pictures|257",
                "--steps|0",
                "--guidance|-1",
                "--sampler|magic",
                "--kinds|portraits",
                "--method|=--async quadratic",
                "--method|a=--async sideways",
                "--method|a=--colour red",
                "--method|a=--steps 0",
                "--method|a=--guidance -2",
                "--method|a=--guide sideways",
                "--method|a=--diverse cno --candidates 3",
                "--method|../a",
                "--data|nowhere",
                "--judge|nobody",
                "--model|no-such-model",
                "-o|" + "FILE",
                "stray"
            })
    void badInputIsOneSentence(String line) throws IOException {
        Files.writeString(folder.resolve("file"), "");
        List<String> arguments =
                new ArrayList<>(List.of(line.replace("FILE", file("file")).split("\\|")));
        if (!line.startsWith("-o")) {
            arguments.addAll(List.of("-o", file("refused")));
        }
        Outcome outcome = evaluate("async", arguments.toArray(String[]::new));
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("vortexel: "), outcome.err());
        assertFalse(Files.exists(folder.resolve("refused")));
    }

    @Test
    void twoWaysOfOneNameAreRefused() {
        Outcome outcome = evaluate("async", "--method", "a", "--method", "a=--async linear", "-o", file("refused"));
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("two methods are called 'a'"), outcome.err());
    }
}
