package org.vortexel.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.TokenFile;
import org.vortexel.device.Device;
import org.vortexel.train.TokenPictures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `vortexel prepare tokens --codec DIR --data DIR -o FILE`.
@Command(
        name = "tokens",
        description = "Compute the tokens of every picture of an image folder.",
        mixinStandardHelpOptions = true)
final class PrepareTokensCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Option(names = "--codec", required = true, description = "folder of the tokenizer")
    private Path codec = Path.of("");

    @Option(names = "--data", required = true, description = "image folder")
    private Path data = Path.of("");

    @Option(names = "--size", required = true, description = "side of the pictures in pixels")
    private int size;

    @Option(names = "-o", required = true, description = "the .safetensors file to write, or to check")
    private Path out = Path.of("");

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        VqModel model = tokenizer(codec);
        int f = model.config().network().compression();
        if (size < f || size % f != 0) {
            throw new IllegalArgumentException("--size is a multiple of " + f + " but is " + size);
        }
        boolean there = Files.exists(out);
        try (Device opened = device.open();
                VqCodec ready = new VqCodec(model, opened)) {
            TokenFile tokens = TokenPictures.file(out, data, ImageFolder.open(data), ready, size);
            console.say(String.format(
                    Locale.ROOT,
                    "%s%s: %d pictures of %d by %d tokens",
                    out,
                    there ? " is up to date" : "",
                    tokens.ids().length,
                    tokens.grid(),
                    tokens.grid()));
        }
        return 0;
    }

    /// The tokenizer in a folder.
    static VqModel tokenizer(Path folder) {
        if (!VqModel.isIn(folder)) {
            throw new IllegalArgumentException("there is no tokenizer in " + folder + ": it has no vq.json");
        }
        return VqModel.load(folder);
    }
}
