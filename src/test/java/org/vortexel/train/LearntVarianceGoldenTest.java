package org.vortexel.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Noising;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitGoldenTest;
import org.vortexel.nn.Parameter;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// facebookresearch/DiT `training_losses` through its network: both terms for every picture, and the gradients
/// that the file holds.
class LearntVarianceGoldenTest {
    private static final String NOISED = "/out.x_t";
    private static final String GRADIENT = "/grad.param.";

    @TestFactory
    Stream<DynamicTest> lossesAndGradientsEqualTheReference() {
        return Golden.files("dit", "dit_diffusion*.io.safetensors").stream()
                .flatMap(path -> groups(path).stream()
                        .flatMap(group -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                                .map(device -> DynamicTest.dynamicTest(group + " on " + device.describe(), () -> {
                                    try (device) {
                                        check(path, group, device);
                                    }
                                }))));
    }

    private static List<String> groups(Path path) {
        try (SafeTensors file = SafeTensors.open(path)) {
            return file.names().stream()
                    .filter(name -> name.endsWith(NOISED))
                    .map(name -> name.substring(0, name.length() - NOISED.length()))
                    .toList();
        }
    }

    private static void check(Path path, String group, Device device) {
        try (Golden golden = Golden.open(path);
                Golden model = Golden.open(Golden.sibling(path, "_diffusion", ""));
                SafeTensors stored = SafeTensors.open(Golden.sibling(path, "_diffusion.io", ".weights"))) {
            Dit dit = DitGoldenTest.dit(model.about().path("config"));
            Weights weights = stored.exactly(dit.params().shapes());
            NdArray clean = golden.file().array(group + "/in.x0");
            NdArray noise = golden.file().array(group + "/in.noise");
            int[] steps = LongStream.of(golden.file().longs(group + "/in.t"))
                    .mapToInt(Math::toIntExact)
                    .toArray();
            double[] times = LongStream.of(golden.file().longs(group + "/in.t"))
                    .asDoubleStream()
                    .toArray();
            VariancePreserving schedule = VariancePreserving.linear(
                    golden.about().at("/config/diffusion_steps").asInt());
            NdArray noisy = Noising.of(schedule, Prediction.EPSILON, clean, noise, new Timesteps.Shared(times))
                    .x();

            Recorder r = new Recorder();
            Tensor x = r.constant(noisy);
            Tensor labels = r.ids("y", golden.file().shape(group + "/in.y"));
            Tensor time = r.constant(NdArray.of(golden.file().shape(group + "/in.t"), floats(times)));
            LearntVariance loss = LearntVariance.of(
                    dit.forward(x, time, new Dit.Labels(labels)),
                    r.constant(clean),
                    r.constant(noise),
                    r.constant(LearntVariance.numbers(schedule, steps)));
            List<String> wanted = new ArrayList<>(List.of(group + "/out.mse", group + "/out.vb", group + "/out.loss"));
            r.output(wanted.get(0), loss.error());
            r.output(wanted.get(1), loss.bound());
            r.output(wanted.get(2), loss.total());
            List<Parameter> asked = dit.params().all().stream()
                    .filter(p -> golden.file().names().contains(group + GRADIENT + p.name()))
                    .toList();
            List<Tensor> gradients = Gradients.of(
                    r,
                    loss.total().mean(false),
                    asked.stream().map(p -> p.on(x)).toList());
            for (int i = 0; i < asked.size(); i++) {
                wanted.add(group + GRADIENT + asked.get(i).name());
                r.output(wanted.getLast(), gradients.get(i));
            }
            try (Player player = device.load(r.program(), weights)) {
                player.set("y", golden.file().ints(group + "/in.y")).run();
                wanted.forEach(name -> golden.check(name, player.get(name)));
            }
        }
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
