package org.vortexel.codec.ssdd;

import java.nio.file.Files;
import java.nio.file.Path;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codec.CodecFolder;
import org.vortexel.codec.LatentScale;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;

/// An encoder and a decoder as they lie in a folder: `ssdd.json` (what they are) and `codec.safetensors` (what
/// they learnt), with the names of the released checkpoints, `encoder.…` and `decoder.…`.
///
/// @param config what they are
/// @param encoder pictures to latents
/// @param decoder latents to pictures
/// @param weights what they learnt
public record SsddModel(Config config, SsddEncoder encoder, SsddDecoder decoder, Weights weights) {
    static final String CONFIG = "ssdd.json";

    /// What a codec is, and how it likes to be used.
    ///
    /// @param name shown to users
    /// @param encoder the encoder's sizes
    /// @param decoder the decoder's sizes
    /// @param scale of the latents
    /// @param steps of decoding when the user does not say: 1 for a distilled decoder
    public record Config(String name, SsddEncoder.Config encoder, SsddConfig decoder, LatentScale scale, int steps) {
        /// Checks that the two belong together.
        ///
        /// @throws IllegalArgumentException when they do not
        public Config {
            check(encoder, decoder);
            SsddSampler.times(steps);
        }

        /// Checks that an encoder makes the latents that a decoder wants.
        ///
        /// @throws IllegalArgumentException when it does not
        public static void check(SsddEncoder.Config encoder, SsddConfig decoder) {
            if (encoder.latentChannels() != decoder.latentChannels()
                    || encoder.compression() != decoder.compression()) {
                throw new IllegalArgumentException("the encoder makes latents of " + encoder.latentChannels()
                        + " channels, compression " + encoder.compression() + ", but the decoder wants "
                        + decoder.latentChannels() + " and " + decoder.compression());
            }
        }
    }

    /// A model of the given sizes and weights, which are named `encoder.…` and `decoder.…`.
    public static SsddModel of(Config config, Weights weights) {
        Params params = new Params();
        return new SsddModel(
                config,
                new SsddEncoder(config.encoder(), params.in("encoder")),
                new SsddDecoder(config.decoder(), params.in("decoder")),
                weights);
    }

    /// Names and shapes of all weights of a model of the given sizes.
    public static Params params(Config config) {
        Params params = new Params();
        new SsddEncoder(config.encoder(), params.in("encoder"));
        new SsddDecoder(config.decoder(), params.in("decoder"));
        return params;
    }

    /// Whether `folder` holds such a model.
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    /// Reads the model in `folder`.
    ///
    /// @throws WeightsException when a file is missing, damaged, or does not hold exactly the model's
    /// parameters
    public static SsddModel load(Path folder) {
        if (!isIn(folder)) {
            throw WeightsException.file(folder.toString(), "there is no codec here: it has no " + CONFIG);
        }
        return load(Json.read(folder.resolve(CONFIG), Config.class), folder.resolve(CodecFolder.WEIGHTS));
    }

    /// Reads weights of known sizes, such as a released checkpoint.
    ///
    /// @throws WeightsException when the file is missing, damaged, or does not hold exactly the model's
    /// parameters
    public static SsddModel load(Config config, Path file) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            return of(config, tensors.exactly(params(config).shapes()));
        }
    }

    /// Writes the model to `folder`, which is made when it is not there.
    ///
    /// @param stored F32, or F16 for half the size
    public void save(Path folder, StorageType stored) {
        CodecFolder.write(folder, params(config), weights, stored, config.name());
        Json.write(folder.resolve(CONFIG), config);
    }
}
