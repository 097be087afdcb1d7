package org.vortexel.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.LatentScale;
import org.vortexel.codec.kl.AutoencoderKl;
import org.vortexel.codec.kl.KlConfig;
import org.vortexel.codec.kl.KlModel;
import org.vortexel.codec.ssdd.SsddConfig;
import org.vortexel.codec.ssdd.SsddEncoder;
import org.vortexel.codec.ssdd.SsddModel;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

class ReconstructCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter said = new StringWriter();
    private final StringWriter complained = new StringWriter();

    @BeforeEach
    void makeCodecs() throws IOException {
        Files.createDirectories(folder.resolve("in"));
        SsddModel.Config ssdd = new SsddModel.Config(
                "tiny",
                new SsddEncoder.Config(2, 32, List.of(1, 1, 1, 1)),
                new SsddConfig(2, 8, List.of(4, 4, 8, 8), 1, 2, 4, 8),
                LatentScale.NONE,
                2);
        SsddModel.of(ssdd, SsddModel.params(ssdd).initial(1)).save(folder.resolve("ssdd"), StorageType.F16);
        KlConfig sizes = new KlConfig(2, List.of(4, 4, 4, 4), 1, 4, true);
        KlModel.of(
                        new KlModel.Config("kl", sizes, LatentScale.NONE),
                        new AutoencoderKl(sizes).params().initial(1))
                .save(folder.resolve("kl"), StorageType.F32);
        ImageFile.writePng(folder.resolve("in/a.png"), Image.filled(19, 30, 200, 30, 40));
        ImageFile.writePng(folder.resolve("in/b.png"), Image.filled(16, 16, 20, 130, 40));
    }

    private int run(String... arguments) {
        return Main.run(new PrintWriter(said, true), new PrintWriter(complained, true), arguments);
    }

    private void refused(String... arguments) {
        assertEquals(2, run(arguments));
        assertEquals(1, complained.toString().lines().count(), complained::toString);
        assertFalse(Files.exists(folder.resolve("out")));
    }

    @Test
    void picturesComeBackInTheirSizeAndTheSameEachTime() {
        for (String codec : List.of("ssdd", "kl")) {
            String[] arguments = {
                "reconstruct",
                folder.resolve("in").toString(),
                "--codec",
                folder.resolve(codec).toString(),
                "-o",
                folder.resolve("out-" + codec).toString()
            };
            assertEquals(0, run(arguments), complained::toString);
            Image back = ImageFile.read(folder.resolve("out-" + codec + "/a.png"));
            assertEquals(19, back.width());
            assertEquals(30, back.height());
            assertTrue(said.toString().contains("PSNR"));
            assertEquals(0, run(arguments), complained::toString);
            assertEquals(back, ImageFile.read(folder.resolve("out-" + codec + "/a.png")));
        }
    }

    @Test
    void badInputIsOneSentence() {
        String in = folder.resolve("in").toString();
        String out = folder.resolve("out").toString();
        refused("reconstruct", in, "--codec", folder.resolve("none").toString(), "-o", out);
    }

    @Test
    void stepsAreForDecodersThatHaveThem() {
        String in = folder.resolve("in").toString();
        String out = folder.resolve("out").toString();
        refused("reconstruct", in, "--codec", folder.resolve("kl").toString(), "--steps", "2", "-o", out);
    }

    @Test
    void aFolderWithoutPicturesIsRefused() {
        String out = folder.resolve("out").toString();
        String ssdd = folder.resolve("ssdd").toString();
        refused("reconstruct", ssdd, "--codec", ssdd, "-o", out);
    }

    @Test
    void stepsBelowOneAreRefused() {
        String ssdd = folder.resolve("ssdd").toString();
        refused(
                "reconstruct",
                folder.resolve("in").toString(),
                "--codec",
                ssdd,
                "--steps",
                "0",
                "-o",
                folder.resolve("out").toString());
    }
}
