package org.vortexel.codec.kl;

import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.LatentScale;
import org.vortexel.codec.TiledPlayer;
import org.vortexel.device.Device;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;

/// A [KlModel] at work on a device. Pictures above 256 pixels a side are worked on in tiles.
public final class KlCodec implements LatentCodec {
    private static final int TILE = 256;
    private static final int OVERLAP = 64;

    private final KlConfig network;
    private final LatentScale scale;
    private final TiledPlayer encoder;
    private final TiledPlayer decoder;

    /// A codec. The device stays open when the codec is closed.
    public KlCodec(KlModel model, Device device) {
        network = model.config().network();
        scale = model.config().scale();
        int f = network.compression();
        AutoencoderKl net = model.network();
        encoder = new TiledPlayer(
                device,
                model.weights(),
                TILE,
                OVERLAP,
                1,
                f,
                (Tensor x) -> net.encode(x).mean());
        decoder = new TiledPlayer(device, model.weights(), TILE / f, OVERLAP / f, f, 1, net::decode);
    }

    @Override
    public int compression() {
        return network.compression();
    }

    @Override
    public int latentChannels() {
        return network.latentChannels();
    }

    @Override
    public NdArray encode(NdArray pictures) {
        checkPictures(pictures.shape());
        return scale.scaled(encoder.run(pictures));
    }

    @Override
    public NdArray decode(NdArray latents, long... seeds) {
        checkLatents(latents.shape());
        return LatentCodec.clamped(decoder.run(scale.unscaled(latents)));
    }

    @Override
    public void close() {
        encoder.close();
        decoder.close();
    }
}
