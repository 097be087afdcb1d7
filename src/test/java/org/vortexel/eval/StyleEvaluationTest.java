package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.data.ImageFolder;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.nn.Params;
import org.vortexel.tensor.Philox;

/// Eight training pictures, three held out; painters that know the truth, or nothing.
class StyleEvaluationTest {
    @TempDir
    private static Path folder;

    private static final Device DEVICE = HostDevice.of(2);
    private static final MobileNetFeatures FEATURES =
            new MobileNetFeatures(MobileNetV2.of(new Params()), MobileNetFeaturesTest.random(), DEVICE);

    @BeforeAll
    static void writePictures() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 11; i++) {
            ImageFile.writePng(folder.resolve(i + ".png"), picture(i));
            String split = i < 8 ? "train" : i < 10 ? "heldout" : "heldout_combination";
            lines.append("{\"file_name\":\"%d.png\",\"text\":\"thing %d\",\"style\":\"s\",\"base\":\"%d\","
                            .formatted(i, i, i))
                    .append("\"split\":\"%s\",\"combination\":\"%s\"}\n".formatted(split, i < 10 ? "" : "new-pair"));
        }
        Files.writeString(folder.resolve(ImageFolder.METADATA), lines);
    }

    @AfterAll
    static void close() {
        FEATURES.close();
        DEVICE.close();
    }

    private static Image picture(int number) {
        byte[] rgb = new byte[4 * 4 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Philox.of(number).below(256, i);
        }
        return Image.of(4, 4, rgb).resized(16, 16);
    }

    private static Optional<StyleEvaluation.Result> evaluate(int captions, StyleEvaluation.Painter painter) {
        return new StyleEvaluation(FEATURES, null, painter, captions, 7, (_, _, _) -> {}, () -> false)
                .of(List.of("s"), ImageFolder.open(folder), 16)
                .map(List::getFirst);
    }

    private static List<Image> truth(List<org.vortexel.data.Entry> entries) {
        return entries.stream().map(e -> picture(Integer.parseInt(e.base()))).toList();
    }

    @Test
    void aPainterWhoKnowsTheTruthScoresAsTheTruth() {
        StyleEvaluation.Result result =
                evaluate(100, (entries, _) -> Optional.of(truth(entries))).orElseThrow();
        assertEquals(8, result.report().trainingPictures());
        assertEquals(8, result.report().kinds());
        assertEquals(8, result.pairs().size());
        assertEquals(
                List.of("train", "heldout", "heldout_combination new-pair"),
                result.report().splits().stream().map(StyleReport.Split::split).toList());
        for (StyleReport.Split split : result.report().splits()) {
            assertEquals(new Retrieval(1, 1), split.byFeatures());
            assertEquals(new Retrieval(1, 1), split.byPixels());
            assertEquals(split.mobileNetV2Block9FdOfTruePictures(), split.mobileNetV2Block9Fd());
            assertEquals(0, split.mobileNetV2PerceptualDistance());
            assertEquals(split.vendiOfTruePictures(), split.vendi());
        }
        StyleReport.Split train = result.report().splits().getFirst();
        assertEquals(0, Objects.requireNonNull(train.mobileNetV2Block9Fd()), 1e-3);
        assertEquals(1.0 / 8, train.byChance().top1(), 1e-12);
        assertTrue(train.mobileNetV2PerceptualDistanceOfOthers() > 0);
    }

    @Test
    void aPainterWhoDrawsOneThingIsFoundOut() {
        StyleReport.Split train = evaluate(
                        100,
                        (entries, _) -> Optional.of(
                                entries.stream().map(_ -> picture(3)).toList()))
                .orElseThrow()
                .report()
                .splits()
                .getFirst();
        assertEquals(1.0 / 8, train.byFeatures().top1(), 1e-12);
        assertEquals(1.0 / 8, train.byPixels().top1(), 1e-12);
        assertEquals(1, train.vendi(), 1e-5);
        assertNotEquals(train.mobileNetV2Block9FdOfTruePictures(), train.mobileNetV2Block9Fd());
    }

    @Test
    void aSplitOfOnePictureHasNoFrechetDistance() {
        StyleReport.Split single = evaluate(100, (entries, _) -> Optional.of(truth(entries)))
                .orElseThrow()
                .report()
                .splits()
                .getLast();
        assertEquals(1, single.captions());
        assertEquals(null, single.mobileNetV2Block9Fd());
    }

    @Test
    void cancellingEndsWithNothing() {
        assertEquals(Optional.empty(), evaluate(3, (_, _) -> Optional.empty()));
        assertEquals(
                Optional.empty(),
                new StyleEvaluation(FEATURES, null, (e, _) -> Optional.of(truth(e)), 3, 7, (_, _, _) -> {}, () -> true)
                        .of(List.of("s"), ImageFolder.open(folder), 16));
    }

    @Test
    void captionsAreSpreadEvenlyByTheSeed() {
        int[] chosen = StyleEvaluation.evenly(1000, 10, 1);
        for (int i = 0; i < 10; i++) {
            assertEquals(i, chosen[i] / 100);
        }
        assertArrayEquals(chosen, StyleEvaluation.evenly(1000, 10, 1));
        assertNotEquals(Arrays.toString(chosen), Arrays.toString(StyleEvaluation.evenly(1000, 10, 2)));
        assertArrayEquals(IntStream.range(0, 5).toArray(), StyleEvaluation.evenly(5, 10, 1));
        assertEquals(
                7, Arrays.stream(StyleEvaluation.evenly(8, 7, 3)).distinct().count());
    }
}
