package org.vortexel.codec.vq;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.CodecFolder;
import org.vortexel.program.Weights;

/// A tokenizer as it lies in a folder: `vq.json` (what it is) and `codec.safetensors` (what it
/// learnt), with the names of the public checkpoints, so that one of those is read as it is.
///
/// @param config what it is
/// @param network encoder, codes and decoder
/// @param weights what it learnt
public record VqModel(Config config, VqTokenizer network, Weights weights) {
    static final String CONFIG = "vq.json";

    /// What a tokenizer is.
    ///
    /// @param name shown to users
    /// @param network its sizes
    public record Config(String name, VqConfig network) {}

    /// A tokenizer of the given sizes and weights.
    public static VqModel of(Config config, Weights weights) {
        return new VqModel(config, new VqTokenizer(config.network()), weights);
    }

    /// Whether `folder` holds a tokenizer.
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    /// Reads the tokenizer in `folder`.
    ///
    /// @throws WeightsException when a file is missing, damaged, or does not hold exactly the
    /// tokenizer's parameters
    public static VqModel load(Path folder) {
        Config config = Json.read(folder.resolve(CONFIG), Config.class);
        VqTokenizer network = new VqTokenizer(config.network());
        try (SafeTensors tensors = SafeTensors.open(folder.resolve(CodecFolder.WEIGHTS))) {
            return new VqModel(config, network, network.weights(tensors));
        }
    }

    /// SHA-256 of what it learnt, number by number, so that it does not depend on how files store
    /// them.
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String name : network.params().shapes().keySet()) {
                float[] numbers = weights.get(name).data();
                ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES);
                bytes.asFloatBuffer().put(numbers);
                digest.update(name.getBytes(StandardCharsets.UTF_8));
                digest.update(bytes.array());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// Writes the tokenizer to `folder`, which is made when it is not there.
    ///
    /// @param stored F32, or F16 for half the size
    public void save(Path folder, StorageType stored) {
        CodecFolder.write(folder, network.params(), weights, stored, config.name());
        Json.write(folder.resolve(CONFIG), config);
    }
}
