package org.vortexel.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.vortexel.ar.ArModel;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.TensorInfo;
import org.vortexel.dit.DitModel;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `vortexel inspect FILE`: what is in a weight file, a picture or a model's folder.
@Command(
        name = "inspect",
        description = "Show what is in a .safetensors file, a picture or a model's folder.",
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Parameters(paramLabel = "FILE", description = "a .safetensors file, a .png file, or a model's folder")
    private Path file = Path.of(".");

    @Override
    public Integer call() {
        PrintWriter out = console.out();
        if (Files.isDirectory(file) && ArModel.isIn(file)) {
            ArModel model = ArModel.load(file);
            out.print(Json.text(model.config()));
            out.println(model.weights().count() + " parameters, " + model.clusters() + ", SHA-256 "
                    + ArModel.fingerprint(file));
        } else if (Files.isDirectory(file)) {
            DitModel model = DitModel.load(file);
            out.print(Json.text(model.config()));
            out.println(model.weights().count() + " parameters, SHA-256 " + DitModel.fingerprint(file));
        } else if (file.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
            Image image = ImageFile.read(file);
            out.println(image.width() + " x " + image.height() + " pixels");
            out.println(ImageFile.recipe(file).orElse("no recipe"));
        } else {
            tensors(out);
        }
        return 0;
    }

    private void tensors(PrintWriter out) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            tensors.metadata().forEach((name, value) -> out.println("# " + name + ": " + value.strip()));
            long numbers = 0;
            for (String name : tensors.names()) {
                TensorInfo info = tensors.info(name);
                numbers += info.shape().size();
                out.println("%-60s %-5s %s".formatted(name, info.dtype(), info.shape()));
            }
            out.println(tensors.names().size() + " tensors, " + numbers + " numbers");
        }
    }
}
