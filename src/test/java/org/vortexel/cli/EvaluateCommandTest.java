package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.NpmPackage;
import org.vortexel.diffusion.Prediction;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitModel;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// A model that has learnt nothing, and a data set of six flat pictures.
class EvaluateCommandTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeAModelAndPictures() throws IOException {
        DitConfig network = new DitConfig(16, 3, 8, 32, 2, 2, 2, false, true, new DitConfig.Text(384, 12, 2, 2, 16));
        Dit dit = new Dit(network);
        DitModel.Config config = new DitModel.Config(
                "tiny", network, Prediction.VELOCITY, List.of("flat", "unseen"), new DitModel.Sampling("euler", 2, 2));
        new DitModel(config, dit, dit.params().initial(1)).save(folder.resolve("model"), StorageType.F16);
        Path data = Files.createDirectories(folder.resolve("data"));
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            ImageFile.writePng(data.resolve(i + ".png"), Image.filled(16, 16, 40 * i, 255 - 40 * i, 99));
            lines.append("{\"file_name\":\"%d.png\",\"text\":\"colour %d\",\"style\":\"flat\",".formatted(i, i))
                    .append("\"split\":\"%s\",\"tone\":[%s]}\n"
                            .formatted(i < 4 ? "train" : "heldout", i == 3 ? "\"dark\"" : ""));
        }
        Files.writeString(data.resolve(ImageFolder.METADATA), lines);
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome evaluate(String... more) {
        List<String> arguments = new ArrayList<>(List.of("evaluate"));
        arguments.addAll(List.of(more));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    private static String file(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void figuresAndASheetAreWritten() throws IOException {
        assumeTrue(
                MobileNetPackage.NSFWJS.cached(NpmPackage.userCache()).isPresent(),
                "the npm package " + MobileNetPackage.NSFWJS.archiveName() + " is not in " + NpmPackage.userCache());
        Outcome outcome = evaluate(
                "--model",
                file("model"),
                "--data",
                file("data"),
                "--style",
                "flat",
                "--captions",
                "2",
                "-o",
                file("report.json"),
                "--sheet",
                file("sheet.png"));
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains("flat, heldout"), outcome.out());
        assertTrue(outcome.out().contains("MobileNetV2-block9 FD"), outcome.out());
        String report = Files.readString(folder.resolve("report.json"));
        assertTrue(report.contains("\"trainingPictures\" : 3"), report); // the one with a skin tone is left out
        assertTrue(report.contains("\"mobileNetV2Block9Fd\" : "), report);
        assertEquals(4 * 102 + 6, ImageFile.read(folder.resolve("sheet.png")).width());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--captions|0",
                "--captions|-5",
                "--captions|many",
                "--steps|0",
                "--steps|1001",
                "--guidance|-1",
                "--guidance|NaN",
                "--guidance|101",
                "--sampler|magic",
                "--threads|0",
                "--device|gpu9",
                "--style|baroque",
                "--style|unseen",
                "--data|nowhere",
                "--data|.",
                "--model|no-such-model",
                "-o|report.txt",
                "-o|no-such-folder/report.json",
                "--sheet|sheet.jpg",
                "stray"
            })
    void badInputIsOneSentence(String line) {
        List<String> arguments = new ArrayList<>(List.of(line.split("\\|")));
        if (!line.startsWith("--model")) {
            arguments.addAll(List.of("--model", file("model")));
        }
        if (!line.startsWith("--data")) {
            arguments.addAll(List.of("--data", file("data")));
        }
        Outcome outcome = evaluate(arguments.toArray(String[]::new));
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("vortexel: "), outcome.err());
        assertEquals("", outcome.out());
    }

    @Test
    void theSentenceSaysWhatIsMissing() {
        assertTrue(
                evaluate("--model", file("model"), "--data", "nowhere").err().contains("there is no folder nowhere"));
        assertTrue(evaluate("--model", file("model"), "--data", file("data"), "--style", "unseen")
                .err()
                .contains("no training pictures in the style 'unseen'; its styles are [flat]"));
        assertFalse(Files.exists(folder.resolve("report.txt")));
    }
}
