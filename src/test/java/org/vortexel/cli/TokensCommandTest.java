package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.GptConfig;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codebook.Rivals;
import org.vortexel.codec.vq.VqConfig;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.codec.vq.VqTokenizer;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// The commands about tokens, on a tiny model of random weights.
class TokensCommandTest {
    private static final int CODES = 20;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object... arguments) {
        String[] words = java.util.Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    }

    @BeforeEach
    void saveAModel() {
        VqConfig sizes = new VqConfig(CODES, 8, true, 8, List.of(1, 2, 2), List.of(1, 2, 2), 1, 1, 8, 4, 0.25f, 0);
        VqTokenizer tokenizer = new VqTokenizer(sizes);
        new VqModel(
                        new VqModel.Config("tiny", sizes),
                        tokenizer,
                        tokenizer.params().initial(1))
                .save(folder.resolve("model/tokenizer"), StorageType.F32);
        GptConfig network = new GptConfig(
                8, 4, 16, 2, 2, 2, 24, 10000, 1e-5f, new GptConfig.Classes(2), GptConfig.PrefixRope.IDENTITY);
        Gpt gpt = new Gpt(network);
        ArModel.Config config = new ArModel.Config(
                "tiny", network, List.of("bag", "coat"), List.of(), false, ArModel.Sampling.PLAIN.withGuidance(2));
        new ArModel(config, gpt, gpt.params().initial(1), Rivals.random(CODES, 8, 1), new long[CODES])
                .save(folder.resolve("model"), StorageType.F32);
    }

    @Test
    void aClassIsDrawnWithPreviewsAndRepeatedFromItsRecipe() throws IOException {
        Path one = folder.resolve("one.png");
        Path again = folder.resolve("again.png");
        Path model = folder.resolve("model");
        assertEquals(
                0,
                run(
                        "generate",
                        "--engine",
                        "ar",
                        "--model",
                        model,
                        "Coat",
                        "--seed",
                        4,
                        "--preview-every",
                        5,
                        "-o",
                        one),
                err::toString);
        Image image = ImageFile.read(one);
        assertEquals(16, image.width());
        assertTrue(Files.exists(folder.resolve("preview.png")));
        assertTrue(ImageFile.recipe(one).orElseThrow().contains("members=uniform"));
        assertEquals(0, run("generate", "--model", model, "--from", one, "-o", again, "--threads", 1), err::toString);
        assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(again));
    }

    @Test
    void aPictureIsTheSameInAnyBatch() throws IOException {
        Path model = folder.resolve("model");
        Path many = folder.resolve("many");
        assertEquals(0, run("generate", "--model", model, "bag", "-n", 3, "--seed", 4, "-o", many), err::toString);
        Path one = folder.resolve("one.png");
        assertEquals(0, run("generate", "--model", model, "bag", "--seed", 6, "-o", one), err::toString);
        assertEquals(ImageFile.read(one), ImageFile.read(many.resolve("bag-6.png")));
    }

    @Test
    void whatAModelOfTokensCannotDoIsOneSentence() {
        Path model = folder.resolve("model");
        Object[][] wrong = {
            {"generate", "--model", model, "sock"},
            {"generate", "--model", model, "bag", "--negative", "red"},
            {"generate", "--model", model, "bag", "--steps", 9},
            {"generate", "--model", model, "bag", "--style", "noto"},
            {"generate", "--model", model, "bag", "--sampler", "euler"},
            {"generate", "--model", model, "bag", "--sampler", "top-p=2"},
            {"generate", "--model", model, "bag", "--sampler", "members=refined"},
            {"generate", "--model", model, "bag", "--engine", "diffusion"},
            {"prepare", "masc", "--codec", model},
            {"prepare", "masc", "--codec", model.resolve("tokenizer"), "-k", CODES + 1},
            {"evaluate", "masc", model, "--data", folder, "--size", 16, "-k", 4},
            {"evaluate", "ar", model, "--data", folder, "--tokens", folder.resolve("t"), "--pictures", 2},
        };
        for (Object[] arguments : wrong) {
            err.getBuffer().setLength(0);
            Object[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
            all[arguments.length] = arguments[0].equals("generate") ? "-o" : "--threads";
            all[arguments.length + 1] = arguments[0].equals("generate") ? folder.resolve("no.png") : 1;
            assertEquals(2, run(all), () -> List.of(arguments).toString());
            assertEquals(1, err.toString().lines().count(), err::toString);
        }
    }

    @Test
    void aTreeIsGrownAndKeptWithItsTokenizer() {
        Path tokenizer = folder.resolve("model/tokenizer");
        assertEquals(0, run("prepare", "masc", "--codec", tokenizer, "-k", "10,5"), err::toString);
        assertTrue(Files.exists(tokenizer.resolve("masc.safetensors")));
        assertTrue(out.toString().contains("20 codes of 8 numbers"), out::toString);
    }

    @Test
    void tokensAreComputedOnceAndReconstructionKnowsTheTokenizer() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        ImageFile.writePng(data.resolve("a.png"), Image.filled(16, 16, 200, 10, 10));
        Files.writeString(data.resolve("metadata.jsonl"), "{\"file_name\":\"a.png\",\"text\":\"red\"}\n");
        Path tokens = folder.resolve("tokens.safetensors");
        Path tokenizer = folder.resolve("model/tokenizer");
        Object[] prepare = {"prepare", "tokens", "--codec", tokenizer, "--data", data, "--size", 16, "-o", tokens};
        assertEquals(0, run(prepare), err::toString);
        byte[] kept = Files.readAllBytes(tokens);
        assertEquals(0, run(prepare), err::toString);
        assertArrayEquals(kept, Files.readAllBytes(tokens));
        assertTrue(out.toString().contains("is up to date: 1 pictures of 4 by 4 tokens"), out::toString);
        assertEquals(0, run("reconstruct", data, "--codec", tokenizer, "-o", folder.resolve("back")), err::toString);
        assertEquals(16, ImageFile.read(folder.resolve("back/a.png")).width());
    }
}
