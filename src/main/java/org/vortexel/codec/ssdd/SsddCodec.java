package org.vortexel.codec.ssdd;

import org.jspecify.annotations.Nullable;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.TiledPlayer;
import org.vortexel.codec.Tiles;
import org.vortexel.device.Device;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// An [SsddModel] at work on a device.
///
/// Pictures above 256 pixels a side are worked on in tiles of 256 that share 64 pixels; all tiles begin from
/// parts of one field of noise, so that they agree where they overlap.
public final class SsddCodec implements LatentCodec {
    private static final int TILE = 256;
    private static final int OVERLAP = 64;
    private static final long STREAM = 1L << 40;

    private final SsddModel model;
    private final Device device;
    private final int steps;
    private final TiledPlayer encoder;
    private @Nullable SsddSampler sampler;
    private Shape decoded = Shape.of();

    /// A codec that decodes in as many steps as its model likes best. The device stays open when the
    /// codec is closed.
    public SsddCodec(SsddModel model, Device device) {
        this(model, device, model.config().steps());
    }

    /// A codec that decodes in `steps` steps.
    public SsddCodec(SsddModel model, Device device, int steps) {
        this.model = model;
        this.device = device;
        this.steps = steps;
        SsddSampler.times(steps);
        encoder = new TiledPlayer(
                device,
                model.weights(),
                TILE,
                OVERLAP,
                1,
                compression(),
                x -> model.encoder().forward(x).mean());
    }

    @Override
    public int compression() {
        return model.config().decoder().compression();
    }

    @Override
    public int latentChannels() {
        return model.config().decoder().latentChannels();
    }

    @Override
    public NdArray encode(NdArray pictures) {
        checkPictures(pictures.shape());
        return model.config().scale().scaled(encoder.run(pictures));
    }

    @Override
    public NdArray decode(NdArray latents, long... seeds) {
        Shape shape = latents.shape();
        int f = compression();
        checkLatents(shape);
        if (seeds.length != shape.dim(0)) {
            throw new IllegalArgumentException(shape.dim(0) + " latents want a seed each but got " + seeds.length);
        }
        NdArray z = model.config().scale().unscaled(latents);
        NdArray noise = noise(Shape.of(shape.dim(0), 3, f * shape.dim(2), f * shape.dim(3)), seeds);
        NdArray pictures = new Tiles(Math.max(1, TILE / f), Math.min(OVERLAP / f, Math.max(1, TILE / f) - 1))
                .map(z, f, 1, (tile, top, left) -> {
                    int height = f * tile.shape().dim(2);
                    int width = f * tile.shape().dim(3);
                    return decodeTile(tile, Tiles.crop(noise, f * top, f * left, height, width));
                });
        return LatentCodec.clamped(pictures);
    }

    private NdArray decodeTile(NdArray tile, NdArray noise) {
        SsddSampler ready = sampler;
        if (ready == null || !decoded.equals(noise.shape())) {
            if (ready != null) {
                ready.close();
            }
            ready = new SsddSampler(device, model.decoder(), model.weights(), noise.shape());
            sampler = ready;
            decoded = noise.shape();
        }
        return ready.decode(tile, noise, steps);
    }

    /// Every picture from its own seed, and from another stream than a diffusion model that uses the same seed.
    private static NdArray noise(Shape pictures, long... seeds) {
        NdArray noise = NdArray.zeros(pictures);
        int size = pictures.size(1, 4);
        float[] one = new float[size];
        for (int i = 0; i < pictures.dim(0); i++) {
            new Philox(seeds[i], STREAM).fillNormal(one);
            System.arraycopy(one, 0, noise.data(), i * size, size);
        }
        return noise;
    }

    @Override
    public void close() {
        if (sampler != null) {
            sampler.close();
            sampler = null;
        }
        encoder.close();
    }
}
