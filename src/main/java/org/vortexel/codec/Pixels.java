package org.vortexel.codec;

import org.vortexel.tensor.NdArray;

/// The codec of models that draw pixels: pictures are their own latents.
public final class Pixels implements LatentCodec {
    @Override
    public int compression() {
        return 1;
    }

    @Override
    public int latentChannels() {
        return 3;
    }

    @Override
    public NdArray encode(NdArray pictures) {
        checkPictures(pictures.shape());
        return pictures;
    }

    @Override
    public NdArray decode(NdArray latents, long... seeds) {
        checkLatents(latents.shape());
        return LatentCodec.clamped(latents.copy());
    }

    @Override
    public void close() {}
}
