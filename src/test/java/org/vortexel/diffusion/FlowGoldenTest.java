package org.vortexel.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.vortexel.checkpoint.Golden;
import org.vortexel.tensor.NdArray;

/// Rectified flow: grids with static and dynamic shift, sampling with a small network, training times, loss
/// weights and noising. Tolerances are those of the file: 1e-6 for sigmas, 1e-3 for times, 2e-5 of the largest
/// for samples.
class FlowGoldenTest {
    private static final int STEPS = 1000;
    private static final String NUMBER = "(-?[0-9.]+)";

    @Test
    void gridsOfStaticShiftMatch() {
        each("(euler|heun)[.]S([0-9]+)[.]shift" + NUMBER + "[.](sigmas|timesteps)", (golden, name) -> {
            TimeGrid grid = grid(name.group(1), Integer.parseInt(name.group(2)), Double.parseDouble(name.group(3)));
            float[] wanted = golden.file().floats(name.group());
            boolean sigmas = name.group(4).equals("sigmas");
            assertEquals(wanted.length, sigmas ? grid.count() + 1 : grid.count(), name.group());
            for (int i = 0; i < wanted.length; i++) {
                double got = sigmas ? grid.level(i).sigma() : grid.time(i);
                assertEquals(wanted[i], got, sigmas ? 1e-6 : 1e-3, name.group());
            }
        });
    }

    @Test
    void gridsOfDynamicShiftMatch() {
        each("dyn[.](exponential|linear)[.]S([0-9]+)[.]mu" + NUMBER + "[.]sigmas", (golden, name) -> {
            double mu = Double.parseDouble(name.group(3));
            double shift = name.group(1).equals("linear") ? mu : Math.exp(mu);
            sigmas(golden, name.group(), new RectifiedFlow(STEPS, shift).grid(Integer.parseInt(name.group(2))));
        });
    }

    @Test
    void gridsStretchedToATerminalSigmaMatch() {
        each("terminal" + NUMBER + "[.]S([0-9]+)[.]shift" + NUMBER + "[.]sigmas", (golden, name) -> {
            RectifiedFlow flow = new RectifiedFlow(STEPS, Double.parseDouble(name.group(3)));
            double[] even = flow.evenAboveFirstStep(Integer.parseInt(name.group(2)));
            sigmas(golden, name.group(), flow.gridEndingAt(Double.parseDouble(name.group(1)), even));
        });
    }

    @Test
    void shiftMatches() {
        each("shift[.]" + NUMBER, (golden, name) -> {
            RectifiedFlow flow = new RectifiedFlow(STEPS, Double.parseDouble(name.group(1)));
            double[] t = golden.file().doubles("shift.t");
            double[] wanted = golden.file().doubles(name.group());
            for (int i = 0; i < t.length; i++) {
                assertEquals(wanted[i], flow.shift(t[i]), 1e-12, name.group());
            }
        });
    }

    @Test
    void samplesMatch() {
        each("sample[.](euler|heun)[.]S([0-9]+)[.]shift" + NUMBER + "[.]x", (golden, name) -> {
            boolean heun = name.group(1).equals("heun");
            TimeGrid grid = grid(name.group(1), Integer.parseInt(name.group(2)), Double.parseDouble(name.group(3)));
            Sampler sampler = heun ? new Heun() : new Euler();
            DiffusionLoop loop =
                    new DiffusionLoop(new RectifiedFlow(STEPS, 1), Prediction.VELOCITY, Clip.NONE, sampler);
            NdArray wanted = golden.file().array(name.group());
            int kept = wanted.shape().dim(0); // the last states, all or only one
            Path weights = Golden.files("flow", "flow*.weights.safetensors").getFirst();
            try (Golden net = Golden.open(weights)) {
                ConvNet network = new ConvNet(net);
                NdArray noise = golden.file().array("x_init");
                NdArray x = noise;
                for (DiffusionStep step : loop.along(grid, network, noise, index -> noise)) {
                    int index = step.interval().index() - (grid.count() - kept);
                    if (index >= 0) {
                        float[] state = wanted.rows(index, index + 1).data();
                        Golden.close(name.group() + " " + index, state, step.x().data(), 2e-5 * largest(state));
                    }
                    x = step.x();
                }
                double[] exactly = golden.file().doubles(name.group() + "_final_f64");
                float[] exact = new float[exactly.length];
                for (int i = 0; i < exact.length; i++) {
                    exact[i] = (float) exactly[i];
                }
                Golden.close(name.group() + " in double", exact, x.data(), 2e-5 * largest(exact));
            }
        });
    }

    @Test
    void trainingTimesMatch() {
        each("logit_normal[.]m" + NUMBER + "[.]s" + NUMBER + "[.]t", (golden, name) -> {
            TimeSampling.LogitNormal sampling =
                    new TimeSampling.LogitNormal(Double.parseDouble(name.group(1)), Double.parseDouble(name.group(2)));
            float[] normal = golden.file().floats(name.group().replaceAll("t$", "n_standard"));
            float[] wanted = golden.file().floats(name.group());
            for (int i = 0; i < wanted.length; i++) {
                assertEquals(wanted[i], sampling.at(normal[i]), 1e-6, name.group());
            }
        });
        each("mode[.]s" + NUMBER + "[.]t", (golden, name) -> {
            TimeSampling.Mode sampling = new TimeSampling.Mode(Double.parseDouble(name.group(1)));
            float[] uniform = golden.file().floats("mode.u");
            float[] wanted = golden.file().floats(name.group());
            for (int i = 0; i < wanted.length; i++) {
                assertEquals(wanted[i], sampling.at(uniform[i]), 1e-6, name.group());
            }
        });
    }

    @Test
    void lossWeightsMatch() {
        each("weight[.](none|sigma_sqrt|cosmap)", (golden, name) -> {
            LossWeight weight = switch (name.group(1)) {
                case "sigma_sqrt" -> LossWeight.INVERSE_SQUARE;
                case "cosmap" -> LossWeight.COSINE_MAP;
                default -> LossWeight.UNIFORM;
            };
            float[] sigma = golden.file().floats("weight.sigma");
            float[] wanted = golden.file().floats(name.group());
            for (int i = 0; i < wanted.length; i++) {
                assertEquals(wanted[i], weight.at(sigma[i]), 2e-6 * wanted[i], name.group());
            }
        });
    }

    @Test
    void noisingMatches() {
        each("noise[.]x_t", (golden, name) -> {
            float[] time = golden.file().floats("noise.timestep");
            double[] times = new double[time.length];
            for (int i = 0; i < times.length; i++) {
                times[i] = time[i];
            }
            Noising noising = Noising.of(
                    new RectifiedFlow(STEPS, 1),
                    Prediction.VELOCITY,
                    golden.file().array("noise.x"),
                    golden.file().array("noise.eps"),
                    new Timesteps.Shared(times));
            golden.check("noise.x_t", 2e-6, noising.x());
            golden.check("noise.target_v", 2e-6, noising.target());
        });
    }

    private static TimeGrid grid(String kind, int count, double shift) {
        RectifiedFlow flow = new RectifiedFlow(STEPS, shift);
        TimeGrid grid = flow.grid(flow.evenAboveFirstStep(count));
        return kind.equals("heun") ? Heun.twice(grid) : grid;
    }

    private static void sigmas(Golden golden, String name, TimeGrid grid) {
        float[] wanted = golden.file().floats(name);
        assertEquals(wanted.length, grid.count() + 1, name);
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], grid.level(i).sigma(), 1e-6, name);
        }
    }

    private static double largest(float... values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /// Every tensor whose whole name has the form; the file must have at least one.
    private static void each(String form, BiConsumer<Golden, Matcher> check) {
        for (Path path : Golden.files("flow", "flow*.io.safetensors")) {
            try (Golden golden = Golden.open(path)) {
                List<Matcher> found = golden.file().names().stream()
                        .map(Pattern.compile(form)::matcher)
                        .filter(Matcher::matches)
                        .toList();
                assertEquals(false, found.isEmpty(), "no tensor is named " + form);
                found.forEach(name -> check.accept(golden, name));
            }
        }
    }

    /// `v(x, t) = 0.5 c2(silu(c1(x) + t / 1000)) - 0.3 x`, with 3 by 3 convolutions.
    private record ConvNet(Golden weights) implements GuidedDenoiser {
        @Override
        public NdArray predict(NdArray x, Timesteps timesteps) {
            NdArray hidden = convolve(x, "c1");
            for (int i = 0; i < hidden.data().length; i++) {
                double h = hidden.data()[i] + timesteps.max() / STEPS;
                hidden.data()[i] = (float) (h / (1 + Math.exp(-h)));
            }
            NdArray out = convolve(hidden, "c2");
            for (int i = 0; i < out.data().length; i++) {
                out.data()[i] = (float) (0.5 * out.data()[i] - 0.3 * x.data()[i]);
            }
            return out;
        }

        private NdArray convolve(NdArray x, String layer) {
            NdArray weight = weights.file().array(layer + ".weight");
            float[] bias = weights.file().floats(layer + ".bias");
            int height = x.shape().dim(2);
            int width = x.shape().dim(3);
            NdArray out = NdArray.zeros(x.shape().with(1, bias.length));
            int i = 0;
            for (int n = 0; n < x.shape().dim(0); n++) {
                for (int o = 0; o < bias.length; o++) {
                    for (int y = 0; y < height; y++) {
                        for (int z = 0; z < width; z++) {
                            double sum = bias[o];
                            for (int c = 0; c < x.shape().dim(1); c++) {
                                for (int k = 0; k < 9; k++) {
                                    int row = y + k / 3 - 1;
                                    int column = z + k % 3 - 1;
                                    if (row >= 0 && row < height && column >= 0 && column < width) {
                                        sum += (double) weight.get(o, c, k / 3, k % 3) * x.get(n, c, row, column);
                                    }
                                }
                            }
                            out.data()[i++] = (float) sum;
                        }
                    }
                }
            }
            return out;
        }
    }
}
