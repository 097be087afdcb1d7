package org.vortexel.eval;

import java.util.List;
import java.util.stream.IntStream;
import org.vortexel.data.ImageFolder;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;

/// Compares pictures that were drawn with a feature cache with those of the same captions and seeds that were drawn
/// without one, and with real pictures.
public final class CacheEvaluation {
    private static final double EQUAL_DB = 100;

    private final MobileNetFeatures network;
    private final List<String> kinds;
    private final NdArray realLayout;
    private final MobileNetFeatures.Seen pool;
    private final List<String> poolKinds;
    private final List<Image> uncached;
    private final MobileNetFeatures.Seen seenUncached;

    /// What pictures are compared with.
    ///
    /// @param training the real pictures of the style that the model was trained on
    /// @param chosen which of them were drawn
    /// @param uncached what was drawn without a cache, square pictures in the order of `chosen`
    public CacheEvaluation(MobileNetFeatures network, ImageFolder training, int[] chosen, List<Image> uncached) {
        int size = uncached.getFirst().width();
        List<Image> real = IntStream.range(0, training.size())
                .mapToObj(i -> training.image(i, size))
                .toList();
        this.network = network;
        this.pool = network.of(real).withoutPlaces();
        this.poolKinds = training.entries().stream().map(StyleEvaluation::kind).toList();
        this.kinds = IntStream.of(chosen).mapToObj(poolKinds::get).toList();
        this.realLayout =
                network.of(IntStream.of(chosen).mapToObj(real::get).toList()).layout();
        this.uncached = uncached;
        this.seenUncached = network.of(uncached);
    }

    /// Captions of a folder, spread over all of it by chance.
    ///
    /// @param wanted how many, or all where there are fewer
    public static int[] choose(ImageFolder training, int wanted, long seed) {
        return StyleEvaluation.evenly(training.size(), wanted, seed);
    }

    /// What a picture's quality is.
    ///
    /// @param psnr mean over pictures, of equal pictures 100 dB
    /// @param perceptualDistance mean
    /// @param top1 share
    /// @param frechet distance to the real pictures
    public record Quality(double psnr, double perceptualDistance, double top1, double frechet) {}

    /// The quality of pictures in the order of the captions.
    public Quality of(List<Image> drawn) {
        MobileNetFeatures.Seen seen = network.of(drawn);
        double psnr = 0;
        double distance = 0;
        for (int i = 0; i < drawn.size(); i++) {
            psnr += Math.min(EQUAL_DB, Psnr.of(drawn.get(i), uncached.get(i))) / drawn.size();
            distance += seen.perceptualDistance(i, seenUncached, i) / drawn.size();
        }
        Retrieval right = Retrieval.of(seen.layout(), realLayout, kinds, pool.layout(), poolKinds);
        return new Quality(psnr, distance, right.top1(), FrechetDistance.of(seen.pooled(), pool.pooled()));
    }
}
