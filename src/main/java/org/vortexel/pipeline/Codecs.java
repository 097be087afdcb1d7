package org.vortexel.pipeline;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.kl.KlCodec;
import org.vortexel.codec.kl.KlModel;
import org.vortexel.codec.ssdd.SsddCodec;
import org.vortexel.codec.ssdd.SsddModel;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.device.Device;

/// Opens the codec in a folder, whatever its kind.
public final class Codecs {
    private Codecs() {}

    /// The codec in `folder`; the device stays open when it is closed.
    ///
    /// @param steps of decoding, for codecs that decode in steps; the codec's own if not given
    /// @throws WeightsException when there is no codec in the folder, or it is damaged
    /// @throws IllegalArgumentException when steps are given to a codec that has none
    public static LatentCodec open(Path folder, Device device, OptionalInt steps) {
        if (SsddModel.isIn(folder)) {
            SsddModel model = SsddModel.load(folder);
            return new SsddCodec(model, device, steps.orElse(model.config().steps()));
        }
        if (steps.isPresent() && (KlModel.isIn(folder) || VqModel.isIn(folder))) {
            throw new IllegalArgumentException("the codec in " + folder + " decodes in one pass and has no steps");
        }
        if (KlModel.isIn(folder)) {
            return new KlCodec(KlModel.load(folder), device);
        }
        if (VqModel.isIn(folder)) {
            return new VqCodec(VqModel.load(folder), device);
        }
        throw WeightsException.file(folder.toString(), "there is no codec here");
    }
}
