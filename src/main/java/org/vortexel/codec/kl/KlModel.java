package org.vortexel.codec.kl;

import java.nio.file.Files;
import java.nio.file.Path;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.CodecFolder;
import org.vortexel.codec.LatentScale;
import org.vortexel.program.Weights;

/// An autoencoder as it lies in a folder: `kl.json` (what it is) and `codec.safetensors` (what it
/// learnt), with the names of diffusers.
///
/// @param config what it is
/// @param network encoder and decoder
/// @param weights what it learnt
public record KlModel(Config config, AutoencoderKl network, Weights weights) {
    static final String CONFIG = "kl.json";

    /// What an autoencoder is.
    ///
    /// @param name shown to users
    /// @param network its sizes
    /// @param scale of the latents
    public record Config(String name, KlConfig network, LatentScale scale) {}

    /// A model of the given sizes and weights.
    public static KlModel of(Config config, Weights weights) {
        return new KlModel(config, new AutoencoderKl(config.network()), weights);
    }

    /// Whether `folder` holds such a model.
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    /// Reads the model in `folder`.
    ///
    /// @throws WeightsException when a file is missing, damaged, or does not hold exactly the model's
    /// parameters
    public static KlModel load(Path folder) {
        Config config = Json.read(folder.resolve(CONFIG), Config.class);
        AutoencoderKl network = new AutoencoderKl(config.network());
        try (SafeTensors tensors = SafeTensors.open(folder.resolve(CodecFolder.WEIGHTS))) {
            return new KlModel(config, network, tensors.exactly(network.params().shapes()));
        }
    }

    /// Writes the model to `folder`, which is made when it is not there.
    ///
    /// @param stored F32, or F16 for half the size
    public void save(Path folder, StorageType stored) {
        CodecFolder.write(folder, network.params(), weights, stored, config.name());
        Json.write(folder.resolve(CONFIG), config);
    }
}
