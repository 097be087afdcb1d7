package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vortexel.checkpoint.Golden;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;

/// The measures against NumPy, SciPy and scikit-image, in the tolerances that the file gives.
class MetricsGoldenTest {
    private static final int SIDE = 32;

    private Golden golden;

    @BeforeEach
    void open() {
        golden = Golden.open(Golden.files("metrics", "metrics.io.safetensors").getFirst());
    }

    @AfterEach
    void close() {
        if (golden != null) {
            golden.close();
        }
    }

    private NdArray features(String name) {
        return golden.file().array("feat." + name);
    }

    private double value(String name) {
        return golden.file().doubles(name)[0];
    }

    private void relative(String name, double got) {
        assertEquals(value(name), got, 1e-8 * Math.abs(value(name)), name);
    }

    @Test
    void meanAndCovarianceEqualNumPys() {
        FrechetDistance.Gaussian got = FrechetDistance.Gaussian.of(features("real"));
        double[] mean = golden.file().doubles("stats.real.mean");
        double[] covariance = golden.file().doubles("stats.real.cov");
        for (int i = 0; i < mean.length; i++) {
            assertEquals(mean[i], got.mean()[i], 1e-12);
            for (int j = 0; j < mean.length; j++) {
                assertEquals(covariance[i * mean.length + j], got.covariance()[i][j], 1e-12);
            }
        }
    }

    @Test
    void frechetDistanceOfFullRankEqualsSciPys() {
        double got = FrechetDistance.of(features("real"), features("fake"));
        relative("frechet.real.fake", got);
        relative("frechet_repo.real.fake", got);
    }

    @ParameterizedTest
    @ValueSource(strings = {"real.real", "real.few", "few.fake"})
    void frechetDistanceWithoutFullRankEqualsSciPysToHalfTheDigits(String pair) {
        String[] names = pair.split("\\.");
        double got = FrechetDistance.of(features(names[0]), features(names[1]));
        assertEquals(value("frechet." + pair), got, 1e-4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"real", "fake", "few", "dup"})
    void diversityEqualsTheDefinitions(String set) {
        relative("vendi." + set, Diversity.vendi(features(set)));
        relative("vendi_q2." + set, Diversity.vendi(features(set), 2));
        relative("vendi_q05." + set, Diversity.vendi(features(set), 0.5));
        relative("meansim." + set, Diversity.meanSimilarity(features(set)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5})
    void manifoldScoresAreExact(int k) {
        double[] wanted = golden.file().doubles("pr.k" + k);
        Manifold got = Manifold.of(features("real"), features("fake"), k);
        assertEquals(wanted[0], got.precision(), 1e-12);
        assertEquals(wanted[1], got.recall(), 1e-12);
        assertEquals(wanted[2], got.density(), 1e-12);
        assertEquals(wanted[3], got.coverage(), 1e-12);
        double[] radii = golden.file().doubles("pr.k" + k + ".radii_real");
        double[] squared = Manifold.squaredRadii(features("real"), k);
        for (int i = 0; i < radii.length; i++) {
            assertEquals(radii[i], Math.sqrt(squared[i]), 1e-8 * radii[i]);
        }
    }

    private Image picture(String name) {
        int[] values = golden.file().ints("img." + name);
        byte[] rgb = new byte[values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i];
        }
        return Image.of(SIDE, SIDE, rgb);
    }

    @Test
    void signalToNoiseAndSimilarityEqualScikitImages() {
        List<Executable> checks = new ArrayList<>();
        Image a = picture("a");
        for (String name : List.of("noise", "shift", "const")) {
            Image b = picture(name);
            checks.add(() -> assertEquals(value("psnr." + name), Psnr.of(a, b), 1e-9));
            checks.add(() -> assertEquals(value("ssim." + name), Ssim.gaussian().of(a, b), 1e-6));
            checks.add(() ->
                    assertEquals(value("ssim_uniform7." + name), Ssim.uniform(7).of(a, b), 1e-6));
        }
        checks.add(() -> assertEquals(value("ssim.self"), Ssim.gaussian().of(a, a), 1e-6));
        assertAll(checks);
    }

    @ParameterizedTest
    @ValueSource(strings = {"noise", "shift", "const"})
    void similarityMapOfLumaEqualsScikitImages(String name) {
        Ssim ssim = Ssim.gaussian();
        double[] map = ssim.map(luma(picture("a")), luma(picture(name)), SIDE, 1);
        assertEquals(value("ssim_gray." + name), ssim.mean(map, SIDE, SIDE), 1e-6);
        float[] wanted = golden.file().array("ssim_gray_map." + name).data();
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], map[i], 1e-6);
        }
    }

    private static double[] luma(Image image) {
        double[] luma = new double[SIDE * SIDE];
        for (int i = 0; i < luma.length; i++) {
            int x = i % SIDE;
            int y = i / SIDE;
            luma[i] = (0.299 * image.channel(x, y, 0) + 0.587 * image.channel(x, y, 1) + 0.114 * image.channel(x, y, 2))
                    / 255;
        }
        return luma;
    }
}
