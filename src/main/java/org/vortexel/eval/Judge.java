package org.vortexel.eval;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.vortexel.data.Attribute;
import org.vortexel.device.Device;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;
import org.vortexel.text.TextEncoder;
import org.vortexel.text.TextStates;

/// Says how well pictures fit words, and what can be told of them, by a trained [DualEncoder].
///
/// Used by one thread at a time; closing it does not close the device.
public final class Judge implements AutoCloseable {
    private final DualEncoderModel.Config config;
    private final Towers towers;
    private final TextEncoder encoder;

    /// A judge of the given parts, which takes over encoder and model.
    public Judge(DualEncoderModel model, MobileNetPackage.Pretrained pretrained, TextEncoder encoder, Device device) {
        if (encoder.width() != model.config().network().states()) {
            encoder.close();
            throw new IllegalArgumentException("the dual encoder reads token states of "
                    + model.config().network().states() + " numbers but the text encoder gives " + encoder.width());
        }
        this.config = model.config();
        this.towers = new Towers(model, pretrained, device);
        this.encoder = encoder;
    }

    /// Reads the dual encoder in `folder`, and the networks that it looks and reads through.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when there is none, or it is damaged
    public static Judge open(Path folder, MobileNetPackage.Pretrained pretrained, Device device) {
        return new Judge(DualEncoderModel.load(folder), pretrained, TextEncoder.load(device), device);
    }

    /// The attributes that can be told, with their values.
    public Map<Attribute, List<String>> attributes() {
        return config.attributes();
    }

    /// Looks at square pictures of any size, at least one.
    public Towers.Looked look(List<Image> pictures) {
        int size = config.network().size();
        NdArray batch = NdArray.zeros(Shape.of(pictures.size(), 3, size, size));
        for (int i = 0; i < pictures.size(); i++) {
            pictures.get(i).resized(size, size).toFloats(batch.data(), i * 3 * size * size);
        }
        return towers.look(batch);
    }

    /// Reads captions, in the form of [org.vortexel.data.CaptionFormat]: (N, E), each of length 1.
    public NdArray read(List<String> captions) {
        int tokens = config.network().tokens();
        TextStates states = encoder.encode(captions, tokens);
        NdArray present = NdArray.zeros(Shape.of(captions.size(), tokens));
        for (int i = 0; i < captions.size(); i++) {
            Arrays.fill(present.data(), i * tokens, i * tokens + states.lengths()[i], 1);
        }
        return towers.read(states.states(), present);
    }

    /// How well picture `i` fits caption `j`: the cosine of their directions.
    public static double alignment(NdArray pictures, int i, NdArray captions, int j) {
        int width = pictures.shape().dim(1);
        double sum = 0;
        for (int k = 0; k < width; k++) {
            sum += (double) pictures.data()[i * width + k] * captions.data()[j * width + k];
        }
        return sum;
    }

    @Override
    public void close() {
        towers.close();
        encoder.close();
    }
}
