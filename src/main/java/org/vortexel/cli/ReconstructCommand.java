package org.vortexel.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Reason;
import org.vortexel.codec.LatentCodec;
import org.vortexel.device.Device;
import org.vortexel.eval.Psnr;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Codecs;
import org.vortexel.pipeline.Reconstruct;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `vortexel reconstruct IMAGE|DIR`: pictures through a codec and back.
@Command(name = "reconstruct", description = "Send pictures through a codec and back.", mixinStandardHelpOptions = true)
final class ReconstructCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Parameters(paramLabel = "IMAGE|DIR", description = "a picture, or a folder of .png and .jpg pictures")
    private Path from = Path.of("");

    @Option(names = "--codec", required = true, description = "folder of a codec")
    private Path codec = Path.of("");

    @Option(names = "--steps", description = "steps of decoding (default: the codec's)")
    private @Nullable Integer steps;

    @Option(names = "--seed", description = "seed of the noise that decoding begins from (default: 0)")
    private long seed;

    @Option(names = "-o", description = "folder for the results (default: out)")
    private Path out = Path.of("out");

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        if (steps != null && steps < 1) {
            throw new IllegalArgumentException("--steps must be at least 1 but is " + steps);
        }
        if (out.toString().isEmpty() || (Files.exists(out) && !Files.isDirectory(out))) {
            throw new IllegalArgumentException("-o wants a folder but got '" + out + "'");
        }
        List<Path> files = files();
        try (Device opened = device.open();
                LatentCodec ready =
                        Codecs.open(codec, opened, steps == null ? OptionalInt.empty() : OptionalInt.of(steps))) {
            Reconstruct reconstruct = new Reconstruct(ready);
            for (Path file : files) {
                Image picture = ImageFile.read(file);
                Image back = reconstruct.of(picture, seed);
                Path to = out.resolve(file.getFileName().toString().replaceFirst("\\.[^.]*$", "") + ".png");
                write(to, back);
                console.say(String.format(Locale.ROOT, "%s  PSNR %.2f dB", to, Psnr.of(picture, back)));
            }
        }
        return 0;
    }

    private List<Path> files() {
        if (!Files.isDirectory(from)) {
            return List.of(from);
        }
        try (Stream<Path> all = Files.list(from)) {
            List<Path> pictures = all.filter(
                            file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(png|jpe?g)"))
                    .sorted()
                    .toList();
            if (pictures.isEmpty()) {
                throw new IllegalArgumentException("there is no .png or .jpg picture in " + from);
            }
            return pictures;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + from + ": " + Reason.of(e), e);
        }
    }

    private static void write(Path file, Image image) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder of " + file + ": " + Reason.of(e), e);
        }
        ImageFile.writePng(file, image);
    }
}
