package org.vortexel.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.vortexel.checkpoint.Golden;
import org.vortexel.tensor.NdArray;

/// DiT's diffusion package: schedules, respacing, noising, and every sampling step whose predicted picture is stored,
/// all
/// without the network.
class DitDiffusionGoldenTest {
    private static final double TABLES = 1e-9;

    @Test
    void schedulesAndRespacedSchedulesMatch() {
        for (Path path : Golden.files("dit", "dit_diffusion*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                int steps = golden.about().at("/config/diffusion_steps").asInt();
                for (String name : golden.file().names()) {
                    String[] part = name.split("/");
                    if (part[0].equals("tables")) {
                        table(golden, name, part[2], schedule(part[1], steps));
                    } else if (part[0].equals("respaced") && !part[2].equals("timestep_map")) {
                        int[] kept = whole(golden, "respaced/" + part[1] + "/timestep_map");
                        table(golden, name, part[2], schedule(part[1], steps).respaced(kept));
                    }
                }
            }
        }
    }

    @Test
    void respacingKeepsTheSameSteps() {
        for (Path path : Golden.files("dit", "dit_diffusion*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                int steps = golden.about().at("/config/diffusion_steps").asInt();
                for (String name : golden.file().names()) {
                    if (name.startsWith("space_timesteps/")) {
                        String asked = name.substring(name.indexOf('/') + 1);
                        int[] got = asked.startsWith("ddim")
                                ? Spacing.strided(steps, Integer.parseInt(asked.substring(4)))
                                : Spacing.respaced(
                                        steps,
                                        Arrays.stream(asked.split("_"))
                                                .mapToInt(Integer::parseInt)
                                                .toArray());
                        assertArrayEquals(whole(golden, name), got, name);
                    } else if (name.endsWith("/timestep_map")) {
                        int[] wanted = whole(golden, name);
                        assertArrayEquals(wanted, Spacing.respaced(steps, wanted.length), name);
                    }
                }
            }
        }
    }

    @Test
    void noisingMatches() {
        for (Path path : Golden.files("dit", "dit_diffusion*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                int steps = golden.about().at("/config/diffusion_steps").asInt();
                for (String name : golden.file().names()) {
                    if (name.endsWith("/out.x_t")) {
                        String group = name.substring(0, name.indexOf('/'));
                        double[] times = LongStream.of(golden.file().longs(group + "/in.t"))
                                .asDoubleStream()
                                .toArray();
                        Noising noising = Noising.of(
                                VariancePreserving.linear(steps),
                                Prediction.EPSILON,
                                golden.file().array(group + "/in.x0"),
                                golden.file().array(group + "/in.noise"),
                                new Timesteps.Shared(times));
                        golden.check(name, noising.x());
                        assertEquals(golden.file().array(group + "/in.noise"), noising.target());
                    }
                }
            }
        }
    }

    /// Where the file stores the predicted picture of a step, DDIM's step is fully known; so is the last one of DDPM.
    @Test
    void stepsFromStoredPredictionsMatch() {
        for (Path path : Golden.files("dit", "dit_diffusion*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                for (Map.Entry<String, JsonNode> run :
                        golden.about().path("trajectories").properties()) {
                    steps(golden, run.getKey(), run.getValue());
                }
            }
        }
    }

    private static void steps(Golden golden, String name, JsonNode about) {
        int steps = golden.about().at("/config/diffusion_steps").asInt();
        VariancePreserving schedule =
                schedule(about.path("noise_schedule").asText(), steps).spaced(new Spacing.Respaced());
        boolean ddim = about.path("kind").asText().equals("ddim");
        Sampler sampler = ddim ? new Ddim(about.path("eta").asDouble()) : new Ddpm(Ddpm.Variance.SMALL);
        for (Interval interval : sampler.timesteps(schedule, about.path("steps").asInt())) {
            int s = interval.index();
            if (golden.file().names().contains(name + "/x0." + s) && (ddim || interval.last())) {
                NdArray x = golden.file().array(s == 0 ? "in.x_T" : name + "/x." + (s - 1));
                NdArray x0 = golden.file().array(name + "/x0." + s);
                Estimate estimate = Estimate.of(Prediction.X0, x, x0, interval.from(), Clip.NONE);
                golden.check(
                        name + "/x." + s,
                        sampler.step(
                                        List.of(),
                                        x,
                                        estimate,
                                        interval,
                                        () -> golden.file().array("noise." + s))
                                .x());
            }
        }
    }

    private static void table(Golden golden, String name, String kind, VariancePreserving schedule) {
        IntToDoubleFunction entry = switch (kind) {
            case "betas" -> schedule::beta;
            case "alphas_cumprod" -> schedule::alphaBar;
            case "posterior_variance" -> i -> schedule.posterior(i).variance();
            case "posterior_mean_coef1" -> i -> schedule.posterior(i).meanX0();
            case "posterior_mean_coef2" -> i -> schedule.posterior(i).meanX();
            case "posterior_log_variance_clipped" ->
                i -> Math.log(schedule.posterior(Math.max(1, i)).variance());
            default -> throw new IllegalArgumentException("no table " + name);
        };
        double[] wanted = golden.file().doubles(name);
        assertEquals(wanted.length, schedule.steps(), name);
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], entry.applyAsDouble(i), TABLES * Math.abs(wanted[i]), name + " " + i);
        }
    }

    private static VariancePreserving schedule(String name, int steps) {
        return switch (name) {
            case "linear" -> VariancePreserving.linear(steps);
            case "squaredcos_cap_v2" -> VariancePreserving.cosine(steps);
            default -> throw new IllegalArgumentException("no schedule " + name);
        };
    }

    private static int[] whole(Golden golden, String name) {
        return LongStream.of(golden.file().longs(name))
                .mapToInt(Math::toIntExact)
                .toArray();
    }
}
