package org.vortexel.ar.rear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.ar.Prompt;
import org.vortexel.ar.TokenGenerator;
import org.vortexel.ar.TokenGuidance;
import org.vortexel.ar.TokenLoss;
import org.vortexel.ar.TokenSampling;
import org.vortexel.ar.TokenStep;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.codebook.Codebook;
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

/// `reAR` and `ARLoss` of QY-H00/reAR with random weights: noise, schedules, blocks, heads, losses, gradients,
/// generations.
class RearGoldenTest {
    private static final double FORWARD = 1e-4;
    private static final double SLOPE = 3e-4;
    private static final double SCHEDULE = 1e-12;
    private static final double SCALE = 1e-5;
    private static final double ROUNDING = 1e-6;

    @TestFactory
    Stream<DynamicTest> everythingEqualsTheReference() {
        return Golden.files("rear", "*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device;
                                    Golden golden = Golden.open(path);
                                    SafeTensors file = SafeTensors.open(Golden.sibling(path, ".io.", ".weights."))) {
                                new Case(golden, file, device).check();
                            }
                        })));
    }

    /// The numbers that a pattern catches in what the file says of a call.
    private static double[] numbers(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertEquals(true, matcher.find(), pattern + " in: " + text);
        return IntStream.rangeClosed(1, matcher.groupCount())
                .mapToDouble(i -> Double.parseDouble(matcher.group(i)))
                .toArray();
    }

    /// One file on one device.
    private static final class Case {
        private static final String NUMBER = "([-+.\\deE]*\\d)";

        private final SafeTensors io;
        private final JsonNode calls;
        private final JsonNode settings;
        private final Device device;
        private final RearGpt model;
        private final Alignment.Config alignment;
        private final Alignment heads;
        private final Weights weights;
        private final Codebook codebook;
        private final int batch;
        private final int length;
        private final Set<String> checked = new TreeSet<>();
        private NoisyContext noisy = new NoisyContext(new int[0], new float[0]);

        Case(Golden golden, SafeTensors file, Device device) {
            this.io = golden.file();
            this.calls = golden.about().path("calls");
            this.device = device;
            JsonNode config = golden.about().path("config").path("model");
            this.settings = config.path("generator");
            this.batch = io.shape("in.tokens").dim(0);
            this.length = settings.path("image_seq_len").asInt();
            this.model = new RearGpt(new RearConfig(
                    config.path("vq_model").path("codebook_size").asInt(),
                    length,
                    settings.path("condition_num_classes").asInt(),
                    settings.path("hidden_size").asInt(),
                    settings.path("num_hidden_layers").asInt(),
                    settings.path("num_attention_heads").asInt(),
                    settings.path("intermediate_size").asInt()));
            this.alignment = new Alignment.Config(
                    Optional.of(settings.path("encode_align_layer_idx").asInt()),
                    Optional.of(settings.path("decode_align_layer_idx").asInt()),
                    settings.path("projection_dim").asInt(),
                    3,
                    Alignment.Act.SILU,
                    Alignment.Replaced.LEFT_OUT,
                    (float) settings.path("transition_alignment_weight").asDouble());
            this.heads = new Alignment(
                    alignment,
                    model.params(),
                    model.config().width(),
                    model.config().depth(),
                    settings.path("z_dim").asInt());
            this.weights = model.weights(file);
            this.codebook = new Codebook(io.array("in.codebook"));
        }

        void check() {
            checkNoise();
            checkSchedules();
            checkNetwork();
            String call = calls.path("gen").asText();
            double[] guided = numbers(
                    call,
                    "guidance_scale=" + NUMBER + ", guidance_scale_pow=" + NUMBER + ", randomize_temperature="
                            + NUMBER);
            checkGeneration("gen.", "guided_logits", new TokenGuidance.PowerCosine(guided[0], guided[1]), guided[2]);
            double cold = numbers(call, "temperature " + NUMBER)[0];
            checkGeneration("gen.nocfg_t09.", "scaled_logits", new TokenGuidance.Off(), cold);
            Set<String> missed = new TreeSet<>(io.names());
            missed.removeAll(checked);
            missed.removeIf(name -> name.startsWith("in.")
                    || name.endsWith(".steps")
                    || name.endsWith(".params")
                    || Set.of(
                                    "gen.uniforms",
                                    "loss.lambda2",
                                    "noise.max_ratio",
                                    "noise.random_tokens",
                                    "noise.u_eps",
                                    "noise.u_label_drop",
                                    "noise.u_token")
                            .contains(name));
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

        private void checkNoise() {
            int[] tokens = io.ints("in.tokens");
            int vocabulary = model.config().vocabulary();
            NoisyContext.Draws draws = new NoisyContext.Draws(
                    io.floats("noise.u_eps"), io.floats("noise.u_token"), io.ints("noise.random_tokens"));
            float ratio = io.floats("noise.max_ratio")[0];
            noisy = NoisyContext.of(tokens, draws, ratio, NoisyContext.Mode.SWITCH, vocabulary);
            assertArrayEquals(io.ints("noise.tokens_switch"), noisy.tokens());
            long[] mask = io.longs("noise.mask");
            for (int i = 0; i < mask.length; i++) {
                assertEquals(mask[i], (long) noisy.replaced()[i], "replaced " + i);
            }
            assertArrayEquals(
                    io.ints("noise.tokens_mask_mode"),
                    NoisyContext.of(tokens, draws, ratio, NoisyContext.Mode.MASK, vocabulary)
                            .tokens());
            checked.addAll(Set.of("noise.tokens_switch", "noise.mask", "noise.tokens_mask_mode"));
            int[] conditions = Arrays.stream(labels().ids())
                    .map(label -> label + vocabulary + 1)
                    .toArray();
            assertArrayEquals(io.ints("noise.condition_ids"), conditions);
            checked.add("noise.condition_ids");
        }

        private Prompt.Labels labels() {
            return new Prompt.Labels(io.ints("in.labels"))
                    .dropped(
                            io.floats("noise.u_label_drop"),
                            settings.path("class_label_dropout").asDouble(),
                            model.config().classes());
        }

        private void checkSchedules() {
            String call = calls.path("sched").asText();
            double[] first = numbers(call, "^[^;]*start " + NUMBER + ", end " + NUMBER);
            double[] second = numbers(call, "sched2: start " + NUMBER + ", end " + NUMBER);
            double[] rate = numbers(call, "warmup " + NUMBER + " of " + NUMBER + ", " + NUMBER + " -> " + NUMBER);
            WarmCosine cosine = new WarmCosine(rate[2], rate[3], (long) rate[0], (long) rate[1]);
            long[] steps = io.longs("sched.steps");
            assertArrayEquals(io.doubles("sched.random_ratio"), ratios(first, steps), SCHEDULE);
            assertArrayEquals(io.doubles("sched2.random_ratio"), ratios(second, io.longs("sched2.steps")), SCHEDULE);
            assertArrayEquals(
                    io.doubles("sched.lr"),
                    Arrays.stream(steps).mapToDouble(cosine::at).toArray(),
                    SCHEDULE);
            checked.addAll(Set.of("sched.random_ratio", "sched2.random_ratio", "sched.lr"));
            for (String name : io.names()) {
                if (name.matches("cfg\\.\\d+\\.scale")) {
                    double[] params = io.doubles(name.replace(".scale", ".params"));
                    TokenGuidance guidance = new TokenGuidance.PowerCosine(params[1], params[2]);
                    float[] wanted = io.floats(name);
                    for (int i = 0; i < wanted.length; i++) {
                        assertEquals(wanted[i], guidance.scale(i, (int) params[0]), SCALE * Math.abs(wanted[i]), name);
                    }
                    checked.add(name);
                }
            }
        }

        private static double[] ratios(double[] ends, long[] steps) {
            NoiseAnnealing annealing = new NoiseAnnealing(ends[0], ends[1]);
            return Arrays.stream(steps).mapToDouble(annealing::maxRatio).toArray();
        }

        private void checkNetwork() {
            Recorder r = new Recorder();
            Tensor prefix = model.prefix(model.prompt(r, batch));
            Tensor context = r.ids("context", io.shape("in.tokens"));
            Tensor clean = r.ids("clean", io.shape("in.tokens"));
            Tensor replaced = r.input("replaced", io.shape("in.tokens"));
            RearGpt.Output out = model.forward(prefix, context);
            RearGpt.Output unnoised = model.forward(prefix, clean);
            r.output("out.logits", out.logits());
            r.output("out.logits_clean", unnoised.logits());
            for (int i = 0; i < out.states().size(); i++) {
                r.output("mid.block" + i + ".out", out.states().get(i));
            }
            int shallow = alignment.encodeLayer().orElseThrow();
            int deep = alignment.decodeLayer().orElseThrow();
            r.output("out.encode_z", heads.encode(out.states().get(shallow)));
            r.output("out.decode_z", heads.decode(out.states().get(deep)));
            r.output("predictions", out.predictions());

            Tensor ar = TokenLoss.mean(out.predictions(), clean);
            Alignment.Losses losses = losses(out, clean, replaced);
            Tensor none = r.constant(NdArray.zeros(replaced.shape()));
            Alignment.Losses unmasked = losses(out, clean, none);
            Alignment.Losses quiet = losses(unnoised, clean, none);
            Tensor proj = losses.encode().add(losses.decode());
            Tensor total = ar.add(losses.weighted());
            r.output("loss.ar", ar);
            r.output("loss.encode", losses.encode());
            r.output("loss.decode", losses.decode());
            r.output("loss.proj", proj);
            r.output("loss.total", total);
            r.output("loss.encode_unmasked", unmasked.encode());
            r.output("loss.total_unmasked", ar.add(unmasked.weighted()));
            r.output("loss.total_lambda2", ar.add(proj.mul(io.floats("loss.lambda2")[0])));
            r.output(
                    "loss.total_clean",
                    TokenLoss.mean(unnoised.predictions(), clean).add(quiet.weighted()));
            List<Parameter> parameters = model.params().all();
            List<Tensor> slopes = Gradients.of(
                    r, total, parameters.stream().map(p -> p.on(context)).toList());
            Map<String, Tensor> byName = new HashMap<>();
            for (int i = 0; i < parameters.size(); i++) {
                byName.put("grad." + parameters.get(i).name(), slopes.get(i));
                r.output("grad." + parameters.get(i).name(), slopes.get(i));
            }
            try (Player player = device.load(r.program(), weights)) {
                labels().set(player);
                player.set("context", noisy.tokens()).set("clean", io.ints("in.tokens"));
                player.set("replaced", noisy.replaced()).run();
                float largestOfAll = 0;
                for (String name : io.names()) {
                    largestOfAll = name.startsWith("grad.") ? Math.max(largestOfAll, largest(name)) : largestOfAll;
                }
                for (String name : io.names()) {
                    if (name.startsWith("grad.")) {
                        checkSlope(name, player.get(name), largestOfAll);
                    } else if (name.equals("loss.correct_tokens")) {
                        double share = Diagnostics.correctTokens(player.get("predictions"), io.ints("in.tokens"));
                        close(name, new float[] {(float) share});
                    } else if (name.startsWith("out.")
                            || name.startsWith("mid.")
                            || (name.startsWith("loss.") && !name.equals("loss.lambda2"))) {
                        close(name, player.get(name).data());
                    }
                }
            }
            assertEquals(
                    byName.size(),
                    io.names().stream().filter(n -> n.startsWith("grad.")).count(),
                    "a gradient of every parameter");
        }

        private Alignment.Losses losses(RearGpt.Output out, Tensor clean, Tensor replaced) {
            return heads.losses(
                    codebook,
                    new Alignment.Side(out.holding(alignment.encodeLayer().orElseThrow()), clean),
                    replaced,
                    new Alignment.Side(out.predicting(alignment.decodeLayer().orElseThrow()), clean));
        }

        private float largest(String name) {
            float largest = 0;
            for (float value : io.floats(name)) {
                largest = Math.max(largest, Math.abs(value));
            }
            return largest;
        }

        /// Tables are stored without the rows that no position reads, whose gradient is zero. The bias of a
        /// key's norm moves all scores of a query alike, so its gradient is rounding alone, on both sides.
        private void checkSlope(String name, NdArray got, float largestOfAll) {
            float[] wanted = io.floats(name);
            boolean rounding = largest(name) < ROUNDING * largestOfAll;
            double allowed = rounding ? ROUNDING * largestOfAll : SLOPE * largest(name);
            Golden.close(name, wanted, Arrays.copyOf(got.data(), wanted.length), allowed);
            for (int i = wanted.length; i < got.data().length; i++) {
                assertEquals(0, got.data()[i], name);
            }
            checked.add(name);
        }

        private void checkGeneration(String run, String stored, TokenGuidance guidance, double temperature) {
            int vocabulary = model.config().vocabulary();
            float[] uniforms = io.floats("gen.uniforms");
            int[] tokens = new int[batch * length];
            float[] logits = new float[tokens.length * vocabulary];
            float divisor = stored.startsWith("scaled") ? (float) temperature : 1;
            TokenSampling sampling = new TokenSampling(temperature, 0, 1, false);
            try (TokenGenerator generator = new TokenGenerator(device, model, weights, batch, guidance)) {
                for (TokenStep step : generator.run(
                        new Prompt.Labels(io.ints("in.labels")), sampling, (b, i) -> uniforms[b * length + i])) {
                    for (int b = 0; b < batch; b++) {
                        int at = b * length + step.index();
                        tokens[at] = step.tokens()[b];
                        for (int v = 0; v < vocabulary; v++) {
                            logits[at * vocabulary + v] = step.logits().get(b, v) / divisor;
                        }
                    }
                }
            }
            assertArrayEquals(io.ints(run + "tokens"), tokens, run);
            checked.add(run + "tokens");
            close(run + stored, logits);
        }
    }
}
