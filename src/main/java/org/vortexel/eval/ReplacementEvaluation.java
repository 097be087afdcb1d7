package org.vortexel.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.vortexel.codebook.Partition;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.data.PackedImages;
import org.vortexel.image.Image;
import org.vortexel.tensor.Philox;

/// What pictures look like when every code is replaced by a member of its cluster, each equally
/// likely: how much of a picture clusters keep.
///
/// Source: the replacement test of [arXiv:2510.04220](https://arxiv.org/abs/2510.04220).
public final class ReplacementEvaluation {
    private static final int BATCH = 16;

    private final VqCodec codec;
    private final MobileNetFeatures features;
    private final List<Image> originals = new ArrayList<>();
    private final List<int[]> ids = new ArrayList<>();
    private final int side;
    private final MobileNetFeatures.Seen real;

    /// What was found.
    ///
    /// @param psnr mean peak signal-to-noise ratio to the pictures, in dB
    /// @param perceptual mean MobileNetV2 perceptual distance to them
    /// @param fd MobileNetV2-block9 FD to them
    public record Result(double psnr, double perceptual, double fd) {}

    /// Encodes pictures.
    ///
    /// @param codec stays open
    public ReplacementEvaluation(VqCodec codec, MobileNetFeatures features, PackedImages pictures) {
        this.codec = codec;
        this.features = features;
        this.side = pictures.size() / codec.compression();
        for (int begin = 0; begin < pictures.count(); begin += BATCH) {
            int[] batch = IntStream.range(begin, Math.min(begin + BATCH, pictures.count()))
                    .toArray();
            ids.add(codec.ids(pictures.batch(batch)));
            Arrays.stream(batch).mapToObj(pictures::image).forEach(originals::add);
        }
        this.real = features.of(originals);
    }

    /// Replaces and measures. The partition of single codes tells what the tokenizer itself loses.
    ///
    /// @param seed of the choice of members
    public Result of(Partition partition, long seed) {
        Philox draws = Philox.of(seed);
        List<Image> drawn = new ArrayList<>();
        long at = 0;
        for (int[] batch : ids) {
            int[] replaced = new int[batch.length];
            for (int i = 0; i < batch.length; i++) {
                replaced[i] = partition.member(partition.labels()[batch[i]], draws.uniform(at++));
            }
            drawn.addAll(Image.fromBatch(codec.pictures(replaced, side, side)));
        }
        MobileNetFeatures.Seen seen = features.of(drawn);
        double psnr = 0;
        double perceptual = 0;
        for (int i = 0; i < drawn.size(); i++) {
            psnr += Math.min(100, Psnr.of(originals.get(i), drawn.get(i))) / drawn.size();
            perceptual += real.perceptualDistance(i, seen, i) / drawn.size();
        }
        return new Result(psnr, perceptual, FrechetDistance.of(seen.pooled(), real.pooled()));
    }
}
