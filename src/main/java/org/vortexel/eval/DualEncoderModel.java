package org.vortexel.eval;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.Sha256;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.data.Attribute;
import org.vortexel.program.Weights;

/// A dual encoder as it lies in a folder: `encoder.json` (what it is) and `encoder.safetensors` (what
/// it learnt).
///
/// @param config what it is
/// @param network both towers
/// @param weights what it learnt
public record DualEncoderModel(Config config, DualEncoder network, Weights weights) {
    /// The file that marks a folder of such a model.
    public static final String CONFIG = "encoder.json";

    private static final String WEIGHTS = "encoder.safetensors";
    private static final int MOST_VALUES = 10_000;

    /// What a dual encoder is.
    ///
    /// @param name shown to users
    /// @param network the sizes
    /// @param attributes the values of each attribute that it tells, in the order of its answers
    public record Config(String name, DualEncoder.Config network, Map<Attribute, List<String>> attributes) {
        public Config {
            Map<Attribute, List<String>> copy = new EnumMap<>(Attribute.class);
            attributes.forEach((attribute, values) -> {
                if (values.isEmpty() || values.size() > MOST_VALUES) {
                    throw new IllegalArgumentException("an attribute has from 1 to " + MOST_VALUES + " values but "
                            + attribute + " has " + values.size());
                }
                copy.put(attribute, List.copyOf(values));
            });
            attributes = copy;
        }
    }

    /// A model of the given sizes and weights.
    public static DualEncoderModel of(Config config, Weights weights) {
        return new DualEncoderModel(config, new DualEncoder(config.network(), config.attributes()), weights);
    }

    /// Reads the model in `folder`.
    ///
    /// @throws WeightsException when a file is missing, damaged, or does not hold exactly the model's
    /// parameters
    public static DualEncoderModel load(Path folder) {
        if (!Files.isRegularFile(folder.resolve(CONFIG))) {
            throw WeightsException.file(folder.toString(), "there is no dual encoder here: it has no " + CONFIG);
        }
        Config config = Json.read(folder.resolve(CONFIG), Config.class);
        DualEncoder network = new DualEncoder(config.network(), config.attributes());
        try (SafeTensors tensors = SafeTensors.open(folder.resolve(WEIGHTS))) {
            return new DualEncoderModel(
                    config, network, tensors.exactly(network.params().shapes()));
        }
    }

    /// Writes the model to `folder`, which is made when it is not there.
    ///
    /// @param stored F32, or F16 for half the size
    public void save(Path folder, StorageType stored) {
        SafeTensorsWriter.write(
                folder.resolve(WEIGHTS), network.params(), weights, stored, Map.of("model", config.name()));
        Json.write(folder.resolve(CONFIG), config);
    }

    /// SHA-256 of the weights in `folder`.
    public static String fingerprint(Path folder) {
        return Sha256.of(List.of(folder.resolve(WEIGHTS)));
    }
}
