package org.vortexel.eval;

import java.nio.file.Path;
import java.util.List;
import org.vortexel.checkpoint.WeightSource;
import org.vortexel.data.Archive;
import org.vortexel.data.NpmPackage;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;

/// Where the weights of [MobileNetV2] come from: the npm package `nsfwjs` 4.4.0 (MIT, Copyright (c) Infinite Red,
/// Inc.), whose network is a MobileNetV2 that was trained on ImageNet and tuned for another task. The layers as far
/// as block 9 are marked there as not trainable, so they presumably are ImageNet's.
///
/// Nothing of the package is part of this project; the npm client fetches it once into the user's cache, 25 MB.
public final class MobileNetPackage {
    /// The package, known by the hash of its archive.
    public static final NpmPackage NSFWJS = new NpmPackage(
            "nsfwjs",
            "4.4.0",
            "sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==");

    private static final String FOLDER = "package/dist/models/mobilenet_v2/";

    private MobileNetPackage() {}

    /// The archive in the user's cache, fetched by `npm` if it is not there.
    ///
    /// @throws IllegalArgumentException if npm is missing, cannot fetch, or brings other bytes than expected
    public static Path fetch() {
        return NSFWJS.fetch(NpmPackage.userCache(), List.of("npm"));
    }

    /// The network and what it learnt.
    ///
    /// @param network as far as block 9
    /// @param weights under the network's names, batch norms folded
    public record Pretrained(MobileNetV2 network, Weights weights) {}

    /// The network with its weights.
    ///
    /// @param archive the package
    /// @throws IllegalArgumentException when the archive does not have the two scripts
    /// @throws org.vortexel.checkpoint.WeightsException when they do not hold the network
    public static Pretrained network(Path archive) {
        Params params = new Params();
        MobileNetV2 network = MobileNetV2.of(params);
        return new Pretrained(network, FoldedNorms.of(weights(archive), params));
    }

    /// The weights under the names of the Keras layers, such as `block_9_project/kernel`.
    ///
    /// @param archive the package
    /// @throws IllegalArgumentException when the archive does not have the two scripts
    /// @throws org.vortexel.checkpoint.WeightsException when they do not hold weights
    public static WeightSource weights(Path archive) {
        List<byte[]> scripts = Archive.read(archive, FOLDER + "model.min.js", FOLDER + "group1-shard1of1.min.js");
        return TfjsModel.read(archive.toString(), scripts.get(0), scripts.get(1));
    }
}
