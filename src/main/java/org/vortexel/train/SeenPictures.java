package org.vortexel.train;

import java.util.ArrayList;
import java.util.List;
import org.vortexel.data.PackedImages;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.eval.DualEncoder;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What a [DualEncoder] sees of disturbed pictures through its frozen network. Every picture is
/// disturbed in a few ways only, and each is looked at once, when it is first wanted: the frozen
/// network costs more than what is learnt.
///
/// Numbers are kept as halves, 22 kB for each way of a picture, and are those of halves when they are
/// new as well, so that a run that was interrupted goes on with the same bits.
final class SeenPictures implements AutoCloseable {
    private static final int BATCH = 32;

    private final PackedImages images;
    private final long seed;
    private final int ways;
    private final Player player;
    private final short[][] kept;

    /// Nothing has been looked at yet.
    ///
    /// @param seed of the disturbances
    /// @param ways how many a picture has
    SeenPictures(
            PackedImages images,
            DualEncoder network,
            MobileNetPackage.Pretrained pretrained,
            Device device,
            long seed,
            int ways) {
        this.images = images;
        this.seed = seed;
        this.ways = ways;
        this.kept = new short[Math.multiplyExact(images.count(), ways)][];
        Recorder r = new Recorder();
        r.output("tokens", network.see(r.input("pictures", Shape.of(BATCH, 3, images.size(), images.size()))));
        this.player = device.load(r.program(), pretrained.weights());
    }

    /// The tokens (N, T, C) of some pictures, each disturbed in one of its ways.
    ///
    /// @param pictures N of them
    /// @param way which, `0 … ways - 1`, of each
    NdArray of(int[] pictures, int... way) {
        List<Integer> wanted = new ArrayList<>();
        for (int i = 0; i < pictures.length; i++) {
            int place = pictures[i] * ways + way[i];
            if (kept[place] == null && !wanted.contains(place)) {
                wanted.add(place);
            }
        }
        for (int begin = 0; begin < wanted.size(); begin += BATCH) {
            look(wanted.subList(begin, Math.min(begin + BATCH, wanted.size())));
        }
        NdArray tokens = NdArray.zeros(Shape.of(pictures.length, DualEncoder.PLACES, DualEncoder.CHANNELS));
        int size = DualEncoder.PLACES * DualEncoder.CHANNELS;
        for (int i = 0; i < pictures.length; i++) {
            short[] halves = kept[pictures[i] * ways + way[i]];
            for (int j = 0; j < size; j++) {
                tokens.data()[i * size + j] = Float.float16ToFloat(halves[j]);
            }
        }
        return tokens;
    }

    private void look(List<Integer> places) {
        int pixels = 3 * images.size() * images.size();
        NdArray batch = NdArray.zeros(Shape.of(BATCH, 3, images.size(), images.size()));
        long[] streams = new long[BATCH];
        for (int i = 0; i < places.size(); i++) {
            images.copy(places.get(i) / ways, batch.data(), i * pixels);
            streams[i] = places.get(i);
        }
        player.set("pictures", Disturbance.of(batch, seed, streams)).run();
        float[] tokens = player.get("tokens").data();
        int size = tokens.length / BATCH;
        for (int i = 0; i < places.size(); i++) {
            short[] halves = new short[size];
            for (int j = 0; j < size; j++) {
                halves[j] = Float.floatToFloat16(tokens[i * size + j]);
            }
            kept[places.get(i)] = halves;
        }
    }

    @Override
    public void close() {
        player.close();
    }
}
