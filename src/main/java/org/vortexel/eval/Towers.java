package org.vortexel.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.vortexel.data.Attribute;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.op.Similarity;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A [DualEncoder] on a device. Used by one thread at a time; closing it does not close the device.
///
/// Pictures and captions go through in batches of one size, the last one filled up, so that what is
/// found of a picture does not hang on how many others there are.
public final class Towers implements AutoCloseable {
    private static final int BATCH = 32;
    private static final float EPS = 1e-12f;

    private final DualEncoder network;
    private final Map<Attribute, List<String>> values;
    private final Player image;
    private final Player text;

    /// Puts a model on a device.
    ///
    /// @param pretrained what pictures are seen through
    public Towers(DualEncoderModel model, MobileNetPackage.Pretrained pretrained, Device device) {
        this.network = model.network();
        this.values = model.config().attributes();
        Weights weights = new Weights(model.weights().asMap());
        pretrained.weights().asMap().forEach(weights::put);
        DualEncoder.Config config = network.config();
        Recorder looking = new Recorder();
        DualEncoder.Looked looked =
                network.look(network.see(looking.input("pictures", Shape.of(BATCH, 3, config.size(), config.size()))));
        looking.output("direction", Similarity.l2Normalize(looked.direction(), EPS));
        looked.attributes().forEach((attribute, logits) -> looking.output(attribute.name(), logits));
        this.image = device.load(looking.program(), weights);
        Recorder reading = new Recorder();
        reading.output(
                "direction",
                Similarity.l2Normalize(
                        network.read(
                                reading.input("states", Shape.of(BATCH, config.tokens(), config.states())),
                                reading.input("present", Shape.of(BATCH, config.tokens()))),
                        EPS));
        this.text = device.load(reading.program(), weights);
    }

    /// What was seen of pictures.
    ///
    /// @param directions (N, E), each of length 1
    /// @param attributes the likeliest value of every attribute, one a picture
    public record Looked(NdArray directions, Map<Attribute, List<String>> attributes) {}

    /// Looks at pictures (N, 3, S, S) in [-1, 1], at least one.
    public Looked look(NdArray pictures) {
        int count = pictures.shape().dim(0);
        NdArray directions = NdArray.zeros(Shape.of(count, network.config().embedding()));
        Map<Attribute, List<String>> told = new EnumMap<>(Attribute.class);
        values.keySet().forEach(attribute -> told.put(attribute, new ArrayList<>()));
        for (int begin = 0; begin < count; begin += BATCH) {
            int rows = Math.min(BATCH, count - begin);
            image.set("pictures", rows(pictures, begin, rows)).run();
            copy(image.get("direction"), rows, directions, begin);
            for (Map.Entry<Attribute, List<String>> each : values.entrySet()) {
                float[] logits = image.get(each.getKey().name()).data();
                List<String> names = each.getValue();
                List<String> list = told.getOrDefault(each.getKey(), new ArrayList<>());
                for (int i = 0; i < rows; i++) {
                    list.add(names.get(largest(logits, i * names.size(), names.size())));
                }
            }
        }
        return new Looked(directions, told);
    }

    /// Reads captions.
    ///
    /// @param states (N, L, S) token states, at least one caption
    /// @param present (N, L), 1 for tokens and 0 for padding
    /// @return (N, E), each of length 1
    public NdArray read(NdArray states, NdArray present) {
        int count = states.shape().dim(0);
        NdArray directions = NdArray.zeros(Shape.of(count, network.config().embedding()));
        for (int begin = 0; begin < count; begin += BATCH) {
            int rows = Math.min(BATCH, count - begin);
            float[] mask = rows(present, begin, rows);
            for (int i = rows; i < BATCH; i++) {
                mask[i * network.config().tokens()] = 1; // the mean of no tokens is not a number
            }
            text.set("states", rows(states, begin, rows)).set("present", mask).run();
            copy(text.get("direction"), rows, directions, begin);
        }
        return directions;
    }

    /// Some rows, filled up with zeros to a batch.
    private static float[] rows(NdArray all, int begin, int rows) {
        int size = all.shape().size(1, all.shape().rank());
        return Arrays.copyOf(Arrays.copyOfRange(all.data(), begin * size, (begin + rows) * size), BATCH * size);
    }

    private static void copy(NdArray from, int rows, NdArray to, int begin) {
        int width = to.shape().dim(1);
        System.arraycopy(from.data(), 0, to.data(), begin * width, rows * width);
    }

    private static int largest(float[] logits, int from, int count) {
        int best = 0;
        for (int v = 1; v < count; v++) {
            best = logits[from + v] > logits[from + best] ? v : best;
        }
        return best;
    }

    @Override
    public void close() {
        image.close();
        text.close();
    }
}
