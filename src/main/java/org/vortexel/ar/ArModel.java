package org.vortexel.ar;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.Sha256;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.checkpoint.StoredTensor;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.codebook.Partition;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

/// A trained model as it lies in a folder.
///
/// | file                  | holds                                                                              |
/// |-----------------------|------------------------------------------------------------------------------------|
/// | `ar.json`             | what it is                                                                         |
/// | `model.safetensors`   | what it learnt, under the names of the public checkpoints                          |
/// | `clusters.safetensors`| the cluster of every code, and how often each occurred; may be missing |
/// | `tokenizer/`          | the tokenizer that its tokens are of                                               |
/// | `refiner/`            | the refinement network, where there is one                                         |
///
/// @param config what it is
/// @param gpt the transformer
/// @param weights what it learnt
/// @param clusters codes and tokens
/// @param counts how often every code occurred in training, (K); all 0 where that is not known
public record ArModel(Config config, Gpt gpt, Weights weights, Partition clusters, long[] counts) {
    /// The folder of the tokenizer, within the model's.
    public static final String TOKENIZER = "tokenizer";

    /// The folder of the refinement network, within the model's.
    public static final String REFINER = "refiner";

    private static final String CONFIG = "ar.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final String CLUSTERS = "clusters.safetensors";
    private static final String LABELS = "codebook.labels";
    private static final String COUNTS = "codebook.counts";

    /// What a model is, and how it likes to be sampled.
    ///
    /// @param name shown to users and written into pictures
    /// @param network the sizes
    /// @param classes names of the classes, in the order of their labels; empty for a model that is
    /// asked with words
    /// @param styles the styles it was taught, as they appear in captions; the first is the default
    /// @param skinTones whether it was taught pictures that name a skin tone
    /// @param sampling what is used when the user does not say
    public record Config(
            String name,
            GptConfig network,
            List<String> classes,
            List<String> styles,
            boolean skinTones,
            Sampling sampling) {
        public Config {
            classes = List.copyOf(classes);
            styles = List.copyOf(styles);
            boolean fits = switch (network.prefix()) {
                case GptConfig.Classes labels -> labels.count() == classes.size();
                case GptConfig.Captions _ -> classes.isEmpty();
            };
            if (!fits) {
                throw new IllegalArgumentException(
                        classes.size() + " names of classes do not go with the network's " + network.prefix());
            }
        }
    }

    /// How pictures are sampled by default.
    ///
    /// @param guidance the last scale of guidance, 1 for none
    /// @param power of the cosine along which guidance rises, 0 for one scale from the first token
    /// on
    /// @param temperature divides the logits
    /// @param topK how many of the likeliest tokens are kept, 0 for all
    /// @param topP those are kept that make up so much, 1 for all
    /// @param members how a code is chosen from a token's cluster
    public record Sampling(
            double guidance,
            double power,
            double temperature,
            int topK,
            double topP,
            @Nullable Members members) {
        /// The whole distribution, without guidance.
        public static final Sampling PLAIN = new Sampling(1, 0, 1, 0, 1, Members.UNIFORM);

        public Sampling {
            members = members == null ? Members.UNIFORM : members;
            var _ = new TokenSampling(temperature, topK, topP, false); // refuses what is out of range
            if (!(guidance >= 0 && guidance <= 100) || !(power >= 0)) {
                throw new IllegalArgumentException(
                        "guidance is from 0 to 100 and its power at least 0, not " + guidance + " and " + power);
            }
        }

        /// How tokens are drawn.
        public TokenSampling tokens() {
            return new TokenSampling(temperature, topK, topP, false);
        }

        /// How logits are guided.
        public TokenGuidance guide() {
            return power == 0 || guidance == 1
                    ? TokenGuidance.of(guidance)
                    : new TokenGuidance.PowerCosine(guidance, power);
        }

        /// The same with another scale of guidance.
        public Sampling withGuidance(double scale) {
            return new Sampling(scale, power, temperature, topK, topP, members);
        }
    }

    /// How a code is chosen from the cluster that a token names.
    public enum Members {
        /// Every member equally likely: the default of MASC.
        UNIFORM,
        /// As likely as in the training pictures.
        FREQUENT,
        /// The member in the middle.
        MEDOID,
        /// By the refinement network.
        REFINED
    }

    /// Checks that the parts go together.
    ///
    /// @throws IllegalArgumentException when they do not
    public ArModel {
        if (clusters.clusters() != config.network().vocabulary() || counts.length != clusters.codes()) {
            throw new IllegalArgumentException(
                    "a network of " + config.network().vocabulary() + " tokens and " + counts.length
                            + " counts do not go with a " + clusters);
        }
    }

    /// Whether `folder` holds a model.
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    /// Reads the model in `folder`.
    ///
    /// @throws WeightsException when a file is missing, damaged, or does not hold exactly the
    /// model's parameters
    public static ArModel load(Path folder) {
        Config config = Json.read(folder.resolve(CONFIG), Config.class);
        Gpt gpt = new Gpt(config.network());
        Weights weights;
        try (SafeTensors tensors = SafeTensors.open(folder.resolve(WEIGHTS))) {
            weights = gpt.weights(tensors);
        }
        Path file = folder.resolve(CLUSTERS);
        if (!Files.exists(file)) {
            int codes = config.network().vocabulary();
            return new ArModel(config, gpt, weights, Partition.identity(codes), new long[codes]);
        }
        try (SafeTensors tensors = SafeTensors.open(file)) {
            int[] labels = tensors.ints(LABELS);
            long[] counts = tensors.longs(COUNTS);
            Partition clusters = Partition.of(labels);
            if (!java.util.Arrays.equals(clusters.labels(), labels)) {
                throw WeightsException.tensor(file.toString(), LABELS, "does not number clusters by their first codes");
            }
            return new ArModel(config, gpt, weights, clusters, counts);
        } catch (IllegalArgumentException e) {
            throw WeightsException.file(file.toString(), String.valueOf(e.getMessage()), e);
        }
    }

    /// SHA-256 of the weights in `folder`, 64 hexadecimal digits: which bits a picture was made
    /// from.
    public static String fingerprint(Path folder) {
        return Sha256.of(List.of(folder.resolve(WEIGHTS)));
    }

    /// Writes the model, without tokenizer and refinement network, to `folder`, which is made when
    /// it is not there.
    ///
    /// @param stored F32, or F16 for half the size
    public void save(Path folder, StorageType stored) {
        Map<String, String> name = Map.of("model", config.name());
        SafeTensorsWriter.write(folder.resolve(WEIGHTS), gpt.params(), weights, stored, name);
        Shape codes = Shape.of(clusters.codes());
        SafeTensorsWriter.write(
                folder.resolve(CLUSTERS),
                List.of(
                        new StoredTensor.Ints(LABELS, codes, clusters.labels()),
                        new StoredTensor.Longs(COUNTS, codes, counts)),
                Map.of());
        Json.write(folder.resolve(CONFIG), config);
    }
}
