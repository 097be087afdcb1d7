package org.vortexel.ar.masc;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codebook.Partition;
import org.vortexel.program.Weights;

/// A refinement network as it lies in a folder: `refiner.json` (its sizes) and
/// `refiner.safetensors` (what it learnt).
///
/// @param config its sizes
/// @param network the layer
/// @param weights what it learnt
public record RefinerModel(Refiner.Config config, Refiner network, Weights weights) {
    private static final String CONFIG = "refiner.json";
    private static final String WEIGHTS = "refiner.safetensors";

    /// Whether `folder` holds a refinement network.
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    /// Reads the network in `folder`.
    ///
    /// @param clusters of the model it refines
    /// @throws WeightsException when a file is missing, damaged, or of other clusters
    public static RefinerModel load(Path folder, Partition clusters) {
        Refiner.Config config = Json.read(folder.resolve(CONFIG), Refiner.Config.class);
        Refiner network = new Refiner(config, clusters);
        try (SafeTensors tensors = SafeTensors.open(folder.resolve(WEIGHTS))) {
            return new RefinerModel(
                    config, network, tensors.exactly(network.params().shapes()));
        }
    }

    /// Writes the network to `folder`, which is made when it is not there.
    ///
    /// @param stored F32, or F16 for half the size
    public void save(Path folder, StorageType stored) {
        SafeTensorsWriter.write(folder.resolve(WEIGHTS), network.params(), weights, stored, Map.of());
        Json.write(folder.resolve(CONFIG), config);
    }
}
