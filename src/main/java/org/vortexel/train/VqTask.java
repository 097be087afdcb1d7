package org.vortexel.train;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.vq.VectorQuantizer;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.codec.vq.VqTokenizer;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Trains a [VqTokenizer].
///
/// `loss = distance * mean |y - x| + perceptual * (perceptual distance of y and x) + codebook +
/// commitment + entropy`
public final class VqTask implements Task {
    private final TrainConfig config;
    private final VqSubject subject;
    private final Device device;
    private final FeatureLoss features;
    private final Weights frozen;
    private final Pictures pictures;
    private final VqTokenizer network;

    /// Reads the pictures.
    ///
    /// @param device draws the samples
    /// @throws IllegalArgumentException when no picture is selected
    public VqTask(TrainConfig config, VqSubject subject, Device device, MobileNetPackage.Pretrained pretrained) {
        this.config = config;
        this.subject = subject;
        this.device = device;
        this.features = new FeatureLoss(pretrained);
        this.frozen = subject.weights().perceptual() > 0
                ? new Weights(pretrained.weights().asMap())
                : new Weights();
        this.pictures = new Pictures(config, subject.data(), subject.size());
        this.network = new VqTokenizer(subject.network());
    }

    @Override
    public Params params() {
        return network.params();
    }

    @Override
    public Weights initial() {
        return network.params().initial(config.seed());
    }

    @Override
    public Weights frozen() {
        return frozen;
    }

    @Override
    public Objective record(Recorder r) {
        Tensor x = r.input("x", Shape.of(config.batch(), 3, subject.size(), subject.size()));
        VectorQuantizer.Quantized quantized = network.encode(x);
        Tensor y = network.decode(quantized.latent());
        VqSubject.Terms w = subject.weights();
        Map<String, Tensor> parts = new LinkedHashMap<>();
        Tensor distance = y.sub(x).abs().mean(false);
        parts.put("distance", distance);
        Tensor loss = distance.mul((float) w.distance()).add(quantized.losses().total());
        if (w.perceptual() > 0) {
            Tensor perceptual = features.perceptual(features.maps(x), features.maps(y));
            parts.put("perceptual", perceptual);
            loss = loss.add(perceptual.mul((float) w.perceptual()));
        }
        parts.put("codebook", quantized.losses().codebook());
        if (subject.network().entropy() != 0) {
            parts.put("entropy", quantized.losses().entropy());
        }
        return new Objective(loss, parts);
    }

    @Override
    public void feed(int step, Player player) {
        player.set("x", pictures.batch(step));
    }

    private VqModel model(Weights weights) {
        Path name = Path.of(config.out()).getFileName();
        return VqModel.of(new VqModel.Config(name == null ? "vq" : name.toString(), subject.network()), weights);
    }

    @Override
    public void release(Weights weights, Path folder) {
        model(weights).save(folder, StorageType.F16);
    }

    /// The share of codes that some pictures use.
    @Override
    public Map<String, Double> measure(Weights weights) {
        try (VqCodec codec = new VqCodec(model(weights), device)) {
            BitSet used = new BitSet();
            for (NdArray batch : pictures.some()) {
                IntStream.of(codec.ids(batch)).forEach(used::set);
            }
            return Map.of(
                    "codesUsed", (double) used.cardinality() / subject.network().codes());
        }
    }

    @Override
    public void draw(Weights weights, Path file) {
        try (VqCodec codec = new VqCodec(model(weights), device)) {
            NdArray x = pictures.samples();
            new Pictures.Sheet()
                    .add("picture", x)
                    .add("decoded", codec.decode(codec.encode(x), config.seed()))
                    .write(file);
        }
    }
}
