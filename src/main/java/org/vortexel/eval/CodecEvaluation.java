package org.vortexel.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.vortexel.codec.LatentCodec;
import org.vortexel.data.PackedImages;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;

/// Sends pictures through a codec and measures what comes back.
///
/// @param features what pictures are compared by
/// @param seed of the noise of the first picture; each further one has the next
public record CodecEvaluation(MobileNetFeatures features, long seed) {
    private static final int AT_ONCE = 16;
    /// The highest ratio a picture counts with: equal pictures have none.
    private static final double BEST_PSNR = 100;

    /// What was found, and the pictures that it was found by.
    ///
    /// @param report the figures
    /// @param decoded the pictures that came back, in order
    public record Result(CodecReport report, List<Image> decoded) {}

    /// Measures one codec on all pictures.
    ///
    /// @param name of the codec, for the report
    /// @param steps for the report
    public Result of(String name, LatentCodec codec, int steps, PackedImages pictures) {
        int count = pictures.count();
        List<Image> originals =
                IntStream.range(0, count).mapToObj(pictures::image).toList();
        List<Image> decoded = new ArrayList<>();
        List<Double> speeds = new ArrayList<>();
        for (int begin = 0; begin < count; begin += AT_ONCE) {
            int end = Math.min(begin + AT_ONCE, count);
            NdArray latents =
                    codec.encode(pictures.batch(IntStream.range(begin, end).toArray()));
            if (begin == 0) {
                codec.decodeFrom(latents, seed); // the first run makes ready
            }
            long start = System.nanoTime();
            NdArray out = codec.decodeFrom(latents, seed + begin);
            speeds.add((end - begin) * 1e9 / (System.nanoTime() - start));
            decoded.addAll(Image.fromBatch(out));
        }
        return new Result(report(name, steps, originals, decoded, speeds), decoded);
    }

    private CodecReport report(
            String name, int steps, List<Image> originals, List<Image> decoded, List<Double> speeds) {
        MobileNetFeatures.Seen real = features.of(originals);
        MobileNetFeatures.Seen seen = features.of(decoded);
        Ssim ssim = Ssim.gaussian();
        int count = originals.size();
        double[] psnr = new double[count];
        double[] similarity = new double[count];
        double[] distance = new double[count];
        for (int i = 0; i < count; i++) {
            psnr[i] = Math.min(BEST_PSNR, Psnr.of(originals.get(i), decoded.get(i)));
            similarity[i] = ssim.of(originals.get(i), decoded.get(i));
            distance[i] = real.perceptualDistance(i, seen, i);
        }
        return new CodecReport(
                name,
                steps,
                count,
                FrechetDistance.of(seen.pooled(), real.pooled()),
                mean(psnr),
                mean(similarity),
                mean(distance),
                speeds.stream().sorted().skip(speeds.size() / 2).findFirst().orElse(0.0));
    }

    private static double mean(double... values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }
}
