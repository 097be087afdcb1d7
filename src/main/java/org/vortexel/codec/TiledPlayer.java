package org.vortexel.codec;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A network from images to images of another size, played tile by tile where they are large. It is
/// recorded when a new shape comes, and keeps the last.
public final class TiledPlayer implements AutoCloseable {
    private final Device device;
    private final Weights weights;
    private final Tiles tiles;
    private final int numerator;
    private final int denominator;
    private final UnaryOperator<Tensor> network;
    private @Nullable Player player;
    private Shape shape = Shape.of();

    /// A network whose output's side is the input's times `numerator / denominator`.
    ///
    /// @param tile the largest side that is played whole
    /// @param overlap of neighbouring tiles
    /// @param network records it on an image (N, C, H, W)
    public TiledPlayer(
            Device device,
            Weights weights,
            int tile,
            int overlap,
            int numerator,
            int denominator,
            UnaryOperator<Tensor> network) {
        this.device = device;
        this.weights = weights;
        this.tiles = new Tiles(tile, overlap);
        this.numerator = numerator;
        this.denominator = denominator;
        this.network = network;
    }

    /// The network's output for images (N, C, H, W).
    public NdArray run(NdArray images) {
        return tiles.map(images, numerator, denominator, (tile, _, _) -> play(tile));
    }

    private NdArray play(NdArray tile) {
        Player ready = player;
        if (ready == null || !shape.equals(tile.shape())) {
            close();
            Recorder recorder = new Recorder();
            recorder.output("y", network.apply(recorder.input("x", tile.shape())));
            ready = device.load(recorder.program(), weights);
            player = ready;
            shape = tile.shape();
        }
        return ready.set("x", tile).runFinite("y");
    }

    @Override
    public void close() {
        if (player != null) {
            player.close();
            player = null;
        }
    }
}
