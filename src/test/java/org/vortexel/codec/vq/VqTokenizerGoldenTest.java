package org.vortexel.codec.vq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.nn.Parameter;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// `VQModel` of FoundationVision/LlamaGen with random weights: blocks, ids, pictures, the training losses and
/// gradients.
class VqTokenizerGoldenTest {
    private static final double FORWARD = 1e-4;
    private static final double SLOPE = 5e-4;
    private static final double TRAINING_SLOPE = 2e-3;

    @TestFactory
    Stream<DynamicTest> everythingEqualsTheReference() {
        return Golden.files("llamagen_vq", "*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device;
                                    Golden golden = Golden.open(path)) {
                                check(golden, path, device);
                            }
                        })));
    }

    private static VqConfig config(JsonNode config) {
        Matcher blocks = Pattern.compile("encoder (\\d+), decoder (\\d+)")
                .matcher(config.path("num_res_blocks").asText());
        assertEquals(true, blocks.find(), "num_res_blocks");
        return new VqConfig(
                config.path("codebook_size").asInt(),
                config.path("codebook_embed_dim").asInt(),
                config.path("codebook_l2_norm").asBoolean(),
                config.path("ch").asInt(),
                ints(config.path("encoder_ch_mult")),
                ints(config.path("decoder_ch_mult")),
                Integer.parseInt(blocks.group(1)),
                Integer.parseInt(blocks.group(2)),
                config.path("z_channels").asInt(),
                32,
                (float) config.path("commit_loss_beta").asDouble(),
                (float) config.path("entropy_loss_ratio").asDouble());
    }

    private static List<Integer> ints(JsonNode node) {
        List<Integer> ints = new ArrayList<>();
        node.forEach(n -> ints.add(n.asInt()));
        return ints;
    }

    /// The weights lie in as many files as needed: `weights`, `weights2`, ….
    private static Weights weights(Path io, VqTokenizer model) {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        String stem = io.getFileName().toString().replace(".io.safetensors", "");
        for (Path path : Golden.files("llamagen_vq", stem + ".weights*.safetensors")) {
            try (SafeTensors file = SafeTensors.open(path)) {
                file.names().forEach(name -> arrays.put(name, file.array(name)));
            }
        }
        arrays.remove("quantize.codebook_used");
        assertEquals(new TreeSet<>(model.params().shapes().keySet()), new TreeSet<>(arrays.keySet()));
        return new Weights(arrays);
    }

    private static void check(Golden golden, Path path, Device device) {
        SafeTensors io = golden.file();
        VqConfig config = config(golden.about().path("config"));
        VqTokenizer model = new VqTokenizer(config);
        Weights weights = weights(path, model);
        List<Parameter> parameters = model.params().all();
        Set<String> checked = new TreeSet<>();

        Recorder r = new Recorder();
        Tensor x = r.input("image", io.shape("in.image"));
        VectorQuantizer.Quantized quantized = model.encode(x, (name, t) -> see(r, io, config, name, t));
        int n = io.shape("in.codes").dim(0);
        int h = quantized.latent().dim(2);
        int w = quantized.latent().dim(3);
        Tensor codes = r.ids("codes", org.vortexel.tensor.Shape.of(n, h, w));
        Tensor own = r.ids("own", quantized.ids().shape());
        r.output("out.quant", quantized.latent());
        r.output("out.indices", quantized.ids());
        r.output("out.decoded", model.decode(quantized.latent(), (name, t) -> see(r, io, config, name, t)));
        r.output("out.codebook_entry", model.quantizer().lookUp(codes));
        r.output("out.decode_code", model.decodeIds(codes));
        r.output("out.decode_own_indices", model.decodeIds(own));
        Tensor latent = r.input("latent", io.shape("out.codebook_entry"));
        Tensor functional =
                model.decode(latent).mul(r.constant(io.array("in.R"))).sum(false);
        List<Tensor> wrt = new ArrayList<>(parameters.stream().map(p -> p.on(x)).toList());
        wrt.add(latent);
        List<Tensor> slopes = Gradients.of(r, functional, wrt);
        r.output("grad.latent", slopes.getLast());
        for (int i = 0; i < parameters.size(); i++) {
            r.output("decgrad." + parameters.get(i).name(), slopes.get(i));
        }
        try (Player player = device.load(r.program(), weights)) {
            player.set("image", io.array("in.image"));
            player.set("codes", io.ints("in.codes"));
            player.set("own", io.ints("out.indices"));
            player.set("latent", io.array("out.codebook_entry")).run();
            assertArrayEquals(io.ints("out.indices"), ids(player.get("out.indices")));
            checked.add("out.indices");
            for (String name : io.names()) {
                if (name.startsWith("decgrad.") || name.startsWith("grad.")) {
                    golden.check(name, SLOPE, player.get(name));
                    checked.add(name);
                } else if ((name.startsWith("out.") && !name.equals("out.indices")) || name.startsWith("mid.")) {
                    Golden.close(name, io.floats(name), player.get(name).data(), FORWARD * scale(io.floats(name)));
                    checked.add(name);
                }
            }
        }
        checkTraining(golden, model, weights, device, checked);
        Set<String> missed = new TreeSet<>(io.names());
        missed.removeAll(checked);
        missed.removeIf(name -> name.startsWith("in."));
        assertEquals(Set.of(), missed, "never compared");
    }

    private static double scale(float[] wanted) {
        double largest = 1;
        for (float value : wanted) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static int[] ids(NdArray floats) {
        int[] ids = new int[floats.data().length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) floats.data()[i];
        }
        return ids;
    }

    private static void checkTraining(
            Golden golden, VqTokenizer model, Weights weights, Device device, Set<String> checked) {
        SafeTensors io = golden.file();
        List<Parameter> parameters = model.params().all();
        Recorder r = new Recorder();
        Tensor x = r.input("image", io.shape("in.image"));
        VectorQuantizer.Quantized quantized = model.encode(x);
        Tensor picture = model.decode(quantized.latent());
        Tensor squared = picture.sub(x.detach()).square().mean(false);
        VectorQuantizer.Losses losses = quantized.losses();
        Tensor total = squared.add(losses.total());
        r.output("train.rec", picture);
        r.output("train.l2_loss", squared);
        r.output("train.vq_loss", losses.codebook());
        r.output("train.commit_loss", losses.commitment());
        r.output("train.entropy_loss", losses.entropy());
        r.output("train.total", total);
        List<Tensor> wrt = new ArrayList<>(parameters.stream().map(p -> p.on(x)).toList());
        wrt.add(x);
        List<Tensor> slopes = Gradients.of(r, total, wrt);
        r.output("train.grad.image", slopes.getLast());
        for (int i = 0; i < parameters.size(); i++) {
            r.output("train.grad." + parameters.get(i).name(), slopes.get(i));
        }
        try (Player player = device.load(r.program(), weights)) {
            player.set("image", io.array("in.image")).run();
            for (String name : io.names()) {
                if (name.startsWith("train.grad.")) {
                    golden.check(name, TRAINING_SLOPE, player.get(name));
                    checked.add(name);
                } else if (name.startsWith("train.")) {
                    Golden.close(name, io.floats(name), player.get(name).data(), FORWARD * scale(io.floats(name)));
                    checked.add(name);
                }
            }
            checkNorms(golden.about().path("grad_norms_train"), parameters, player);
        }
    }

    /// The lengths of all parameters' gradients, which the file keeps for those whose numbers it leaves out.
    private static void checkNorms(JsonNode norms, List<Parameter> parameters, Player player) {
        Map<String, Double> got = new HashMap<>();
        double largest = 0;
        for (Parameter parameter : parameters) {
            double sum = 0;
            for (float g : player.get("train.grad." + parameter.name()).data()) {
                sum += (double) g * g;
            }
            got.put(parameter.name(), Math.sqrt(sum));
            largest = Math.max(largest, Math.sqrt(sum));
        }
        for (Map.Entry<String, JsonNode> norm : norms.properties()) {
            double wanted = norm.getValue().asDouble();
            // A bias before a norm of its own channel has a gradient of rounding alone.
            assertEquals(
                    wanted,
                    got.getOrDefault(norm.getKey(), -1.0),
                    TRAINING_SLOPE * wanted + 1e-6 * largest,
                    norm.getKey());
        }
    }

    private static void see(Recorder r, SafeTensors io, VqConfig config, String name, Tensor tensor) {
        String last = "conv_blocks." + (config.encoderMultipliers().size() - 1);
        for (String stored : io.names()) {
            if (stored.startsWith("mid.")) {
                String full = stored.substring(4)
                        .replaceFirst("^enc\\.", "encoder.")
                        .replaceFirst("^dec\\.", "decoder.")
                        .replaceFirst("\\.(?:down|blocks)(\\d+)", ".conv_blocks.$1")
                        .replaceFirst("\\.last\\.", "." + last + ".")
                        .replaceFirst("\\.out$", ".conv_out")
                        .replaceFirst("\\.(res|attn|mid)(\\d+)", ".$1.$2")
                        .replaceFirst("(mid\\.\\d+)\\.attn$", "$1");
                if (full.equals(name)) {
                    r.output(stored, tensor);
                }
            }
        }
    }
}
