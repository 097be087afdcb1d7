package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Prediction;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitModel;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Diversity;
import org.vortexel.pipeline.Event;
import org.vortexel.pipeline.Request;
import org.vortexel.pipeline.TextToImage;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Philox;

/// AsynDM and the ways to keep pictures from being alike, through the command line, on a model of random weights.
class WaysOfDrawingTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeAModel() {
        DitConfig network = new DitConfig(16, 3, 4, 32, 2, 2, 2, false, true, new DitConfig.Text(384, 12, 2, 2, 16));
        Dit dit = new Dit(network);
        Weights weights = dit.params().initial(1);
        weights.asMap().forEach((name, array) -> {
            if (array.data()[0] == 0) {
                Philox.of(name.hashCode()).fillNormal(array.data());
            }
        });
        DitModel.Config config = new DitModel.Config(
                "tiny", network, Prediction.VELOCITY, List.of(), new DitModel.Sampling("euler", 6, 2));
        new DitModel(config, dit, weights).save(folder.resolve("model"), StorageType.F16);
    }

    private record Outcome(int code, String err) {}

    private static Outcome generate(Path out, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("generate", "--model", folder.resolve("model").toString(), "-o", out.toString()));
        arguments.addAll(List.of(more));
        StringWriter err = new StringWriter();
        int code = Main.run(
                new PrintWriter(new StringWriter()), new PrintWriter(err, true), arguments.toArray(String[]::new));
        return new Outcome(code, err.toString());
    }

    /// The pixels of a picture of "a red apple and a car" with a seed of 3, of three that are drawn.
    private static byte[] drawn(String name, String... more) {
        Path out = folder.resolve(name);
        List<String> arguments = new ArrayList<>(List.of("a red apple and a car", "-n", "3", "--seed", "2"));
        arguments.addAll(List.of(more));
        Outcome outcome = generate(out, arguments.toArray(String[]::new));
        assertEquals(0, outcome.code(), outcome::err);
        return pixels(out.resolve("a-red-apple-and-a-car-3.png"));
    }

    private static byte[] pixels(Path file) {
        return ImageFile.read(file).rgb();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--async quadratic",
                "--async piecewise --items apple,car --strength 0.5",
                "--async exponential --masks fixed",
                "--async quadratic --masks everywhere",
                "--async quadratic --masks random",
                "--async quadratic --masks inverted",
                "--guide cfg++",
                "--guide cfg++ --guidance 0.8 --sampler ddim",
                "--guide s-cfg",
                "--guide seg",
                "--guide seg --guide-blur 1 --guide-strength 2 --sampler dpm++",
                "--guide z",
                "--guide z --guide-steps 2 --sampler ddim",
                "--guide cfg++ --async quadratic",
                "--guide s-cfg --async quadratic",
                "--guide seg --async quadratic",
                "--guide z --async quadratic",
                "--guide cfg++ --diverse cads",
                "--guide s-cfg --diverse particles",
                "--guide s-cfg --cache taylorseer --interval 2",
                "--guide cfg++ --diverse cno --gradient full",
                "--diverse cno",
                "--diverse cno --gradient full",
                "--diverse repulsive",
                "--diverse antithetic",
                "--diverse best-of --candidates 6",
                "--diverse cads",
                "--diverse cno --async quadratic",
                "--diverse cno --cache taylorseer --interval 2",
                "--async quadratic --cache fora --interval 2"
            })
    void anotherWayGivesAnotherPictureWhichItsRecipeRepeats(String options) {
        String name = options.replaceAll("[^a-z0-9]", "");
        byte[] other = drawn(name, options.split(" "));
        assertFalse(Arrays.equals(drawn(name + "-plain"), other));
        Path again = folder.resolve(name + ".png");
        Path first = folder.resolve(name).resolve("a-red-apple-and-a-car-3.png");
        Outcome repeated = generate(again, "--from", first.toString(), "--threads", "1");
        assertEquals(0, repeated.code(), repeated::err);
        assertArrayEquals(other, pixels(again));
        assertEquals(ImageFile.recipe(first), ImageFile.recipe(again));
    }

    @Test
    void noMaskIsTheSynchronousRunBitForBit() {
        Path dark = folder.resolve("dark-mask.png");
        ImageFile.writePng(dark, Image.filled(16, 16, 0, 0, 0));
        byte[] plain = drawn("synchronous");
        assertArrayEquals(plain, drawn("dark", "--async", "quadratic", "--mask", dark.toString()));
        assertArrayEquals(plain, drawn("line", "--async", "linear", "--masks", "everywhere"));
        assertArrayEquals(plain, drawn("weak", "--async", "exponential", "--strength", "0"));
        Path bright = folder.resolve("bright-mask.png");
        ImageFile.writePng(bright, Image.filled(16, 16, 255, 255, 255));
        assertArrayEquals(
                drawn("everywhere", "--async", "quadratic", "--masks", "everywhere"),
                drawn("bright", "--async", "quadratic", "--mask", bright.toString()));
    }

    @Test
    void guidesThatDoNothingAreClassifierFreeGuidanceBitForBit() {
        byte[] plain = drawn("guided");
        assertArrayEquals(plain, drawn("cfg", "--guide", "cfg"));
        assertArrayEquals(plain, drawn("seg-0", "--guide", "seg", "--guide-strength", "0"));
        assertArrayEquals(plain, drawn("z-0", "--guide", "z", "--guide-steps", "0"));
        assertEquals(
                ImageFile.recipe(folder.resolve("guided").resolve("a-red-apple-and-a-car-3.png")),
                ImageFile.recipe(folder.resolve("cfg").resolve("a-red-apple-and-a-car-3.png")));
    }

    @Test
    void picturesOfAGroupAreRepeatedInAnyOrder() {
        try (Device device = HostDevice.of(2);
                TextToImage painter = TextToImage.open(folder.resolve("model"), device)) {
            Diversity cno = new Diversity.Cno(2, 0.01, 0.1, 1, 4, null, null);
            List<Event.Picture> group =
                    painter.draw(Request.of("a cat").withCount(4).withSeed(5).withDiversity(cno));
            List<Request> again = List.of(
                    group.get(3).recipe().request(), group.get(0).recipe().request());
            List<Event.Picture> repeated = new ArrayList<>();
            for (Event event : painter.generate(again, () -> false)) {
                if (event instanceof Event.Finished finished) {
                    repeated.addAll(finished.pictures());
                }
            }
            assertEquals(List.of(group.get(3), group.get(0)), repeated);
        }
    }

    @Test
    void aPictureAloneHasNothingToBeUnlike() {
        Path plain = folder.resolve("alone.png");
        generate(plain, "a red apple and a car", "--seed", "3");
        for (String method : List.of("cno", "repulsive", "antithetic")) {
            Path alone = folder.resolve("alone-" + method + ".png");
            generate(alone, "a red apple and a car", "--seed", "3", "--diverse", method);
            assertArrayEquals(pixels(plain), pixels(alone), method);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--async cubic|no curve 'cubic'",
                "--async quadratic --items pear|does not speak of \"pear\"",
                "--async quadratic --sampler heun|wants a sampler of single steps",
                "--async quadratic --strength 2|from 0 to 1",
                "--strength 0.5|belong to --async",
                "--async quadratic --masks drawn|given by --mask",
                "--async quadratic --mask nowhere.png|no such file",
                "--diverse cno --cache teacache|does not go with it",
                "--diverse all|no way 'all'",
                "--guide apg|no way 'apg' to guide",
                "--guide cfg++ --guidance 2|from 0 to 1",
                "--guide cfg++ --sampler dpm++|wants a sampler of single steps",
                "--guide cfg++ --diverse particles|does not go with it",
                "--guide s-cfg --guidance 0|above 0",
                "--guide seg --cache fora|no feature cache goes with SEG",
                "--guide seg --guide-strength -1|from 0 to 100",
                "--guide seg --guide-blur -1|from 0 to 1000",
                "--guide z --cache fora|no feature cache goes with Z-Sampling",
                "--guide z --sampler unipc|goes back as it goes on",
                "--guide z --guide-steps -1|0 to 1000",
                "--guide-steps 3|does not belong to --guide cfg",
                "--guide z --guide-blur 3|does not belong to --guide z",
                "--guide seg --diverse cno --gradient full|goes through cfg",
                "--gradient full|does not belong to --diverse off",
                "--candidates 3|does not belong to --diverse off",
                "--diverse cno --diverse-rate 0|positive rate",
                "--diverse best-of --candidates 1|2 to 32",
                "--diverse cads --diverse-strength -1|from 0 to 10"
            })
    void whatDoesNotFitIsOneSentence(String wrong) {
        String options = wrong.substring(0, wrong.indexOf('|'));
        List<String> arguments = new ArrayList<>(List.of("a red apple"));
        arguments.addAll(List.of(options.split(" ")));
        Outcome refused = generate(folder.resolve("refused"), arguments.toArray(String[]::new));
        assertEquals(2, refused.code(), refused::err);
        assertTrue(refused.err().contains(wrong.substring(wrong.indexOf('|') + 1)), refused::err);
    }
}
