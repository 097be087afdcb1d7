package org.vortexel.cli;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.GptConfig;
import org.vortexel.checkpoint.Json;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.Pixels;
import org.vortexel.device.Device;
import org.vortexel.dit.DitConfig;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.pipeline.Captions;
import org.vortexel.pipeline.Codecs;
import org.vortexel.text.TextEncoder;
import org.vortexel.train.ArSubject;
import org.vortexel.train.ArTask;
import org.vortexel.train.CaptionEncoder;
import org.vortexel.train.DitSubject;
import org.vortexel.train.DitTask;
import org.vortexel.train.DualEncoderSubject;
import org.vortexel.train.DualEncoderTask;
import org.vortexel.train.KlSubject;
import org.vortexel.train.KlTask;
import org.vortexel.train.RefinerSubject;
import org.vortexel.train.RefinerTask;
import org.vortexel.train.SsddSubject;
import org.vortexel.train.SsddTask;
import org.vortexel.train.Task;
import org.vortexel.train.TrainConfig;
import org.vortexel.train.Trainer;
import org.vortexel.train.VqSubject;
import org.vortexel.train.VqTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `vortexel train CONFIG.json [--resume]`.
@Command(name = "train", description = "Train a model on an image folder.", mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Parameters(paramLabel = "CONFIG.json", description = "everything the run depends on")
    private Path config = Path.of("train.json");

    @Option(names = "--resume", description = "go on from the run's last checkpoint")
    private boolean resume;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        TrainConfig settings = Json.read(config, TrainConfig.class);
        try (Device opened = device.open();
                Progress progress = new Progress("training", settings.steps());
                Cancellation cancellation = new Cancellation()) {
            Trainer trainer = new Trainer(
                    settings,
                    opened,
                    task(settings, opened),
                    p -> {
                        if (p.imagesPerSecond() > 0) {
                            String speed = "loss %.4f, %.0f images/s".formatted(p.loss(), p.imagesPerSecond());
                            progress.at(p.step(), p.steps(), speed);
                        }
                    },
                    cancellation);
            Trainer.Result result = trainer.run(resume);
            console.say(result.model());
            return result.finished() ? 0 : Main.CANCELLED;
        }
    }

    private static Task task(TrainConfig settings, Device device) {
        return switch (settings.subject()) {
            case DitSubject subject -> {
                int tokens = ((DitConfig.Text) subject.network().condition()).tokens();
                String folder = subject.codec();
                LatentCodec codec =
                        folder == null ? new Pixels() : Codecs.open(Path.of(folder), device, OptionalInt.empty());
                try (TextEncoder encoder = TextEncoder.load(device)) {
                    yield new DitTask(
                            settings, subject, device, codec, captions -> Captions.encode(encoder, captions, tokens));
                }
            }
            case SsddSubject subject ->
                new SsddTask(settings, subject, device, MobileNetPackage.network(MobileNetPackage.fetch()));
            case KlSubject subject ->
                new KlTask(settings, subject, device, MobileNetPackage.network(MobileNetPackage.fetch()));
            case ArSubject subject ->
                withCaptions(
                        subject.network().prefix(), device, encoder -> new ArTask(settings, subject, device, encoder));
            case RefinerSubject subject ->
                withCaptions(
                        ArModel.load(Path.of(subject.model()))
                                .config()
                                .network()
                                .prefix(),
                        device,
                        encoder -> new RefinerTask(settings, subject, device, encoder));
            case DualEncoderSubject subject -> {
                try (TextEncoder encoder = TextEncoder.load(device)) {
                    yield new DualEncoderTask(
                            settings,
                            subject,
                            device,
                            captions -> Captions.encode(
                                    encoder, captions, subject.network().tokens()),
                            MobileNetPackage.network(MobileNetPackage.fetch()));
                }
            }
            case VqSubject subject ->
                new VqTask(settings, subject, device, MobileNetPackage.network(MobileNetPackage.fetch()));
        };
    }

    /// A task that encodes captions while it is made, if its network is asked with captions.
    private static Task withCaptions(GptConfig.Prefix prefix, Device device, Function<CaptionEncoder, Task> task) {
        return switch (prefix) {
            case GptConfig.Classes _ -> task.apply(CaptionEncoder.NONE);
            case GptConfig.Captions captions -> {
                try (TextEncoder encoder = TextEncoder.load(device)) {
                    yield task.apply(all -> Captions.encode(encoder, all, captions.length()));
                }
            }
        };
    }
}
