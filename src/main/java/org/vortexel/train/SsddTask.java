package org.vortexel.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.Gaussian;
import org.vortexel.codec.LatentScale;
import org.vortexel.codec.ssdd.SsddCodec;
import org.vortexel.codec.ssdd.SsddFlow;
import org.vortexel.codec.ssdd.SsddModel;
import org.vortexel.codec.ssdd.SsddSampler;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.MobileNetV2;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Trains an SSDD codec: its flow, or the distillation of a teacher into one step.
///
/// | term       | flow                                        | distillation                                         |
/// |------------|---------------------------------------------|------------------------------------------------------|
/// | flow       | `(v - (x - eps))²` at a logit-normal time   | `(v - (teacher's picture - eps))²` at time 1         |
/// | tint       | of the same, what is not grey                | the same                                             |
/// | perceptual | of `x_t + t v` to `x`                       | of `eps + v` to the teacher's picture                |
/// | alignment  | tokens of a middle block to `x`'s features  | the same                                             |
/// | divergence | of the latents, if the encoder is trained   | none                                                 |
///
/// While the flow is learnt latents are drawn from what the encoder says; for distillation they are its means.
///
/// Source: Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961), section 3.
///
/// *Departs from the paper:* the frozen networks behind the perceptual distance (VGG) and the alignment
/// (DINOv2) are MobileNetV2 here, the optimiser is AdamW, and a fresh encoder begins with little noise.
public final class SsddTask implements Task {
    // Streams of the seed; the step is added.
    private static final long NOISE = 1L << 32;
    private static final long TIME = 2L << 32;
    private static final long LATENT = 3L << 32;

    /// Latents begin with a deviation of 0.14. With 1, as an encoder of zeros gives, what an encoder
    /// begins to say
    /// drowns,
    /// the decoder learns not to listen, and a run of few steps never sees colours.
    private static final float FIRST_LOG_VARIANCE = -4;

    private static final int LAST_ALIGNED_BLOCK = 4;
    private static final int FEATURES = 64;
    private static final int STEPS = 8;

    private final TrainConfig config;
    private final SsddSubject subject;
    private final Device device;
    private final FeatureLoss features;
    private final Weights frozen;
    private final Pictures pictures;
    private final SsddModel sketch;
    private final Params learnt;
    private final Linear align1;
    private final Linear align2;
    private final Weights begun;
    private final @Nullable Teacher teacher;

    /// A codec that decodes in several steps, for batches of one shape.
    private record Teacher(Player encoder, SsddSampler sampler, int steps) {
        NdArray latents(NdArray pictures) {
            encoder.set("x", pictures).run();
            return encoder.get("z");
        }
    }

    /// Reads the pictures and what the run starts from.
    ///
    /// @param device draws the samples, and plays the teacher
    /// @throws IllegalArgumentException when no picture is selected, or the codec to start from does not fit
    public SsddTask(TrainConfig config, SsddSubject subject, Device device, MobileNetPackage.Pretrained pretrained) {
        this.config = config;
        this.subject = subject;
        this.device = device;
        this.features = new FeatureLoss(pretrained);
        this.pictures = new Pictures(config, subject.data(), subject.size());
        SsddModel.Config sizes = sizes(LatentScale.NONE);
        this.sketch = SsddModel.of(sizes, new Weights());
        Params all = SsddModel.params(sizes);
        int width = subject.decoder().channels().getLast();
        Params align = all.in("align");
        this.align1 = Linear.of(align.in("0"), width, width, Init.xavier());
        this.align2 = Linear.of(align.in("1"), width, FEATURES, Init.xavier());
        this.learnt = all.trainedOnly(name -> !(subject.frozenEncoder() && name.startsWith("encoder.")));
        this.begun = begin(all);
        this.frozen = new Weights(pretrained.weights().asMap());
        this.teacher = subject.teacherSteps() == 0 ? null : teacher();
    }

    private SsddModel.Config sizes(LatentScale scale) {
        Path name = Path.of(config.out()).getFileName();
        return new SsddModel.Config(
                name == null ? "ssdd" : name.toString(),
                subject.encoder(),
                subject.decoder(),
                scale,
                subject.teacherSteps() == 0 ? STEPS : 1);
    }

    private Weights begin(Params all) {
        Weights weights = all.initial(config.seed());
        String start = subject.start();
        if (start == null) {
            float[] bias = weights.get("encoder.out_proj.bias").data(); // means, then logarithms of variances
            Arrays.fill(bias, bias.length / 2, bias.length, FIRST_LOG_VARIANCE);
            return weights;
        }
        SsddModel from = SsddModel.load(Path.of(start));
        boolean sameEncoder = from.config().encoder().equals(subject.encoder());
        boolean sameDecoder = from.config().decoder().equals(subject.decoder());
        if (!sameEncoder || (subject.teacherSteps() > 0 && !sameDecoder)) {
            throw new IllegalArgumentException("the run cannot start from " + start + ": the "
                    + (sameEncoder ? "decoder" : "encoder") + " there has other sizes");
        }
        from.weights().asMap().forEach((name, array) -> {
            if (name.startsWith("encoder.") || sameDecoder) {
                weights.put(name, array);
            }
        });
        return weights;
    }

    private Teacher teacher() {
        Recorder recorder = new Recorder();
        Tensor x = recorder.input("x", shape(config.batch()));
        recorder.output("z", sketch.encoder().forward(x).mean());
        Weights still = begun.copy();
        return new Teacher(
                device.load(recorder.program(), still),
                new SsddSampler(device, sketch.decoder(), still, shape(config.batch())),
                subject.teacherSteps());
    }

    private Shape shape(int n) {
        return Shape.of(n, 3, subject.size(), subject.size());
    }

    @Override
    public Params params() {
        return learnt;
    }

    @Override
    public Weights initial() {
        return begun;
    }

    @Override
    public Weights frozen() {
        return frozen;
    }

    @Override
    public Objective record(Recorder r) {
        int n = config.batch();
        int f = subject.decoder().compression();
        int c = subject.decoder().latentChannels();
        Shape latent = Shape.of(n, c, subject.size() / f, subject.size() / f);
        Tensor x = r.input("x", shape(n));
        Tensor noise = r.input("noise", shape(n));
        String aligned = "mid_block.transformer_blocks."
                + Math.min(LAST_ALIGNED_BLOCK, subject.decoder().layers() / 2);
        List<Tensor> tokens = new ArrayList<>();
        Probe probe = (name, tensor) -> {
            if (name.equals(aligned)) {
                tokens.add(tensor);
            }
        };
        Map<String, Tensor> parts = new LinkedHashMap<>();
        Tensor goal = x;
        Tensor z;
        if (teacher == null) {
            Gaussian gaussian = sketch.encoder().forward(x);
            z = gaussian.sample(r.input("latent", latent));
            if (!subject.frozenEncoder()) {
                parts.put("divergence", gaussian.divergence().mean(false));
            }
        } else {
            z = r.input("z", latent);
            goal = r.input("goal", shape(n));
        }
        SsddFlow.Step step = SsddFlow.record(sketch.decoder(), goal, noise, r.input("t", Shape.of(n)), z, probe);
        parts.put("flow", step.loss());
        if (subject.weights().tint() > 0) {
            parts.put("tint", step.tint());
        }
        if (subject.weights().perceptual() > 0) {
            parts.put("perceptual", features.perceptual(features.maps(goal), features.maps(step.estimate())));
        }
        if (subject.weights().alignment() > 0) {
            MobileNetV2.Maps seen = features.maps(x);
            Tensor projected = align2.forward(align1.forward(tokens.getFirst()).silu()); // (N, T, 64)
            parts.put("alignment", features.alignment(projected, seen));
        }
        return new Objective(weighed(parts), parts);
    }

    private Tensor weighed(Map<String, Tensor> parts) {
        SsddSubject.Terms w = subject.weights();
        return parts.entrySet().stream()
                .map(part -> part.getValue().mul((float)
                        switch (part.getKey()) {
                            case "flow" -> w.flow();
                            case "perceptual" -> w.perceptual();
                            case "alignment" -> w.alignment();
                            case "tint" -> w.tint();
                            default -> w.divergence();
                        }))
                .reduce(Tensor::add)
                .orElseThrow();
    }

    @Override
    public void feed(int step, Player player) {
        int n = config.batch();
        NdArray x = pictures.batch(step);
        NdArray noise = new Philox(config.seed(), NOISE + step).normal(x.shape());
        float[] t = new float[n];
        Philox times = new Philox(config.seed(), TIME + step);
        for (int i = 0; i < n; i++) {
            t[i] = teacher == null ? (float) subject.times().t(times, i) : 1;
        }
        if (teacher == null) {
            int side = subject.size() / subject.decoder().compression();
            Shape latent = Shape.of(n, subject.decoder().latentChannels(), side, side);
            player.set("latent", new Philox(config.seed(), LATENT + step).normal(latent));
            player.set("x", x);
        } else {
            NdArray z = teacher.latents(x);
            player.set("z", z).set("goal", teacher.sampler().decode(z, noise, teacher.steps()));
            if (subject.weights().alignment() > 0) {
                player.set("x", x);
            }
        }
        player.set("noise", noise).set("t", t);
    }

    @Override
    public void release(Weights weights, Path folder) {
        try (SsddCodec codec = new SsddCodec(SsddModel.of(sizes(LatentScale.NONE), weights), device)) {
            SsddModel.of(sizes(pictures.scale(codec)), weights).save(folder, StorageType.F16);
        }
    }

    @Override
    public void draw(Weights weights, Path file) {
        SsddModel model = SsddModel.of(sizes(LatentScale.NONE), weights);
        NdArray x = pictures.samples();
        Pictures.Sheet sheet = new Pictures.Sheet().add("picture", x);
        for (int steps : new int[] {1, STEPS}) {
            try (SsddCodec codec = new SsddCodec(model, device, steps)) {
                String name = steps == 1 ? "one step" : steps + " steps";
                sheet.add(name, codec.decodeFrom(codec.encode(x), config.seed()));
            }
        }
        sheet.write(file);
    }
}
