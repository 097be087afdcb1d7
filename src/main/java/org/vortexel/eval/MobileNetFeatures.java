package org.vortexel.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.image.Image;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What [MobileNetV2] sees in pictures. Square pictures of any size; the network sees them at 96 × 96: smaller ones
/// enlarged bilinearly, larger ones averaged down.
///
/// | features | shape     | from                               | used for                      |
/// |----------|-----------|------------------------------------|-------------------------------|
/// | pooled   | (N, 64)   | mean of block 9 over all positions | the "MobileNetV2-block9 FD"   |
/// | layout   | (N, 576)  | means of block 9 over 3 × 3 parts  | neighbours                    |
/// | place    | (N, 9216) | blocks 3, 6 and 9                  | the [PerceptualDistance]      |
///
/// *Choice of features.* Neighbours are looked for by what finds the same emoji in another style best: 200 base emoji
/// of the training set at 32 × 32 pixels, all six ordered pairs of twemoji, noto and fluent, share of searches whose
/// first answer is right (1,200 searches, standard error at least 0.014).
///
/// | features                                | Euclidean | cosine |
/// |-----------------------------------------|-----------|--------|
/// | raw pixels                              | 0.316     | 0.312  |
/// | block 9, mean over all positions        | 0.420     | 0.428  |
/// | **block 9, means of 3 × 3 parts**       | 0.669     | 0.673  |
/// | block 6, means of 3 × 3 parts           | 0.647     | 0.652  |
/// | block 3, means of 3 × 3 parts           | 0.587     | 0.604  |
/// | block 9, sampled at 3 × 3               | 0.635     | 0.645  |
/// | block 9, means of 2 × 2 parts           | 0.607     | 0.593  |
/// | blocks 6 and 9, means of 3 × 3 parts    | 0.672     | 0.665  |
/// | blocks 3, 6 and 9, means of 3 × 3 parts | 0.675     | 0.667  |
/// | the perceptual distance                 | 0.653     | 0.653  |
/// | the chosen ones at 64 pixels, not 96    | 0.623     | 0.624  |
/// | the chosen ones at 128 pixels           | 0.640     | 0.643  |
///
/// At 224 pixels, which the network was made for, it was 0.658 where 96 gave 0.730 (100 base emoji, cosine), at
/// five times the cost. Between the angle and the distance, drawn pictures decided: 96 by the first model in
/// `weights/emoji`, among 600 true ones, found theirs 0.594 and 0.635 of the time. Pixels found 0.990 of these
/// and the perceptual distance 0.833: block 9 minds the noise that a young model leaves, pixels do not.
///
/// Used by one thread at a time. Closing it frees its programs, not the device.
public final class MobileNetFeatures implements AutoCloseable {
    private static final int SIDE = 96;
    private static final int PARTS = 3;
    private static final int BATCH = 16;

    private final MobileNetV2 network;
    private final Weights weights;
    private final Device device;
    private final Map<Size, Player> players = new HashMap<>();

    private record Size(int batch, int side) {}

    MobileNetFeatures(MobileNetV2 network, Weights weights, Device device) {
        this.network = network;
        this.weights = weights;
        this.device = device;
    }

    /// Features of pictures, a row a picture.
    ///
    /// @param pooled (N, 64)
    /// @param layout (N, 576)
    /// @param place (N, 9216), rows of which the squared Euclidean distance is the [PerceptualDistance]
    public record Seen(NdArray pooled, NdArray layout, NdArray place) {
        /// The [PerceptualDistance] of picture `i` to picture `j` of `other`.
        public double perceptualDistance(int i, Seen other, int j) {
            return Features.squaredDistance(place, i, other.place, j);
        }

        /// The same with empty places, which take the most memory.
        Seen withoutPlaces() {
            return new Seen(pooled, layout, NdArray.zeros(place.shape().with(1, 0)));
        }

        /// Sets of pictures behind one another.
        static Seen joined(List<Seen> parts) {
            return new Seen(
                    Features.joined(parts.stream().map(Seen::pooled).toList()),
                    Features.joined(parts.stream().map(Seen::layout).toList()),
                    Features.joined(parts.stream().map(Seen::place).toList()));
        }
    }

    /// Reads the network out of its package.
    ///
    /// @param archive what [MobileNetPackage#fetch] gives
    /// @throws org.vortexel.checkpoint.WeightsException when the package does not hold the network
    public static MobileNetFeatures load(Path archive, Device device) {
        return of(MobileNetPackage.network(archive), device);
    }

    /// The features that a network sees which was read before.
    public static MobileNetFeatures of(MobileNetPackage.Pretrained pretrained, Device device) {
        return new MobileNetFeatures(pretrained.network(), pretrained.weights(), device);
    }

    /// The features of square pictures of one size, at least one picture.
    public Seen of(List<Image> pictures) {
        List<Seen> batches = new ArrayList<>();
        int side = side(pictures);
        for (int begin = 0; begin < pictures.size(); begin += BATCH) {
            List<Image> batch = pictures.subList(begin, Math.min(begin + BATCH, pictures.size()));
            Player player = players.computeIfAbsent(new Size(batch.size(), side), this::player);
            player.set("pictures", floats(batch, side)).run();
            batches.add(new Seen(player.get("pooled"), player.get("layout"), player.get("place")));
        }
        return Seen.joined(batches);
    }

    private Player player(Size size) {
        Recorder recorder = new Recorder();
        Tensor pictures = recorder.input("pictures", Shape.of(size.batch, 3, size.side, size.side)); // in [-1, 1]
        Tensor enlarged = Bilinear.BORDERS.resize(pictures.mul(0.5f).add(0.5f), SIDE, SIDE); // (N, 3, 96, 96)
        MobileNetV2.Maps maps = network.forward(enlarged);
        Tensor map = maps.block9(); // (N, 64, 6, 6)
        recorder.output("pooled", map.mean(false, 2, 3)); // (N, 64)
        recorder.output("layout", map.adaptiveAveragePool(PARTS, PARTS).reshape(size.batch, -1)); // (N, 576)
        recorder.output("place", PerceptualDistance.place(maps)); // (N, 9216)
        return device.load(recorder.program(), weights);
    }

    /// The side at which pictures go into the program.
    private static int side(List<Image> pictures) {
        if (pictures.isEmpty()) {
            throw new IllegalArgumentException("there is no picture to look at");
        }
        int side = pictures.getFirst().width();
        for (Image picture : pictures) {
            if (picture.width() != side || picture.height() != side) {
                throw new IllegalArgumentException("pictures should be square and of one size but one is " + picture
                        + " and the first " + pictures.getFirst());
            }
        }
        return Math.min(side, SIDE);
    }

    private static float[] floats(List<Image> batch, int side) {
        float[] values = new float[batch.size() * 3 * side * side];
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).resized(side, side).toFloats(values, i * 3 * side * side);
        }
        return values;
    }

    @Override
    public void close() {
        players.values().forEach(Player::close);
        players.clear();
    }
}
