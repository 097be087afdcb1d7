package org.vortexel.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.tensor.NdArray;

/// Every scheduler configuration of the reference file, step by step, on its analytic model
/// `m = 0.3 x_in + 0.1 sin(t / 100)`.
///
/// The reference keeps Euler's `x` at k-diffusion's scale, `x / alpha`, and rescales it for the network; ours
/// is always at the network's scale, so it is divided by `alpha` before it is compared.
class SamplersGoldenTest {
    /// What the scheduler's configuration means here.
    private record Case(
            Sampler sampler, TimeGrid grid, double prior, Prediction prediction, Clip clip, boolean scaled) {}

    @TestFactory
    Stream<DynamicTest> everyConfigurationMatches() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path path : Golden.files("samplers", "samplers*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                for (Map.Entry<String, JsonNode> entry :
                        golden.about().path("cases").properties()) {
                    tests.add(dynamicTest(entry.getKey(), () -> check(path, entry.getKey(), entry.getValue())));
                }
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> alphaBarsMatch() {
        return Golden.files("samplers", "samplers*.io.safetensors").stream()
                .map(path -> dynamicTest(path.getFileName().toString(), () -> {
                    try (Golden golden = Golden.open(path)) {
                        for (String name : golden.file().names()) {
                            if (name.startsWith("alphas_cumprod/")) {
                                String kind = name.substring(name.indexOf('/') + 1);
                                int steps = golden.file().shape(name).size();
                                NdArray got = NdArray.zeros(golden.file().shape(name));
                                VariancePreserving schedule = betas(sameBetas(golden.about(), kind));
                                for (int i = 0; i < steps; i++) {
                                    got.data()[i] = (float) schedule.alphaBar(i);
                                }
                                check(golden, name, got);
                            }
                        }
                    }
                }));
    }

    /// `add_noise` and `get_velocity` of a scheduler whose betas the file does not name: those of its only table.
    @Test
    void noisingAndItsVelocityMatch() {
        for (Path path : Golden.files("samplers", "samplers*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                String kind = golden.file().names().stream()
                        .filter(name -> name.startsWith("alphas_cumprod/"))
                        .map(name -> name.substring(name.indexOf('/') + 1))
                        .findFirst()
                        .orElseThrow();
                double[] times = Arrays.stream(golden.file().longs("add_noise/in.t"))
                        .asDoubleStream()
                        .toArray();
                Noising noising = Noising.of(
                        betas(sameBetas(golden.about(), kind)),
                        Prediction.V,
                        golden.file().array("add_noise/in.x"),
                        golden.file().array("add_noise/in.noise"),
                        new Timesteps.Shared(times));
                check(golden, "add_noise/out.y", noising.x());
                check(golden, "add_noise/out.velocity", noising.target());
            }
        }
    }

    private static void check(Path path, String name, JsonNode about) {
        try (Golden golden = Golden.open(path)) {
            int count = about.path("set_timesteps")
                    .path("num_inference_steps")
                    .asInt(golden.about().at("/config/num_inference_steps").asInt());
            Case run = read(about, count);
            TimeGrid grid = run.grid();
            assertEquals(about.path("calls").asInt(), grid.count(), "calls");
            checkTimes(golden, name, grid);
            checkSigmas(golden, name, run);

            NdArray x = golden.file().array("in.noise").copy();
            for (int i = 0; i < x.data().length; i++) {
                x.data()[i] *= (float) run.prior();
            }
            check(golden, name + "/x.0", scaled(x, grid.level(0), run));
            List<Sampler.Past> past = List.of();
            for (Interval interval : grid) {
                int index = interval.index();
                NdArray m = model(x, grid.time(index));
                if (golden.file().names().contains(name + "/m." + index)) {
                    check(golden, name + "/m." + index, m);
                }
                Estimate estimate = Estimate.of(run.prediction(), x, m, interval.from(), run.clip());
                Sampler.Step step = run.sampler()
                        .step(past, x, estimate, interval, () -> golden.file().array("noise." + index));
                x = step.x();
                past = step.past();
                String key = name + "/x." + (index + 1);
                if (golden.file().names().contains(key)) {
                    check(golden, key, scaled(x, interval.to().of(0), run));
                }
            }
        }
    }

    /// Whole times must be exact; fractional ones come from float32 tables of logarithms in the reference.
    private static void checkTimes(Golden golden, String name, TimeGrid grid) {
        String key = name + "/timesteps";
        boolean whole = golden.file().info(key).dtype() == StorageType.I64;
        assertEquals(golden.file().shape(key).size(), grid.count(), key);
        for (int i = 0; i < grid.count(); i++) {
            double wanted = whole ? golden.file().longs(key)[i] : golden.file().floats(key)[i];
            assertEquals(wanted, grid.time(i), whole ? 0 : 2e-3, key + " " + i);
        }
    }

    private static void checkSigmas(Golden golden, String name, Case run) {
        String key = name + "/sigmas";
        if (golden.file().names().contains(key)) {
            NdArray got = NdArray.zeros(golden.file().shape(key));
            assertEquals(got.data().length, run.grid().count() + 1, key);
            for (int i = 0; i < got.data().length; i++) {
                NoiseLevel level = run.grid().level(i);
                boolean flow = run.prediction() == Prediction.VELOCITY;
                got.data()[i] = (float) (flow ? level.sigma() : level.ratio());
            }
            check(golden, key, got);
        }
    }

    private static NdArray model(NdArray x, double time) {
        NdArray m = NdArray.zeros(x.shape());
        for (int i = 0; i < m.data().length; i++) {
            m.data()[i] = (float) (0.3 * x.data()[i] + 0.1 * Math.sin(time / 100));
        }
        return m;
    }

    private static NdArray scaled(NdArray x, NoiseLevel level, Case run) {
        NdArray scaled = x.copy();
        if (run.scaled()) {
            for (int i = 0; i < scaled.data().length; i++) {
                scaled.data()[i] = (float) (x.data()[i] / level.alpha());
            }
        }
        return scaled;
    }

    private static void check(Golden golden, String name, NdArray got) {
        JsonNode tolerance = golden.about().at("/tensors").path(name).path("tol_rel");
        golden.check(name, tolerance.asDouble(2e-6), got);
    }

    private static Case read(JsonNode about, int count) {
        JsonNode config = about.path("config");
        return switch (about.path("class").asText()) {
            case "DDIMScheduler" -> {
                VariancePreserving schedule = schedule(config, 0, true, "leading", false)
                        .ending(
                                config.path("set_alpha_to_one").asBoolean(true)
                                        ? VariancePreserving.Ending.CLEAN
                                        : VariancePreserving.Ending.FIRST_STEP);
                Clip clip = config.path("clip_sample").asBoolean(true) ? Clip.X0 : Clip.NONE;
                yield run(new Ddim(about.at("/step/eta").asDouble(0), true), schedule, count, config, clip, false);
            }
            case "DPMSolverMultistepScheduler" -> {
                boolean stochastic =
                        config.path("algorithm_type").asText("dpmsolver++").startsWith("sde");
                DpmSolver.Order2 order2 =
                        config.path("solver_type").asText("midpoint").equals("heun")
                                ? DpmSolver.Order2.HEUN
                                : DpmSolver.Order2.MIDPOINT;
                yield run(new DpmSolver(stochastic, order2), multistep(config), count, config, Clip.NONE, false);
            }
            case "EulerDiscreteScheduler" ->
                run(new Euler(), schedule(config, 0x1p-24, false, "linspace", false), count, config, Clip.NONE, true);
            case "UniPCMultistepScheduler" -> {
                UniPc.Basis basis =
                        config.path("solver_type").asText("bh2").equals("bh1") ? UniPc.Basis.BH1 : UniPc.Basis.BH2;
                UniPc sampler = new UniPc(config.path("solver_order").asInt(2), basis);
                if (!config.path("use_flow_sigmas").asBoolean(false)) {
                    yield run(sampler, multistep(config), count, config, Clip.NONE, false);
                }
                RectifiedFlow flow =
                        flow(config).shifted(config.path("flow_shift").asDouble(1));
                double[] even = VariancePreserving.linspace(1, 1.0 / flow.steps(), count + 1);
                TimeGrid grid = UniPc.awayFromNoise(flow, flow.grid(Arrays.copyOf(even, count)));
                yield new Case(sampler, wholeTimes(grid), 1, Prediction.VELOCITY, Clip.NONE, false);
            }
            case "FlowMatchEulerDiscreteScheduler" -> {
                RectifiedFlow flow = flow(config);
                JsonNode sigmas = about.at("/set_timesteps/sigmas");
                double[] t = flow.evenAboveFirstStep(count);
                if (sigmas.isArray()) {
                    t = new double[sigmas.size()];
                    for (int i = 0; i < t.length; i++) {
                        t[i] = sigmas.get(i).asDouble();
                    }
                }
                if (config.path("use_dynamic_shifting").asBoolean(false)) {
                    flow = flow.shifted(Math.exp(about.at("/set_timesteps/mu").asDouble()));
                }
                Euler euler = new Euler();
                TimeGrid grid = flow.grid(t);
                yield new Case(euler, grid, euler.priorScale(flow, grid), Prediction.VELOCITY, Clip.NONE, false);
            }
            case "FlowMatchHeunDiscreteScheduler" -> {
                RectifiedFlow flow = flow(config);
                TimeGrid grid = Heun.twice(flow.grid(flow.evenAboveFirstStep(count)));
                yield new Case(new Heun(), grid, 1, Prediction.VELOCITY, Clip.NONE, false);
            }
            default -> throw new IllegalArgumentException("no sampler for " + about.path("class"));
        };
    }

    private static Case run(
            Sampler sampler, VariancePreserving schedule, int count, JsonNode config, Clip clip, boolean scaled) {
        TimeGrid grid = sampler.timesteps(schedule, count);
        Prediction prediction = switch (config.path("prediction_type").asText("epsilon")) {
            case "epsilon" -> Prediction.EPSILON;
            case "v_prediction" -> Prediction.V;
            case "sample" -> Prediction.X0;
            default -> throw new IllegalArgumentException("no prediction " + config.path("prediction_type"));
        };
        return new Case(sampler, grid, sampler.priorScale(schedule, grid), prediction, clip, scaled);
    }

    private static RectifiedFlow flow(JsonNode config) {
        int steps = config.path("num_train_timesteps").asInt(1000);
        return new RectifiedFlow(steps, config.path("shift").asDouble(1));
    }

    private static VariancePreserving multistep(JsonNode config) {
        return schedule(config, 0x1p-24, true, "linspace", true);
    }

    private static VariancePreserving schedule(
            JsonNode config, double lastAlphaBar, boolean whole, String usualSpacing, boolean spare) {
        VariancePreserving schedule = betas(config);
        if (config.path("rescale_betas_zero_snr").asBoolean(false)) {
            schedule = schedule.withLastAlphaBar(lastAlphaBar);
        }
        if (config.path("final_sigmas_type").asText("zero").equals("sigma_min")) {
            schedule = schedule.ending(VariancePreserving.Ending.FIRST_STEP);
        }
        Spacing spacing = switch (config.path("timestep_spacing").asText(usualSpacing)) {
            case "leading" -> new Spacing.Leading(config.path("steps_offset").asInt(0), spare);
            case "trailing" -> new Spacing.Trailing();
            case "linspace" -> new Spacing.Linspace(whole, spare);
            default -> throw new IllegalArgumentException("no spacing " + config.path("timestep_spacing"));
        };
        if (config.path("use_karras_sigmas").asBoolean(false)) {
            spacing = new Spacing.Karras(spare ? new Spacing.Linspace(true, false) : spacing, whole);
        }
        return schedule.spaced(spacing);
    }

    private static VariancePreserving betas(JsonNode config) {
        int steps = config.path("num_train_timesteps").asInt(1000);
        double first = config.path("beta_start").asDouble(1e-4);
        double last = config.path("beta_end").asDouble(0.02);
        return switch (config.path("beta_schedule").asText("linear")) {
            case "linear" -> VariancePreserving.linear(steps, first, last);
            case "scaled_linear" -> VariancePreserving.scaledLinear(steps, first, last);
            case "squaredcos_cap_v2" -> VariancePreserving.cosine(steps);
            default -> throw new IllegalArgumentException("no betas " + config.path("beta_schedule"));
        };
    }

    /// The configuration of any case with this kind of betas, unaltered.
    private static JsonNode sameBetas(JsonNode about, String kind) {
        for (JsonNode one : about.path("cases")) {
            JsonNode config = one.path("config");
            if (config.path("beta_schedule").asText("linear").equals(kind) && config.has("beta_start")) {
                return config;
            }
        }
        throw new IllegalArgumentException("no case has the betas " + kind);
    }

    /// The reference stores the times of this scheduler as whole numbers, cut off.
    private static TimeGrid wholeTimes(TimeGrid grid) {
        return new TimeGrid(grid.intervals().stream()
                .map(i -> new Interval(
                        i.index(),
                        i.count(),
                        new Timesteps.Shared(Math.floor(i.timesteps().max())),
                        i.from(),
                        i.to()))
                .toList());
    }
}
