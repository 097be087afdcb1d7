package org.vortexel.dit;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Branches;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Probe;
import org.vortexel.nn.Waves;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// facebookresearch/DiT `models.DiT` with random weights: every module's output, guided output, and the gradient of
/// every parameter, on plain and on tuned kernels.
public class DitGoldenTest {
    /// Channels that the published sampling code guides.
    private static final int GUIDED = 3;

    @TestFactory
    Stream<DynamicTest> outputsEqualTheReference() {
        return Golden.files("dit", "dit*.io.safetensors").stream()
                .filter(path -> names(path).contains("fwd/in.x"))
                .flatMap(path -> both(path, DitGoldenTest::checkForward));
    }

    @TestFactory
    Stream<DynamicTest> gradientsEqualTheReference() {
        return Golden.files("dit", "dit*grads*.io.safetensors").stream()
                .flatMap(path -> both(path, DitGoldenTest::checkGradients));
    }

    private interface Check {
        void run(Path path, Device device);
    }

    private static Stream<DynamicTest> both(Path path, Check check) {
        return Stream.of(TestDevice.plain(2), HostDevice.of(2))
                .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                    try (device) {
                        check.run(path, device);
                    }
                }));
    }

    private static java.util.Set<String> names(Path path) {
        try (SafeTensors file = SafeTensors.open(path)) {
            return file.names();
        }
    }

    /// The network that a case describes.
    public static Dit dit(JsonNode config) {
        return new Dit(new DitConfig(
                config.path("input_size").asInt(),
                config.path("in_channels").asInt(),
                config.path("patch_size").asInt(),
                config.path("hidden_size").asInt(),
                config.path("depth").asInt(),
                config.path("num_heads").asInt(),
                (float) config.path("mlp_ratio").asDouble(),
                config.path("learn_sigma").asBoolean(),
                false,
                new DitConfig.Classes(config.path("num_classes").asInt())));
    }

    private static Weights weights(Path io, Dit dit) {
        Path path = io.resolveSibling(
                io.getFileName().toString().replace("_grads.io", ".weights").replace(".io.", ".weights."));
        try (SafeTensors file = SafeTensors.open(path)) {
            return file.exactly(dit.params().shapes());
        }
    }

    private static float[] floats(long[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values[i];
        }
        return floats;
    }

    private static void checkForward(Path path, Device device) {
        try (Golden golden = Golden.open(path)) {
            SafeTensors io = golden.file();
            Dit dit = dit(golden.about().path("config"));
            Weights weights = weights(path, dit);
            Recorder r = new Recorder();
            Tensor x = r.input("x", io.shape("fwd/in.x"));
            Tensor t = r.input("t", io.shape("fwd/in.t"));
            Tensor y = r.ids("y", io.shape("fwd/in.y"));
            List<String> seen = new ArrayList<>();
            Probe probe = (name, tensor) -> {
                String stored = "fwd/out." + stored(name);
                if (io.names().contains(stored)) {
                    r.output(stored, tensor);
                    seen.add(stored);
                }
            };
            r.output("fwd/out.t_freq", Waves.of(t, 256));
            r.output("fwd/out.y", dit.forward(x, t, new Dit.Labels(y), probe));
            seen.add("fwd/out.t_freq");
            seen.add("fwd/out.y");
            try (Player player = device.load(r.program(), weights)) {
                player.set("x", io.array("fwd/in.x"));
                player.set("t", floats(io.longs("fwd/in.t")));
                player.set("y", io.ints("fwd/in.y")).run();
                seen.forEach(name -> golden.check(name, player.get(name)));
            }
            List<String> unseen = io.names().stream()
                    .filter(name -> name.startsWith("fwd/out.") && !seen.contains(name))
                    .toList();
            org.junit.jupiter.api.Assertions.assertEquals(List.of(), unseen, "outputs that nothing was compared with");
            checkGuided(golden, new DitDenoiser(device, dit, weights));
        }
    }

    /// The reference's name of what a probe sees.
    private static String stored(String name) {
        return switch (name) {
            case "patches" -> "patch_embed";
            case "time" -> "t_emb";
            case "condition" -> "y_emb";
            case "final" -> "final_tokens";
            default -> name.replace("blocks.", "block");
        };
    }

    private static void checkGuided(Golden golden, DitDenoiser denoiser) {
        SafeTensors io = golden.file();
        NdArray first = io.array("cfg/in.x");
        int half = first.shape().dim(0) / 2;
        NdArray x = first.rows(0, half);
        int[] labels = io.ints("cfg/in.y");
        long[] times = io.longs("cfg/in.t");
        double[] t = new double[half];
        for (int i = 0; i < half; i++) {
            t[i] = times[i];
        }
        int[] wanted = java.util.Arrays.copyOf(labels, half);
        int[] instead = java.util.Arrays.copyOfRange(labels, half, 2 * half);
        try (denoiser) {
            NdArray with = denoiser.predict(x, new Timesteps.Shared(t), new Condition.Label(wanted));
            NdArray without = denoiser.predict(x, new Timesteps.Shared(t), new Condition.Label(instead));
            NdArray guided = Guidance.of(golden.about().path("cfg_scale").asDouble())
                    .onChannels(GUIDED)
                    .combine(new Branches(with, without), x.shape());
            // The reference's second half repeats the guided channels beside the unguided rest of its own.
            NdArray second = without.copy();
            int plane = with.shape().size(2, 4);
            int picture = with.shape().size(1, 4);
            for (int i = 0; i < half; i++) {
                System.arraycopy(guided.data(), i * picture, second.data(), i * picture, GUIDED * plane);
            }
            NdArray both = NdArray.zeros(io.shape("cfg/out.y"));
            System.arraycopy(guided.data(), 0, both.data(), 0, guided.data().length);
            System.arraycopy(second.data(), 0, both.data(), guided.data().length, second.data().length);
            golden.check("cfg/out.y", both);
        }
    }

    private static void checkGradients(Path path, Device device) {
        try (Golden golden = Golden.open(path)) {
            SafeTensors io = golden.file();
            Dit dit = dit(golden.about().path("config"));
            Recorder r = new Recorder();
            Tensor x = r.input("x", io.shape("in.x"));
            Tensor t = r.input("t", io.shape("in.t"));
            Tensor y = r.ids("y", io.shape("in.y"));
            Tensor upstream = r.constant(io.array("gout.y"));
            Tensor loss = dit.forward(x, t, new Dit.Labels(y)).mul(upstream).sum(false);
            List<Parameter> trained =
                    dit.params().all().stream().filter(Parameter::trained).toList();
            List<Tensor> wrt = new ArrayList<>(List.of(x));
            trained.forEach(p -> wrt.add(p.on(x)));
            List<Tensor> gradients = Gradients.of(r, loss, wrt);
            r.output("out.loss", loss);
            r.output("grad.x", gradients.getFirst());
            for (int i = 0; i < trained.size(); i++) {
                r.output("grad.param." + trained.get(i).name(), gradients.get(i + 1));
            }
            try (Player player = device.load(r.program(), weights(path, dit))) {
                player.set("x", io.array("in.x"));
                player.set("t", floats(io.longs("in.t")));
                player.set("y", io.ints("in.y")).run();
                io.names().stream()
                        .filter(name -> name.startsWith("grad.") || name.equals("out.loss"))
                        .forEach(name -> golden.check(name, player.get(name)));
            }
        }
    }
}
