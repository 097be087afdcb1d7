package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.LatentScale;
import org.vortexel.codec.ssdd.SsddConfig;
import org.vortexel.codec.ssdd.SsddEncoder;
import org.vortexel.codec.ssdd.SsddModel;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Prediction;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitModel;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Event;
import org.vortexel.pipeline.Request;
import org.vortexel.pipeline.TextToImage;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Philox;

class GenerateCommandTest {
    @TempDir
    private static Path folder;

    /// A model of random weights, none of them zero.
    @BeforeAll
    static void makeAModel() {
        DitConfig network = new DitConfig(16, 3, 8, 32, 2, 2, 2, false, true, new DitConfig.Text(384, 12, 2, 2, 16));
        Dit dit = new Dit(network);
        Weights weights = dit.params().initial(1);
        weights.asMap().forEach((name, array) -> {
            if (array.data()[0] == 0) {
                Philox.of(name.hashCode()).fillNormal(array.data());
            }
        });
        for (String style : List.of("plain", "")) {
            DitModel.Config config = new DitModel.Config(
                    "tiny",
                    network,
                    Prediction.VELOCITY,
                    style.isEmpty() ? List.of() : List.of(style),
                    new DitModel.Sampling("euler", 4, 2));
            Path model = folder.resolve(style.isEmpty() ? "styleless" : "model");
            new DitModel(config, dit, weights).save(model, StorageType.F16);
        }
    }

    /// The model of random weights for latents of 4 channels, 32 pixels a side, with a codec of random weights.
    private static Path latentModel(String name, int channels) {
        SsddModel.Config sizes = new SsddModel.Config(
                "tiny",
                new SsddEncoder.Config(4, 32, List.of(1, 1, 1, 1)),
                new SsddConfig(4, 8, List.of(8, 8, 8, 8), 1, 2, 8, 8),
                new LatentScale(0.1, 2),
                1);
        Path place = folder.resolve(name);
        SsddModel.of(sizes, SsddModel.params(sizes).initial(3)).save(DitModel.codec(place), StorageType.F16);
        DitConfig network =
                new DitConfig(4, channels, 2, 32, 2, 2, 2, false, true, new DitConfig.Text(384, 12, 2, 2, 16));
        Dit dit = new Dit(network);
        DitModel.Config config = new DitModel.Config(
                "tiny", network, Prediction.VELOCITY, List.of(), new DitModel.Sampling("euler", 4, 2));
        new DitModel(config, dit, dit.params().initial(1)).save(place, StorageType.F16);
        return place;
    }

    @Test
    void latentsBecomePicturesThatDependOnTheirSeedsAlone() {
        Path model = latentModel("latent", 4);
        Path out = folder.resolve("latents");
        Outcome drawn = vortexel(
                "generate", "a cat", "-n", "3", "--seed", "4", "--model", model.toString(), "-o", out.toString());
        assertEquals(0, drawn.code(), drawn::err);
        assertEquals(32, ImageFile.read(out.resolve("a-cat-5.png")).width());
        Path alone = folder.resolve("latent.png");
        vortexel(
                "generate",
                "--from",
                out.resolve("a-cat-5.png").toString(),
                "--model",
                model.toString(),
                "-o",
                alone.toString());
        assertArrayEquals(pixels(out.resolve("a-cat-5.png")), pixels(alone));
        assertFalse(Arrays.equals(pixels(out.resolve("a-cat-4.png")), pixels(alone)));
    }

    @Test
    void aModelAndACodecThatDoNotFitAreOneSentence() {
        String five = latentModel("five", 5).toString();
        Outcome refused = vortexel(
                "generate",
                "a cat",
                "--model",
                five,
                "-o",
                folder.resolve("five.png").toString());
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("draws 5 channels but its codec wants 4"), refused::err);
    }

    @Test
    void poisonedWeightsStopTheRunWithStepAndLayer() {
        Path model = latentModel("poisoned", 4);
        DitModel dit = DitModel.load(model);
        SsddModel codec = SsddModel.load(DitModel.codec(model));
        codec.weights().get("decoder.mid_block.proj_in.weight").data()[5] = Float.NaN;
        codec.save(DitModel.codec(model), StorageType.F32);
        Path out = folder.resolve("poisoned.png");
        Outcome decoding = vortexel("generate", "a cat", "--model", model.toString(), "-o", out.toString());
        assertEquals(2, decoding.code());
        assertTrue(decoding.err().contains("decoding step 1 of 1: "), decoding::err);
        assertTrue(decoding.err().contains("at decoder.mid_block.proj_in.weight"), decoding::err);
        assertEquals(1, decoding.err().strip().lines().count(), decoding::err);
        dit.weights().get("blocks.1.attn.qkv.weight").data()[7] = Float.POSITIVE_INFINITY;
        dit.save(model, StorageType.F32);
        Outcome drawing = vortexel("generate", "a cat", "--model", model.toString(), "-o", out.toString());
        assertEquals(2, drawing.code());
        assertTrue(drawing.err().contains("step 1 of 4 (time 1000"), drawing::err);
        assertTrue(drawing.err().contains("at blocks.1.attn.qkv.weight"), drawing::err);
        assertFalse(Files.exists(out));
    }

    private record Outcome(int code, String out, String err) {}

    private static Outcome vortexel(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    private static Outcome generate(Path out, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("generate", "--model", folder.resolve("model").toString()));
        arguments.addAll(List.of("-o", out.toString()));
        arguments.addAll(List.of(more));
        return vortexel(arguments.toArray(String[]::new));
    }

    private static byte[] pixels(Path file) {
        return ImageFile.read(file).rgb();
    }

    @Test
    void aModelWithoutStylesDrawsToo() {
        String model = folder.resolve("styleless").toString();
        Path file = folder.resolve("styleless.png");
        Outcome drawn = vortexel("generate", "a cat", "--model", model, "-o", file.toString());
        assertEquals(0, drawn.code(), drawn::err);
        assertTrue(Files.exists(file));
        Outcome refused = vortexel("generate", "a cat", "--model", model, "--style", "oil", "-o", file.toString());
        assertEquals(2, refused.code());
        assertTrue(refused.err().contains("it has none"), refused::err);
    }

    @Test
    void picturesAndAContactSheetAreWrittenAndNamed() throws IOException {
        Path out = folder.resolve("sheet");
        Outcome outcome = generate(out, "Red apple!", "-n", "3", "--seed", "7");
        assertEquals(0, outcome.code(), outcome.err());
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(
                    List.of("contact-sheet.png", "red-apple-7.png", "red-apple-8.png", "red-apple-9.png"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void promptsOfOneFileNameDoNotOverwriteOneAnother() throws IOException {
        Path out = folder.resolve("names");
        assertEquals(0, generate(out, "red fox", "red-fox", "Red Fox!").code());
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(
                    List.of("contact-sheet.png", "red-fox-0-2.png", "red-fox-0-3.png", "red-fox-0.png"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void aLongNameIsNotCutInTheMiddleOfALetter() {
        Path out = folder.resolve("letters");
        Outcome outcome = generate(out, "a".repeat(39) + "𝔸𝔸");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(Files.exists(out.resolve("a".repeat(39) + "𝔸-0.png")));
    }

    @Test
    void aMissingCommandIsHelpAndNoSuccess() {
        for (Outcome outcome : List.of(vortexel(), vortexel("data"))) {
            assertEquals(2, outcome.code());
            assertTrue(outcome.err().startsWith("Usage: vortexel"), outcome.err());
        }
    }

    @Test
    void everyCommandCanTellMore() {
        for (String command : List.of("generate", "train", "data", "inspect", "devices")) {
            assertTrue(vortexel(command, "--help").out().contains("--verbose"), command);
        }
        Outcome devices = vortexel("devices", "-v");
        assertEquals(0, devices.code(), devices.err());
        assertTrue(devices.out().startsWith("host: "), devices.out());
    }

    @Test
    void threadsAndBatchesDoNotChangeABit() {
        Path out = folder.resolve("bits");
        assertEquals(
                0,
                generate(out, "dog", "-n", "3", "--seed", "4", "--threads", "2").code());
        Path alone = folder.resolve("alone.png");
        assertEquals(0, generate(alone, "dog", "--seed", "5", "--threads", "1").code());
        assertArrayEquals(pixels(out.resolve("dog-5.png")), pixels(alone));
    }

    @Test
    void requestsDrawnTogetherGiveTheirOwnPictures() {
        try (Device device = HostDevice.of(2);
                TextToImage painter = TextToImage.open(folder.resolve("model"), device)) {
            List<Request> requests = IntStream.range(0, 10)
                    .mapToObj(i -> Request.of("thing " + i).withSeed(100 - i))
                    .toList();
            List<Event.Picture> together = new ArrayList<>();
            for (Event event : painter.generate(requests, () -> false)) {
                if (event instanceof Event.Finished finished) {
                    together.addAll(finished.pictures());
                }
            }
            for (int i = 0; i < requests.size(); i++) {
                Event.Picture alone = painter.draw(requests.get(i)).getFirst();
                assertEquals(alone.recipe(), together.get(i).recipe());
                assertEquals(alone.image(), together.get(i).image());
            }
            List<Request> mixed = List.of(Request.of("x"), new Request(List.of("x"), "", "", 1, 0, 9, -1, "", 0, 0));
            assertThrows(IllegalArgumentException.class, () -> painter.generate(mixed, () -> false));
            assertThrows(IllegalArgumentException.class, () -> painter.generate(List.of(), () -> false));
        }
    }

    @Test
    void aModelSaysWhetherItKnowsSkinTonesAndOldOnesDoNot() throws IOException {
        Path file = folder.resolve("model/model.json");
        String json = Files.readString(file);
        assertTrue(json.contains("\"skinTones\" : false"), json);
        String old = json.replaceFirst(",\\s*\"skinTones\" : false", "");
        assertFalse(old.contains("skinTones"));
        assertFalse(Json.parse("old", old, DitModel.Config.class).knowsSkinTones());
        String taught = json.replace("\"skinTones\" : false", "\"skinTones\" : true");
        assertTrue(Json.parse("new", taught, DitModel.Config.class).knowsSkinTones());
    }

    @Test
    void aPictureIsRepeatedFromItsOwnRecipe() throws IOException {
        Path first = folder.resolve("first.png");
        assertEquals(
                0,
                generate(first, "a cat", "--seed", "3", "--sampler", "dpm++", "--guidance", "3")
                        .code());
        Path again = folder.resolve("again.png");
        assertEquals(0, generate(again, "--from", first.toString()).code());
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(again));
    }

    @Test
    void guidanceAndNegativePromptChangeThePicture() {
        Path plain = folder.resolve("plain.png");
        Path negative = folder.resolve("negative.png");
        generate(plain, "sun", "--seed", "1");
        generate(negative, "sun", "--seed", "1", "--negative", "moon");
        assertFalse(java.util.Arrays.equals(pixels(plain), pixels(negative)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "generate|",
                "generate|  ",
                "generate|x|--steps|0",
                "generate|x|--steps|1001",
                "generate|x|--size|9",
                "generate|x|--size|1000000",
                "generate|x|-n|0",
                "generate|x|-n|100000",
                "generate|x|--guidance|-2",
                "generate|x|--guidance|NaN",
                "generate|x|--sampler|magic",
                "generate|x|--style|baroque",
                "generate|x|--threads|0",
                "generate|x|--device|gpu9",
                "generate|x|--seed|many",
                "generate|x|--colour",
                "generate|x|--guidance|Infinity",
                "generate|x|-n|99999999999",
                "generate|x|-o|",
                "generate|x|--from|nowhere.png",
                "generate|--from|nowhere.png",
                "paint|x",
                "inspect|nowhere.safetensors",
                "train|nowhere.json"
            })
    void badInputIsOneSentenceAndNothingIsWritten(String line) {
        List<String> arguments = new ArrayList<>(List.of(line.split("\\|", -1)));
        Path out = folder.resolve("never");
        if (arguments.getFirst().equals("generate")) {
            arguments.addAll(List.of("--model", folder.resolve("model").toString()));
            if (!arguments.contains("-o")) {
                arguments.addAll(List.of("-o", out.toString()));
            }
        }
        Outcome outcome = vortexel(arguments.toArray(String[]::new));
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("vortexel: "), outcome.err());
        assertFalse(Files.exists(out));
    }

    @Test
    void anUnknownOrDamagedModelIsOneSentence() throws IOException {
        Outcome unknown = vortexel("generate", "x", "--model", "no-such-model");
        assertEquals(2, unknown.code());
        assertTrue(unknown.err().contains("no-such-model"), unknown.err());

        Path damaged = Files.createDirectories(folder.resolve("damaged"));
        Files.copy(folder.resolve("model/model.json"), damaged.resolve("model.json"));
        byte[] whole = Files.readAllBytes(folder.resolve("model/model.safetensors"));
        Files.write(damaged.resolve("model.safetensors"), java.util.Arrays.copyOf(whole, whole.length / 2));
        Outcome truncated = vortexel("generate", "x", "--model", damaged.toString());
        assertEquals(2, truncated.code());
        assertEquals(1, truncated.err().lines().count(), truncated.err());
    }

    @Test
    void aFolderWhereAFileIsWantedIsRefused() throws IOException {
        Path place = Files.createDirectories(folder.resolve("folder.png"));
        assertEquals(2, generate(place, "x").code());
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals(2, generate(file, "x").code());
        assertEquals(2, generate(file.resolve("x.png"), "x").code());
    }

    @Test
    void inspectShowsTensorsRecipesAndModels() {
        Path picture = folder.resolve("looked-at.png");
        generate(picture, "moon");
        assertTrue(vortexel("inspect", picture.toString()).out().contains("\"prompt\" : \"moon\""));
        Path model = folder.resolve("model");
        assertTrue(vortexel("inspect", model.toString()).out().contains("parameters"));
        assertTrue(vortexel("inspect", model.resolve("model.safetensors").toString())
                .out()
                .contains("blocks.0.attn.qkv.weight"));
    }
}
