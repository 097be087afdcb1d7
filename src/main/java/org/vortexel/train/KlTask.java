package org.vortexel.train;

import java.nio.file.Path;
import java.util.Map;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.Gaussian;
import org.vortexel.codec.LatentScale;
import org.vortexel.codec.kl.AutoencoderKl;
import org.vortexel.codec.kl.KlCodec;
import org.vortexel.codec.kl.KlModel;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Trains an [AutoencoderKl].
///
/// `loss = distance * mean |y - x| + perceptual * (perceptual distance of y and x) + divergence * KL`,
/// `y` the decoded draw
public final class KlTask implements Task {
    /// Stream of the seed; the step is added.
    private static final long LATENT = 3L << 32;

    private final TrainConfig config;
    private final KlSubject subject;
    private final Device device;
    private final FeatureLoss features;
    private final Weights frozen;
    private final Pictures pictures;
    private final AutoencoderKl network;

    /// Reads the pictures.
    ///
    /// @param device draws the samples
    /// @throws IllegalArgumentException when no picture is selected
    public KlTask(TrainConfig config, KlSubject subject, Device device, MobileNetPackage.Pretrained pretrained) {
        this.config = config;
        this.subject = subject;
        this.device = device;
        this.features = new FeatureLoss(pretrained);
        this.frozen = new Weights(pretrained.weights().asMap());
        this.pictures = new Pictures(config, subject.data(), subject.size());
        this.network = new AutoencoderKl(subject.network());
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
        Gaussian gaussian = network.encode(x);
        Tensor y = network.decode(gaussian.sample(r.input("latent", latent())));
        KlSubject.Terms w = subject.weights();
        Tensor distance = y.sub(x).abs().mean(false);
        Tensor perceptual = features.perceptual(features.maps(x), features.maps(y));
        Tensor divergence = gaussian.divergence().mean(false);
        Tensor loss = distance.mul((float) w.distance())
                .add(perceptual.mul((float) w.perceptual()))
                .add(divergence.mul((float) w.divergence()));
        return new Objective(loss, Map.of("distance", distance, "perceptual", perceptual, "divergence", divergence));
    }

    private Shape latent() {
        int side = subject.size() / subject.network().compression();
        return Shape.of(config.batch(), subject.network().latentChannels(), side, side);
    }

    @Override
    public void feed(int step, Player player) {
        player.set("x", pictures.batch(step)).set("latent", new Philox(config.seed(), LATENT + step).normal(latent()));
    }

    private KlModel model(LatentScale scale, Weights weights) {
        Path name = Path.of(config.out()).getFileName();
        return KlModel.of(new KlModel.Config(name == null ? "kl" : name.toString(), subject.network(), scale), weights);
    }

    @Override
    public void release(Weights weights, Path folder) {
        try (KlCodec codec = new KlCodec(model(LatentScale.NONE, weights), device)) {
            model(pictures.scale(codec), weights).save(folder, StorageType.F16);
        }
    }

    @Override
    public void draw(Weights weights, Path file) {
        try (KlCodec codec = new KlCodec(model(LatentScale.NONE, weights), device)) {
            NdArray x = pictures.samples();
            new Pictures.Sheet()
                    .add("picture", x)
                    .add("decoded", codec.decodeFrom(codec.encode(x), config.seed()))
                    .write(file);
        }
    }
}
