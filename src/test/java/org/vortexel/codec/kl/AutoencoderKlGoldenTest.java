package org.vortexel.codec.kl;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// `AutoencoderKL` of diffusers with random weights: moments, pictures, blocks and gradients.
class AutoencoderKlGoldenTest {
    @TestFactory
    Stream<DynamicTest> everythingEqualsTheReference() {
        return Golden.files("autoencoder_kl", "*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device) {
                                check(path, device);
                            }
                        })));
    }

    private static void check(Path path, Device device) {
        try (Golden golden = Golden.open(path);
                SafeTensors file = SafeTensors.open(Golden.sibling(path, ".io.", ".weights."))) {
            JsonNode config = golden.about().path("config");
            List<Integer> channels = new ArrayList<>();
            config.path("block_out_channels").forEach(c -> channels.add(c.asInt()));
            AutoencoderKl model = new AutoencoderKl(new KlConfig(
                    config.path("latent_channels").asInt(),
                    channels,
                    config.path("layers_per_block").asInt(),
                    config.path("norm_num_groups").asInt(),
                    true));
            Weights weights = new Weights(file.exactly(model.params().shapes()).asMap());
            Recorder r = new Recorder();
            Tensor x = r.input("in.x", golden.file().array("in.x").shape());
            Tensor z = r.input("in.z", golden.file().array("in.z").shape());
            Tensor moments = model.moments(x, (name, tensor) -> see(r, golden, name, tensor));
            Gaussian gaussian = Gaussian.of(moments);
            Tensor y = model.decode(z, (name, tensor) -> see(r, golden, name, tensor));
            r.output("out.moments", moments);
            r.output("out.mean", gaussian.mean());
            r.output("out.logvar", gaussian.logVariance());
            r.output("out.std", gaussian.deviation());
            r.output("out.y", y);
            List<Parameter> parameters = model.params().all();
            List<Tensor> wrt =
                    new ArrayList<>(parameters.stream().map(p -> p.on(x)).toList());
            wrt.add(x);
            wrt.add(z);
            List<Tensor> slopes = Gradients.of(
                    r,
                    List.of(y, moments),
                    List.of(
                            r.constant(golden.file().array("gout.y")),
                            r.constant(golden.file().array("gout.moments"))),
                    wrt);
            for (int i = 0; i < parameters.size(); i++) {
                r.output("grad.param." + parameters.get(i).name(), slopes.get(i));
            }
            r.output("grad.x", slopes.get(parameters.size()));
            r.output("grad.z", slopes.getLast());
            Program program = r.program();
            try (Player player = device.load(program, weights)) {
                player.set("in.x", golden.file().array("in.x"))
                        .set("in.z", golden.file().array("in.z"));
                player.run();
                for (String name : golden.file().names()) {
                    if (!name.startsWith("in.") && !name.startsWith("gout.")) {
                        NdArray got = player.get(name);
                        golden.check(name, got);
                    }
                }
            }
        }
    }

    private static void see(Recorder r, Golden golden, String name, Tensor tensor) {
        if (golden.file().names().contains("mid/" + name)) {
            r.output("mid/" + name, tensor);
        }
    }
}
