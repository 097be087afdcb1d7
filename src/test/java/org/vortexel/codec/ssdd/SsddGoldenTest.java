package org.vortexel.codec.ssdd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.codec.Gaussian;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// The encoder and decoder of SSDD with random weights: layers, velocities, samples, the loss and its gradients.
class SsddGoldenTest {
    private static final double FORWARD = 5e-4;
    private static final double ENCODER = 2e-4;
    private static final double SLOPE = 2e-3;
    private static final double ENCODER_SLOPE = 1e-3;

    private interface Check {
        void run(Path path, Device device);
    }

    private static Stream<DynamicTest> each(String glob, Check check) {
        return Golden.files("ssdd", glob).stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device) {
                                check.run(path, device);
                            }
                        })));
    }

    private static SsddDecoder decoder(JsonNode about) {
        JsonNode config = about.path("config");
        List<Integer> multipliers = new ArrayList<>();
        config.path("ch_mult").forEach(m -> multipliers.add(m.asInt()));
        assertEquals(2, config.path("layers_per_block").asInt());
        return new SsddDecoder(SsddConfig.of(
                config.path("z_dim").asInt(),
                about.path("f").asInt(),
                config.path("channels").asInt(),
                multipliers,
                config.path("mid_nlayers").asInt(),
                config.path("num_attention_heads").asInt(0),
                config.path("norm_num_groups").asInt(),
                config.path("attn_window").asInt()));
    }

    private static Weights weights(Path io, Params params) {
        try (SafeTensors file = SafeTensors.open(Golden.sibling(io, ".io.", ".weights."))) {
            return new Weights(file.exactly(params.shapes()).asMap());
        }
    }

    private static Map<String, NdArray> play(Device device, Program program, Weights weights, Consumer<Player> inputs) {
        Map<String, NdArray> results = new HashMap<>();
        try (Player player = device.load(program, weights)) {
            inputs.accept(player);
            player.run();
            program.outputs().keySet().forEach(name -> results.put(name, player.get(name)));
        }
        return results;
    }

    private static NdArray velocity(
            SsddDecoder decoder, Weights weights, Device device, NdArray x, NdArray t, NdArray z) {
        Recorder r = new Recorder();
        Tensor out =
                decoder.forward(r.input("x", x.shape()), r.input("t", t.shape()).mul(1000f), r.input("z", z.shape()));
        r.output("v", out);
        return play(device, r.program(), weights, p -> p.set("x", x).set("t", t).set("z", z))
                .get("v");
    }

    @TestFactory
    Stream<DynamicTest> velocitiesEqualTheReference() {
        return each("ssdd_dec*.io.safetensors", (path, device) -> {
            try (Golden golden = Golden.open(path)) {
                SsddDecoder decoder = decoder(golden.about());
                Weights weights = weights(path, decoder.params());
                for (String[] names : List.of(
                        new String[] {"x_t", "t", "z", "v"}, new String[] {"x_wide", "t_wide", "z_wide", "v_wide"})) {
                    NdArray[] in = Stream.of(names).map(golden.file()::array).toArray(NdArray[]::new);
                    golden.check(names[3], FORWARD, velocity(decoder, weights, device, in[0], in[1], in[2]));
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> layersEqualTheReference() {
        return each("ssdd_dec*.mid.safetensors", (path, device) -> {
            Path io = Golden.sibling(path, ".mid.", ".io.");
            try (Golden layers = Golden.open(path);
                    Golden golden = Golden.open(io)) {
                SsddDecoder decoder = decoder(golden.about());
                NdArray x = first(golden.file().array("x_t"));
                NdArray t = first(golden.file().array("t"));
                NdArray z = first(golden.file().array("z"));
                Recorder r = new Recorder();
                Tensor out = decoder.forward(
                        r.input("x", x.shape()),
                        r.input("t", t.shape()).mul(1000f),
                        r.input("z", z.shape()),
                        (name, tensor) -> {
                            if (layers.file().names().contains("mid." + name)) {
                                r.output("mid." + name, tensor);
                            }
                        });
                r.output("v_b1", out);
                Map<String, NdArray> got = play(
                        device,
                        r.program(),
                        weights(io, decoder.params()),
                        p -> p.set("x", x).set("t", t).set("z", z));
                golden.check("v_b1", FORWARD, got.remove("v_b1"));
                got.forEach((name, array) -> layers.check(name, FORWARD, array));
                Set<String> missing = new TreeSet<>(layers.file().names());
                missing.removeAll(got.keySet());
                assertTrue(missing.isEmpty(), "never compared: " + missing);
            }
        });
    }

    private static NdArray first(NdArray all) {
        int size = all.data().length / all.shape().dim(0);
        return NdArray.of(all.shape().with(0, 1), java.util.Arrays.copyOf(all.data(), size));
    }

    @TestFactory
    Stream<DynamicTest> relativeBiasEqualsTheReference() {
        return each("ssdd_dec*.io.safetensors", (path, device) -> {
            try (Golden golden = Golden.open(path)) {
                SsddDecoder decoder = decoder(golden.about());
                NdArray wide = golden.file().array("x_wide");
                Recorder r = new Recorder();
                Tensor x = r.input("x", wide.shape());
                Tensor bias =
                        decoder.bias(0, x, wide.shape().dim(2) / 8, wide.shape().dim(3) / 8);
                r.output("rel_bias_wide", bias.reshape(bias.dim(1), bias.dim(2), bias.dim(3)));
                golden.check(
                        "rel_bias_wide",
                        0,
                        play(device, r.program(), weights(path, decoder.params()), p -> p.set("x", wide))
                                .get("rel_bias_wide"));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> lossAndGradientsEqualTheReference() {
        return each("ssdd_dec*.io.safetensors", (path, device) -> {
            try (Golden golden = Golden.open(path)) {
                SsddDecoder decoder = decoder(golden.about());
                NdArray x = golden.file().array("x_train");
                NdArray noise = golden.file().array("noise_train");
                NdArray t = golden.file().array("t_train");
                NdArray z = golden.file().array("z_train");
                Recorder r = new Recorder();
                Tensor picture = r.input("x", x.shape());
                Tensor noises = r.input("noise", noise.shape());
                Tensor time = r.input("t", t.shape());
                Tensor latent = r.input("z", z.shape());
                SsddFlow.Step step = SsddFlow.record(decoder, picture, noises, time, latent, Probe.NONE);
                r.output("train.x_t", step.noisy());
                r.output("train.v_pred", step.velocity());
                r.output("train.x0_pred", step.estimate());
                r.output("train.loss", step.loss().reshape(1));
                List<Parameter> parameters = decoder.params().all();
                List<Tensor> wrt = new ArrayList<>(
                        parameters.stream().map(p -> p.on(picture)).toList());
                wrt.add(latent);
                List<Tensor> slopes = Gradients.of(r, step.loss(), wrt);
                for (int i = 0; i < parameters.size(); i++) {
                    r.output("train.grad." + parameters.get(i).name(), slopes.get(i));
                }
                r.output("train.grad_z", slopes.getLast());
                Map<String, NdArray> got = play(
                        device,
                        r.program(),
                        weights(path, decoder.params()),
                        p -> p.set("x", x).set("noise", noise).set("t", t).set("z", z));
                for (String name : golden.file().names()) {
                    if (name.startsWith("train.grad") && !name.equals("train.grad_norms")) {
                        golden.check(name, SLOPE, got.get(name));
                    } else if (name.startsWith("train.") && !name.equals("train.grad_norms")) {
                        golden.check(name, FORWARD, got.get(name));
                    }
                }
                List<Float> norms = new ArrayList<>();
                golden.about().path("grad_norm_names").forEach(name -> {
                    double sum = 0;
                    for (float g : got.get("train.grad." + name.asText()).data()) {
                        sum += (double) g * g;
                    }
                    norms.add((float) Math.sqrt(sum));
                });
                NdArray all =
                        NdArray.zeros(golden.file().array("train.grad_norms").shape());
                for (int i = 0; i < norms.size(); i++) {
                    all.data()[i] = norms.get(i);
                }
                golden.check("train.grad_norms", SLOPE, all);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> samplesEqualTheReference() {
        return each("ssdd_dec*.io.safetensors", (path, device) -> {
            try (Golden golden = Golden.open(path)) {
                SsddDecoder decoder = decoder(golden.about());
                Weights weights = weights(path, decoder.params());
                NdArray noise = golden.file().array("noise_s");
                NdArray z = golden.file().array("z_s");
                golden.file().names().stream()
                        .filter(n -> n.matches("sample_\\d+"))
                        .forEach(name -> {
                            int steps = Integer.parseInt(name.substring("sample_".length()));
                            try (SsddSampler sampler = new SsddSampler(device, decoder, weights, noise.shape())) {
                                golden.check(name, FORWARD, sampler.decode(z, noise, steps));
                            }
                        });
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> theEncoderEqualsTheReference() {
        return each("ssdd_enc*.io.safetensors", (path, device) -> {
            try (Golden golden = Golden.open(path)) {
                JsonNode config = golden.about().path("config");
                List<Integer> multipliers = new ArrayList<>();
                config.path("ch_mult").forEach(m -> multipliers.add(m.asInt()));
                SsddEncoder encoder = new SsddEncoder(new SsddEncoder.Config(
                        config.path("z_dim").asInt(), config.path("base_dim").asInt(), multipliers));
                Weights weights = weights(path, encoder.params());
                NdArray x = golden.file().array("x");
                Recorder r = new Recorder();
                Tensor in = r.input("x", x.shape());
                Tensor moments = encoder.moments(in, (name, _) -> {});
                Gaussian gaussian = Gaussian.of(moments);
                Tensor kl = gaussian.divergence();
                Tensor mean = kl.mean(false);
                r.output("moments", moments);
                r.output("mean", gaussian.mean());
                r.output("mode", gaussian.mean());
                r.output("logvar", gaussian.logVariance());
                r.output("std", gaussian.deviation());
                r.output("kl", kl);
                r.output("kl_mean", mean.reshape(1));
                List<Parameter> parameters = encoder.params().all();
                List<Tensor> slopes = Gradients.of(
                        r, mean, parameters.stream().map(p -> p.on(in)).toList());
                for (int i = 0; i < parameters.size(); i++) {
                    r.output("grad_kl." + parameters.get(i).name(), slopes.get(i));
                }
                Map<String, NdArray> got = new HashMap<>(play(device, r.program(), weights, p -> p.set("x", x)));

                NdArray one = first(x);
                Recorder layers = new Recorder();
                encoder.moments(layers.input("x", one.shape()), (name, tensor) -> layers.output("mid." + name, tensor));
                got.putAll(play(device, layers.program(), weights, p -> p.set("x", one)));

                NdArray oblong = golden.file().array("x_nonsquare");
                Recorder wide = new Recorder();
                wide.output(
                        "mean_nonsquare",
                        encoder.forward(wide.input("x", oblong.shape())).mean());
                got.putAll(play(device, wide.program(), weights, p -> p.set("x", oblong)));
                for (String name : golden.file().names()) {
                    if (!name.startsWith("x")) {
                        golden.check(name, name.startsWith("grad") ? ENCODER_SLOPE : ENCODER, got.get(name));
                    }
                }
            }
        });
    }
}
