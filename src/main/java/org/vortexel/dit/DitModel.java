package org.vortexel.dit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.Reason;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.Sha256;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.diffusion.Prediction;
import org.vortexel.program.Weights;

/// A trained model as it lies in a folder: `model.json` (what it is) and `model.safetensors` (what it learnt). A
/// model that draws latents has the codec that makes pictures of them in a folder `codec` beside these.
///
/// @param config what it is
/// @param dit the network
/// @param weights what it learnt
public record DitModel(Config config, Dit dit, Weights weights) {
    static final String CONFIG = "model.json";
    static final String WEIGHTS = "model.safetensors";

    /// What a model is, and how it likes to be sampled.
    ///
    /// @param name shown to users and written into pictures
    /// @param network the sizes
    /// @param prediction what the network predicts, along a rectified flow with times 0 … 1000
    /// @param styles the styles it was taught, as they appear in captions; the first is the default
    /// @param sampling what is used when the user does not say
    /// @param skinTones whether it was taught pictures that name a skin tone; files that do not say mean no
    public record Config(
            String name,
            DitConfig network,
            Prediction prediction,
            List<String> styles,
            Sampling sampling,
            @Nullable Boolean skinTones) {
        public Config {
            styles = List.copyOf(styles);
            skinTones = Boolean.TRUE.equals(skinTones);
        }

        /// A model that was taught no skin tones.
        public Config(String name, DitConfig network, Prediction prediction, List<String> styles, Sampling sampling) {
            this(name, network, prediction, styles, sampling, false);
        }

        /// Whether the model was taught pictures that name a skin tone.
        public boolean knowsSkinTones() {
            return Boolean.TRUE.equals(skinTones);
        }
    }

    /// How pictures are sampled by default.
    ///
    /// @param sampler `euler`, `heun`, …
    /// @param steps how many
    /// @param guidance the scale of classifier-free guidance
    public record Sampling(String sampler, int steps, double guidance) {}

    /// A model whose weights are still to be learnt or are held elsewhere.
    public static DitModel of(Config config, Weights weights) {
        return new DitModel(config, new Dit(config.network()), weights);
    }

    /// Reads the model in `folder`.
    ///
    /// @throws WeightsException when a file is missing, damaged, or does not hold exactly the model's parameters
    public static DitModel load(Path folder) {
        Path file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw WeightsException.file(folder.toString(), "there is no model here: it has no " + CONFIG);
        }
        Config config = Json.read(file, Config.class);
        Dit dit = new Dit(config.network());
        try (SafeTensors tensors = SafeTensors.open(folder.resolve(WEIGHTS))) {
            return new DitModel(config, dit, tensors.exactly(dit.params().shapes()));
        }
    }

    /// Where the codec of the model in `folder` is, if it draws latents.
    public static Path codec(Path folder) {
        return folder.resolve("codec");
    }

    /// SHA-256 of the weights in `folder`, 64 hexadecimal digits: which bits a picture was made
    /// from. The weights of its codec count.
    public static String fingerprint(Path folder) {
        List<Path> files = new ArrayList<>(List.of(folder.resolve(WEIGHTS)));
        Path codec = codec(folder);
        if (Files.isDirectory(codec)) {
            try (Stream<Path> inside = Files.list(codec)) {
                inside.filter(file -> file.toString().endsWith(".safetensors"))
                        .sorted()
                        .forEach(files::add);
            } catch (IOException e) {
                throw WeightsException.file(codec.toString(), "the folder cannot be read: " + Reason.of(e), e);
            }
        }
        return Sha256.of(files);
    }

    /// Writes the model to `folder`, which is made when it is not there.
    ///
    /// @param stored F32, or F16 for half the size
    public void save(Path folder, StorageType stored) {
        Map<String, String> name = Map.of("model", config.name());
        SafeTensorsWriter.write(folder.resolve(WEIGHTS), dit.params(), weights, stored, name);
        Json.write(folder.resolve(CONFIG), config);
    }
}
