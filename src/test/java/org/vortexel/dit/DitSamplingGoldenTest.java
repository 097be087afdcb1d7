package org.vortexel.dit;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Device;
import org.vortexel.device.TestDevice;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Ddim;
import org.vortexel.diffusion.Ddpm;
import org.vortexel.diffusion.DiffusionLoop;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.Sampler;
import org.vortexel.diffusion.Spacing;
import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// facebookresearch/DiT sampling with its network: every trajectory of the file, DDPM with learnt variance and
/// DDIM, step by step with the recorded noise.
class DitSamplingGoldenTest {
    @TestFactory
    Stream<DynamicTest> trajectoriesEqualTheReference() {
        return Golden.files("dit", "dit_diffusion*.io.safetensors").stream().flatMap(path -> {
            try (Golden golden = Golden.open(path)) {
                return golden.about().path("trajectories").properties().stream()
                        .map(run -> DynamicTest.dynamicTest(run.getKey(), () -> check(path, run)));
            }
        });
    }

    private static void check(Path path, Map.Entry<String, JsonNode> run) {
        JsonNode about = run.getValue();
        Sampler sampler = about.path("kind").asText().equals("ddim")
                ? new Ddim(about.path("eta").asDouble())
                : new Ddpm(Ddpm.Variance.LEARNT);
        Clip clip = about.path("clip_denoised").asBoolean() ? Clip.X0_AND_NOISE : Clip.NONE;
        try (Golden golden = Golden.open(path);
                Golden model = Golden.open(Golden.sibling(path, "_diffusion", ""));
                Device device = TestDevice.of(2)) {
            int steps = golden.about().at("/config/diffusion_steps").asInt();
            VariancePreserving schedule = switch (about.path("noise_schedule").asText()) {
                case "linear" -> VariancePreserving.linear(steps);
                default -> VariancePreserving.cosine(steps);
            };
            schedule = schedule.spaced(new Spacing.Respaced());
            Dit dit = DitGoldenTest.dit(model.about().path("config"));
            Condition labels = new Condition.Label(Arrays.stream(golden.file().longs("in.y"))
                    .mapToInt(Math::toIntExact)
                    .toArray());
            NdArray start = golden.file().array("in.x_T");
            DiffusionLoop loop = new DiffusionLoop(schedule, Prediction.EPSILON, clip, sampler);
            try (DitDenoiser denoiser = new DitDenoiser(device, dit, weights(path, dit))) {
                for (DiffusionStep step : loop.along(
                        sampler.timesteps(schedule, about.path("steps").asInt()),
                        (x, timesteps) -> denoiser.predict(x, timesteps, labels),
                        start,
                        index -> golden.file().array("noise." + index))) {
                    int index = step.interval().index();
                    golden.check(run.getKey() + "/x." + index, step.x());
                    if (golden.file().names().contains(run.getKey() + "/x0." + index)) {
                        golden.check(run.getKey() + "/x0." + index, step.x0());
                    }
                }
            }
        }
    }

    private static Weights weights(Path path, Dit dit) {
        try (SafeTensors file = SafeTensors.open(Golden.sibling(path, "_diffusion.io", ".weights"))) {
            return file.exactly(dit.params().shapes());
        }
    }
}
