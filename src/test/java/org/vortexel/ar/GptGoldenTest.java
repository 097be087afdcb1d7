package org.vortexel.ar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
import org.vortexel.op.Rope;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// `Transformer` of FoundationVision/LlamaGen with random weights: blocks, logits, losses, gradients of every
/// parameter, decoding with a cache, and whole generations.
class GptGoldenTest {
    private static final double FORWARD = 1e-4;
    private static final double SLOPE = 2e-4;

    @TestFactory
    Stream<DynamicTest> everythingEqualsTheReference() {
        return Golden.files("llamagen_gpt", "*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device;
                                    Golden golden = Golden.open(path);
                                    SafeTensors file = SafeTensors.open(Golden.sibling(path, ".io.", ".weights."))) {
                                new Case(golden, file, device).check();
                            }
                        })));
    }

    private static GptConfig config(JsonNode config, SafeTensors io) {
        int width = config.path("dim").asInt();
        int heads = config.path("n_head").asInt();
        int grid = (int) Math.round(Math.sqrt(config.path("block_size").asInt()));
        assertEquals(grid * grid, io.shape("in.tokens").dim(1));
        int hidden = 4 * width * 2 / 3;
        if (config.path("ffn_dim_multiplier").isNumber()) {
            hidden = (int) (hidden * config.path("ffn_dim_multiplier").asDouble());
        }
        int multiple = config.path("multiple_of").asInt();
        return new GptConfig(
                config.path("vocab_size").asInt(),
                grid,
                width,
                config.path("n_layer").asInt(),
                heads,
                config.path("n_kv_head").asInt(heads),
                Math.ceilDiv(hidden, multiple) * multiple,
                config.path("rope_base").asDouble(),
                (float) config.path("norm_eps").asDouble(),
                config.path("model_type").asText().equals("c2i")
                        ? new GptConfig.Classes(config.path("num_classes").asInt())
                        : new GptConfig.Captions(
                                config.path("cls_token_num").asInt(),
                                config.path("caption_dim").asInt()),
                GptConfig.PrefixRope.ZERO);
    }

    /// One file on one device.
    private static final class Case {
        private final Golden golden;
        private final SafeTensors io;
        private final Device device;
        private final Gpt gpt;
        private final Weights weights;
        private final int batch;
        private final int length;
        private final Set<String> checked = new TreeSet<>();

        Case(Golden golden, SafeTensors file, Device device) {
            this.golden = golden;
            this.io = golden.file();
            this.device = device;
            this.gpt = new Gpt(config(golden.about().path("config"), io));
            this.weights = gpt.weights(file);
            this.batch = io.shape("in.tokens").dim(0);
            this.length = gpt.sizes().tokens();
        }

        void check() {
            checkAngles();
            checkParallel();
            if (io.names().contains("cache.logits")) {
                checkCache();
            }
            for (Map.Entry<String, JsonNode> run : golden.about().path("runs").properties()) {
                checkGeneration(run.getKey(), run.getValue().path("args"));
            }
            Set<String> missed = new TreeSet<>(io.names());
            missed.removeAll(checked);
            missed.removeIf(name -> name.startsWith("in.") || name.equals("gen.labels") || name.equals("gen.uniforms"));
            assertEquals(Set.of(), missed, "never compared");
        }

        private void close(String name, float[] got) {
            float[] wanted = io.floats(name);
            double largest = 1;
            for (float value : wanted) {
                largest = Math.max(largest, Math.abs(value));
            }
            Golden.close(name, wanted, got, FORWARD * largest);
            checked.add(name);
        }

        private Prompt prompt() {
            return gpt.config().prefix() instanceof GptConfig.Classes
                    ? new Prompt.Labels(io.ints("in.labels"))
                    : Prompt.Captions.of(io.array("in.caption"));
        }

        private void checkAngles() {
            Rope.Angles angles = Gpt.angles(gpt.config());
            float[] both = new float[2 * angles.cos().data().length];
            for (int i = 0; i < both.length; i++) {
                both[i] = (i % 2 == 0 ? angles.cos() : angles.sin()).data()[i / 2];
            }
            close("rope.freqs_cis", both);
        }

        private void checkParallel() {
            Recorder r = new Recorder();
            Tensor prefix = gpt.prefix(gpt.prompt(r, batch));
            Tensor context = r.ids("context", Shape.of(batch, length - 1));
            Tensor targets = r.ids("targets", Shape.of(batch, length));
            Gpt.Output out = gpt.forward(prefix, context, Dropout.NONE, (name, tensor) -> {
                String stored = name.equals("norm")
                        ? "mid.final_norm"
                        : name.replace("layers.", "mid.block") + (name.endsWith(".attention") ? "" : ".out");
                stored = stored.replace(".attention", ".attn_out");
                if (io.names().contains(stored)) {
                    r.output(stored, tensor);
                }
            });
            Tensor loss = TokenLoss.mean(out.logits(), targets);
            r.output("out.logits", out.logits());
            r.output("out.loss", loss);
            if (io.names().contains("out.loss_valid")) {
                Tensor valid = r.constant(io.array("in.valid"));
                r.output("out.loss_valid", TokenLoss.weighted(out.logits(), targets, valid));
            }
            List<Parameter> trained =
                    gpt.params().all().stream().filter(Parameter::trained).toList();
            List<Tensor> slopes = Gradients.of(
                    r, loss, trained.stream().map(p -> p.on(prefix)).toList());
            for (int i = 0; i < trained.size(); i++) {
                r.output("grad." + trained.get(i).name(), slopes.get(i));
            }
            try (Player player = device.load(r.program(), weights)) {
                prompt().set(player);
                player.set("context", context(io.ints("in.tokens")));
                player.set("targets", io.ints("in.tokens")).run();
                for (String name : io.names()) {
                    if (name.startsWith("grad.")) {
                        golden.check(name, SLOPE, player.get(name));
                        checked.add(name);
                    } else if (name.startsWith("mid.") || name.startsWith("out.")) {
                        close(name, player.get(name).data());
                    }
                }
            }
            assertEquals(
                    trained.size(),
                    io.names().stream().filter(n -> n.startsWith("grad.")).count(),
                    "a gradient of every parameter");
        }

        private int[] context(int[] tokens) {
            int[] context = new int[batch * (length - 1)];
            for (int i = 0; i < batch; i++) {
                System.arraycopy(tokens, i * length, context, i * (length - 1), length - 1);
            }
            return context;
        }

        /// Feeds the reference's tokens: a draw that is told what to answer.
        private void checkCache() {
            int[] tokens = io.ints("in.tokens");
            int vocabulary = gpt.sizes().vocabulary();
            float[] logits = new float[batch * length * vocabulary];
            try (Forced model = new Forced(device, gpt, weights, batch)) {
                NdArray prefix = model.prefix(prompt());
                for (int p = 0; p < gpt.sizes().positions(); p++) {
                    int index = p - gpt.sizes().prefix() + 1;
                    int[] fed = new int[batch];
                    for (int b = 0; b < batch && index > 0; b++) {
                        fed[b] = tokens[b * length + index - 1];
                    }
                    NdArray row = model.step(prefix, fed, p);
                    for (int b = 0; b < batch && index >= 0; b++) {
                        System.arraycopy(
                                row.data(), b * vocabulary, logits, (b * length + index) * vocabulary, vocabulary);
                    }
                }
                close("cache.logits", logits);
                for (String name : io.names()) {
                    if (name.matches("cache\\.block\\d+\\.[kv]")) {
                        int layer = Integer.parseInt(name.replaceAll("\\D", ""));
                        close(name, heads(model.cache(layer), name.endsWith("k") ? 0 : 1, io.shape(name)));
                    }
                }
            }
        }

        /// (N, S, 2 W) to (N, H, S, headWidth), keys or values.
        private static float[] heads(NdArray cache, int part, Shape wanted) {
            int heads = wanted.dim(1);
            int slots = wanted.dim(2);
            int width = wanted.dim(3);
            float[] out = new float[wanted.size()];
            for (int n = 0; n < wanted.dim(0); n++) {
                for (int h = 0; h < heads; h++) {
                    for (int s = 0; s < slots; s++) {
                        for (int c = 0; c < width; c++) {
                            out[((n * heads + h) * slots + s) * width + c] =
                                    cache.get(n, s, (part * heads + h) * width + c);
                        }
                    }
                }
            }
            return out;
        }

        private void checkGeneration(String run, JsonNode args) {
            Prompt prompt = prompt();
            if (prompt instanceof Prompt.Labels) {
                prompt = new Prompt.Labels(io.ints("gen.labels"));
            } else if (run.endsWith("_masked")) {
                float[] mask = io.floats("in.caption_mask");
                boolean[][] seen = new boolean[batch][gpt.sizes().prefix()];
                for (int i = 0; i < mask.length; i++) {
                    seen[i / seen[0].length][i % seen[0].length] = mask[i] != 0;
                }
                prompt = new Prompt.Captions(io.array("in.caption"), seen);
            }
            double scale = args.path("cfg_scale").asDouble(1);
            TokenGuidance guidance = scale > 1
                    ? new TokenGuidance.Constant(
                            scale, args.path("cfg_interval").asInt(-1))
                    : new TokenGuidance.Off();
            TokenSampling sampling = new TokenSampling(
                    args.path("temperature").asDouble(1),
                    args.path("top_k").asInt(0),
                    args.path("top_p").asDouble(1),
                    !args.path("sample_logits").asBoolean(true));
            float[] uniforms = io.names().contains("gen.uniforms") ? io.floats("gen.uniforms") : new float[0];
            int vocabulary = gpt.sizes().vocabulary();
            int[] tokens = new int[prompt.batch() * length];
            float[] logits = new float[tokens.length * vocabulary];
            try (TokenGenerator generator = new TokenGenerator(device, gpt, weights, prompt.batch(), guidance)) {
                for (TokenStep step :
                        generator.run(prompt, sampling, (b, i) -> sampling.greedy() ? 0 : uniforms[b * length + i])) {
                    for (int b = 0; b < prompt.batch(); b++) {
                        tokens[b * length + step.index()] = step.tokens()[b];
                        System.arraycopy(
                                step.logits().data(),
                                b * vocabulary,
                                logits,
                                (b * length + step.index()) * vocabulary,
                                vocabulary);
                    }
                }
            }
            assertArrayEquals(io.ints("gen." + run + ".tokens"), tokens, run);
            checked.add("gen." + run + ".tokens");
            if (io.names().contains("gen." + run + ".guided_logits")) {
                close("gen." + run + ".guided_logits", logits);
            }
        }
    }

    /// A model's one-token program, given the tokens.
    static final class Forced implements AutoCloseable {
        private final TokenModel model;
        private final Device device;
        private final Weights weights;
        private final Player player;

        Forced(Device device, TokenModel model, Weights weights, int rows) {
            this.model = model;
            this.device = device;
            this.weights = weights;
            int slots = KvCache.slots(model.sizes().prefix() + model.sizes().tokens());
            this.player = device.load(TokenGenerator.stepProgram(model, rows, slots), weights);
        }

        NdArray prefix(Prompt prompt) {
            Recorder r = new Recorder();
            r.output("prefix", model.prefix(model.prompt(r, prompt.batch())));
            try (Player embedder = device.load(r.program(), weights)) {
                prompt.set(embedder);
                embedder.run();
                return embedder.get("prefix");
            }
        }

        NdArray step(NdArray prefix, int[] tokens, int position) {
            player.set("prefix", prefix).set("token", Arrays.copyOf(tokens, tokens.length));
            player.set("at", new int[] {position}).run();
            return player.get("logits");
        }

        NdArray cache(int layer) {
            return player.get("cache." + layer);
        }

        @Override
        public void close() {
            player.close();
        }
    }
}
