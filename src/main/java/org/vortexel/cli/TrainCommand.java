package org.vortexel.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;
import org.vortexel.device.Device;
import org.vortexel.dit.DitConfig;
import org.vortexel.pipeline.Captions;
import org.vortexel.text.TextEncoder;
import org.vortexel.train.TrainConfig;
import org.vortexel.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `vortexel train CONFIG.json [--resume]`.
@Command(name = "train", description = "Train a model on an image folder.", mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "CONFIG.json", description = "everything the run depends on")
    private Path config = Path.of("train.json");

    @Option(names = "--resume", description = "go on from the run's last checkpoint")
    private boolean resume;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        TrainConfig settings = Json.read(config, TrainConfig.class);
        int tokens = ((DitConfig.Text) settings.network().condition()).tokens();
        try (Device opened = device.open();
                TextEncoder encoder = TextEncoder.load(opened);
                Progress progress = new Progress("training", settings.steps());
                Cancellation cancellation = new Cancellation()) {
            Trainer trainer = new Trainer(
                    settings,
                    opened,
                    captions -> Captions.encode(encoder, captions, tokens),
                    p -> {
                        if (p.imagesPerSecond() > 0) {
                            String speed = "loss %.4f, %.0f images/s".formatted(p.loss(), p.imagesPerSecond());
                            progress.at(p.step(), p.steps(), speed);
                        }
                    },
                    cancellation);
            Trainer.Result result = trainer.run(resume);
            CommandSpec own = spec;
            if (own != null) {
                own.commandLine().getOut().println(result.model());
            }
            return result.finished() ? 0 : Main.CANCELLED;
        }
    }
}
