package org.vortexel.diffusion.asyn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Ddim;
import org.vortexel.diffusion.Estimate;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.NoiseLevels;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.VariancePreserving;
import org.vortexel.nn.Params;
import org.vortexel.nn.TimeEmbedding;
import org.vortexel.nn.TimedResNetBlock;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// AsynDM against its reference code: times, masks, whole walks, the update of pixels, and a residual block that is
/// told a map of times (the last on plain and on tuned kernels).
class AsynGoldenTest {
    private static final double HALF = 2e-3;

    @Test
    void runsOfTimesMatch() {
        Pattern form = Pattern.compile("run[.]S(\\d+)[.]Y(\\d+)[.]tau(\\d+)[.](linear|bin|lin|exp)[.]w([0-9.]+?)");
        for (Golden golden : open("asyndm_maps*.io.safetensors")) {
            int compared = 0;
            for (String name : golden.file().names()) {
                Matcher run = form.matcher(name);
                if (run.matches()) {
                    int steps = Integer.parseInt(run.group(1));
                    FieldSchedule field = new FieldSchedule(
                            curve(run.group(4)),
                            Double.parseDouble(run.group(2)),
                            steps,
                            Double.parseDouble(run.group(3)));
                    double strength = Double.parseDouble(run.group(5));
                    double[] got = new double[steps + 2];
                    got[0] = field.start();
                    for (int i = 0; i <= steps; i++) {
                        got[i + 1] = field.next(got[i], steps - i, strength);
                    }
                    float[] wanted = golden.file().floats(name);
                    double[] exact = golden.file().doubles(name + ".f64");
                    long[] rounded = golden.file().longs(name + ".round");
                    assertEquals(wanted.length, got.length, name);
                    for (int i = 0; i < got.length; i++) {
                        assertEquals(wanted[i], got[i], 2e-3, name + " " + i);
                        assertEquals(exact[i], got[i], 1e-9, name + " " + i);
                        if (Math.abs(Math.abs(exact[i] - Math.rint(exact[i])) - 0.5) > HALF) {
                            assertEquals(rounded[i], Math.rint(got[i]), name + " " + i);
                        }
                    }
                    compared++;
                }
            }
            assertFalse(compared == 0, "no run was found");
        }
    }

    /// The reference adds the apex of its parabola and takes it away again, in float: near the end, where the
    /// parabola through a distant time is far out, that costs it digits, which are allowed for.
    @Test
    void singleStepsMatch() {
        Pattern form = Pattern.compile("single[.](linear|bin|lin|exp)[.]n(\\d+)[.]w([0-9.]+)");
        for (Golden golden : open("asyndm_maps*.io.safetensors")) {
            for (String name : golden.file().names()) {
                Matcher one = form.matcher(name);
                if (one.matches()) {
                    FieldSchedule field = new FieldSchedule(curve(one.group(1)), 1000, 50, 1);
                    int left = Integer.parseInt(one.group(2));
                    double strength = Double.parseDouble(one.group(3));
                    float[] wanted = golden.file().floats(name);
                    float[] time = golden.file().floats("single." + one.group(1) + ".t");
                    for (int i = 0; i < wanted.length; i++) {
                        double got = field.next(time[i], left, strength);
                        double lost = one.group(1).equals("bin") ? apex(field, time[i], left, strength) * 0x1p-22 : 0;
                        assertEquals(wanted[i], got, 2e-3 + lost, name + " " + i);
                    }
                } else {
                    assertFalse(name.startsWith("single.") && !name.endsWith(".t"), "nothing compares " + name);
                }
            }
        }
    }

    /// How far above its start the parabola through `(0, time)` and `(left, last)` rises.
    private static double apex(FieldSchedule field, double time, int left, double strength) {
        double a = -strength * field.length() / field.steps() / field.steps();
        double x = (left - (field.last() - time) / (a * left)) / 2;
        return Math.abs(a * x * x);
    }

    @Test
    void masksMatch() {
        for (Golden golden : open("asyndm_masks*.io.safetensors")) {
            SafeTensors file = golden.file();
            for (String name : file.names()) {
                if (name.endsWith(".attn")) {
                    String one = name.substring(0, name.length() - "attn".length());
                    Shape small = file.shape(one + "masks_small");
                    Shape large = file.shape(one + "masks");
                    List<Item> items = items(file.floats(one + "k"));
                    Masks masks =
                            Masks.of(file.array(name), small.dim(2), small.dim(3), items, file.floats(one + "thr")[0]);
                    assertEquals(file.array(one + "masks_small"), masks.toArray(items.size()), one);
                    assertEquals(
                            file.array(one + "masks"),
                            masks.resized(large.dim(2), large.dim(3)).toArray(items.size()),
                            one);
                }
            }
        }
    }

    @Test
    void walksWithChangingMasksMatch() {
        for (Golden golden : open("asyndm_evolution*.io.safetensors")) {
            SafeTensors file = golden.file();
            JsonNode about = golden.about();
            int steps = about.path("S").asInt();
            int grid = about.at("/grid/0").asInt();
            NdArray attention = file.array("attn"); // (S, B, grid * grid, items)
            List<Item> items = items(file.floats("k"));
            for (String name : file.names()) {
                if (name.endsWith(".t")) {
                    NdArray wanted = file.array(name); // (S + 1, B, H, W)
                    Shape shape = wanted.shape();
                    int[] asked = {-1};
                    MaskSource masks = new MaskSource.Dynamic(() -> step(attention, asked[0]), grid, grid, 1);
                    FieldWalk walk = new FieldWalk(
                            VariancePreserving.scaledLinear(about.path("Y").asInt()),
                            new FieldSchedule(
                                    curve(name.substring(0, name.length() - 2)),
                                    about.path("Y").asDouble(),
                                    steps,
                                    about.path("tau").asDouble()),
                            items,
                            masks,
                            shape.dim(1),
                            shape.dim(2),
                            shape.dim(3));
                    for (int i = 0; i <= steps; i++) {
                        close(name + " " + i, wanted.rows(i, i + 1).data(), walk.times());
                        if (i < steps) {
                            walk.next();
                            asked[0] = i; // the network is asked after the interval is known
                        }
                    }
                    assertFalse(walk.hasNext());
                }
            }
        }
    }

    private static void close(String name, float[] wanted, double[] got) {
        assertEquals(wanted.length, got.length, name);
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i], got[i], 3e-3, name + " " + i);
        }
    }

    @Test
    void updatesOfPixelsMatch() {
        Pattern form = Pattern.compile("(epsilon|v_prediction)[.]eta([0-9.]+)[.]x_prev");
        for (Golden golden : open("asyndm_ddim*.io.safetensors")) {
            SafeTensors file = golden.file();
            VariancePreserving schedule = schedule(golden.about().path("scheduler"));
            Interval interval = interval(schedule, file.longs("t"), file.longs("t_prev"), file.shape("t"));
            NdArray x = file.array("x");
            for (String name : file.names()) {
                Matcher one = form.matcher(name);
                if (one.matches()) {
                    Prediction prediction = one.group(1).equals("epsilon") ? Prediction.EPSILON : Prediction.V;
                    Estimate estimate = Estimate.of(prediction, x, file.array("eps"), interval.from(), Clip.NONE);
                    golden.check(one.group(1) + ".x0", 2e-5, estimate.x0());
                    NdArray next = new Ddim(Double.parseDouble(one.group(2)))
                            .step(List.of(), x, estimate, interval, () -> file.array("noise"))
                            .x();
                    golden.check(name, 2e-5, next);
                }
            }
            checkChains(golden, schedule);
        }
    }

    private static void checkChains(Golden golden, VariancePreserving schedule) {
        Pattern form = Pattern.compile("chain[.]eta([0-9.]+)[.]x");
        SafeTensors file = golden.file();
        Shape times = file.shape("chain.t_int"); // (S + 1, B, H, W)
        int size = times.size(1, times.rank());
        for (String name : file.names()) {
            Matcher one = form.matcher(name);
            if (one.matches()) {
                NdArray wanted = file.array(name);
                NdArray got = NdArray.zeros(wanted.shape());
                NdArray x = file.array("x");
                for (int i = 0; i < times.dim(0) - 1; i++) {
                    int step = i;
                    long[] all = file.longs("chain.t_int");
                    Interval interval = interval(
                            schedule,
                            Arrays.copyOfRange(all, i * size, (i + 1) * size),
                            Arrays.copyOfRange(all, (i + 1) * size, (i + 2) * size),
                            Shape.of(times.dim(1), times.dim(2), times.dim(3)));
                    Estimate estimate = Estimate.of(
                            Prediction.EPSILON, x, step(file.array("chain.eps"), i), interval.from(), Clip.NONE);
                    x = new Ddim(Double.parseDouble(one.group(1)))
                            .step(List.of(), x, estimate, interval, () -> step(file.array("chain.noise"), step))
                            .x();
                    System.arraycopy(x.data(), 0, got.data(), i * x.data().length, x.data().length);
                }
                golden.check(name, 1e-4, got);
            }
        }
    }

    private static Interval interval(VariancePreserving schedule, long[] from, long[] to, Shape shape) {
        Timesteps now = new Timesteps.PerToken(shape.dim(1), shape.dim(2), doubles(from));
        Timesteps then = new Timesteps.PerToken(shape.dim(1), shape.dim(2), doubles(to));
        return new Interval(0, 1, now, NoiseLevels.at(now, schedule), NoiseLevels.at(then, schedule));
    }

    private static double[] doubles(long[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }

    private static VariancePreserving schedule(JsonNode about) {
        assertEquals("scaled_linear", about.path("beta_schedule").asText());
        return VariancePreserving.scaledLinear(
                about.path("num_train_timesteps").asInt(),
                about.path("beta_start").asDouble(),
                about.path("beta_end").asDouble());
    }

    @TestFactory
    Stream<DynamicTest> blocksThatAreToldAMapOfTimesMatch() {
        return Golden.files("asyndm", "asyndm_timecond*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device;
                                    Golden golden = Golden.open(path);
                                    SafeTensors weights = SafeTensors.open(Golden.sibling(path, ".io.", ".weights."))) {
                                checkBlocks(golden, weights, device);
                            }
                        })));
    }

    private static void checkBlocks(Golden golden, SafeTensors stored, Device device) {
        SafeTensors io = golden.file();
        JsonNode config = golden.about().path("config");
        Params params = new Params();
        int width = config.path("temb").asInt();
        TimeEmbedding embedding = TimeEmbedding.of(
                params.in("time_embedding"),
                stored.shape("time_embedding.linear_1.weight").dim(1),
                width);
        TimedResNetBlock block = TimedResNetBlock.of(
                params.in("resnet"),
                config.path("channels").asInt(),
                config.path("out_channels").asInt(),
                width,
                config.path("groups").asInt(),
                (float) config.path("eps").asDouble());
        Weights weights = stored.exactly(params.shapes());
        int batch = io.shape("tmap").dim(0);
        int side = (int) Math.round(Math.sqrt(io.shape("tmap").dim(1)));
        Recorder r = new Recorder();
        Tensor map = embedding.forward(r.input("tmap", Shape.of(batch, side, side)));
        Tensor scalar = embedding.forward(r.input("tscalar", Shape.of(batch)));
        r.output("temb", map.reshape(io.shape("temb")));
        r.output("temb_scalar", scalar);
        List<String> compared = new ArrayList<>(List.of("temb", "temb_scalar"));
        for (String name : io.names()) {
            if (name.startsWith("h_")) {
                Tensor h = r.input(name, io.shape(name));
                String size = name.substring(1);
                r.output("out" + size, block.forward(h, map));
                r.output("out_scalar" + size, block.forward(h, scalar));
                compared.addAll(List.of("out" + size, "out_scalar" + size));
            }
        }
        try (Player player = device.load(r.program(), weights)) {
            for (String name : List.of("tmap", "tscalar")) {
                long[] times = io.longs(name);
                float[] floats = new float[times.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = times[i];
                }
                player.set(name, floats);
            }
            io.names().stream().filter(name -> name.startsWith("h_")).forEach(n -> player.set(n, io.array(n)));
            player.run();
            compared.forEach(name -> golden.check(name, 1e-4, player.get(name)));
        }
    }

    @TestFactory
    Stream<DynamicTest> networksThatAreToldAMapOfTimesMatch() {
        return Golden.files("asyndm", "asyndm_unet*.io.safetensors").stream()
                .flatMap(path -> Stream.of(TestDevice.plain(2), HostDevice.of(2))
                        .map(device -> DynamicTest.dynamicTest(path.getFileName() + " on " + device.describe(), () -> {
                            try (device;
                                    Golden golden = Golden.open(path);
                                    SafeTensors weights = SafeTensors.open(Golden.sibling(path, ".io.", ".weights."))) {
                                checkNetwork(golden, weights, device);
                            }
                        })));
    }

    private static void checkNetwork(Golden golden, SafeTensors stored, Device device) {
        SafeTensors io = golden.file();
        JsonNode config = golden.about().path("config");
        SmallUnet unet = new SmallUnet(
                config.path("in_channels").asInt(),
                config.at("/block_out_channels/0").asInt(),
                config.at("/block_out_channels/1").asInt(),
                config.path("cross_attention_dim").asInt(),
                config.path("attention_head_dim").asInt(),
                config.path("norm_num_groups").asInt());
        Shape shape = io.shape("sample");
        int batch = shape.dim(0);
        Recorder r = new Recorder();
        Tensor x = r.input("sample", shape);
        Tensor states = r.input("ehs", io.shape("ehs"));
        Tensor map = r.input("tmap", Shape.of(batch, shape.dim(2), shape.dim(3)));
        List<Tensor> seen = new ArrayList<>();
        r.output("eps", unet.forward(x, map, states, seen));
        Tensor first = map.reshape(batch, -1).index(1, 0); // (N)
        r.output("eps_scalar_plain_unet", unet.forward(x, first, states, new ArrayList<>()));
        Tensor constant = first.reshape(batch, 1, 1).broadcastTo(map.shape());
        r.output("eps_constant_map", unet.forward(x, constant, states, new ArrayList<>()));
        assertEquals(3, seen.size(), "layers of the full resolution");
        r.output("attention", seen.get(0).add(seen.get(1)).add(seen.get(2)).mul(1f / 3));
        float[] times = new float[map.size()];
        long[] told = io.longs("tmap");
        for (int i = 0; i < times.length; i++) {
            times[i] = told[i];
        }
        try (Player player =
                device.load(r.program(), stored.exactly(unet.params().shapes()))) {
            player.set("sample", io.array("sample")).set("ehs", io.array("ehs")).set("tmap", times);
            player.run();
            for (String name : List.of("eps", "eps_scalar_plain_unet", "eps_constant_map")) {
                golden.check(name, 3e-4, player.get(name));
            }
            NdArray items = NdArray.zeros(io.shape("cross_mask")); // (N / 2, T, 2), of the half with the text
            NdArray attention = player.get("attention");
            int[] tokens = {1 + 1, 4 + 1}; // after the token that begins every text
            for (int i = 0; i < items.data().length; i++) {
                int place = batch / 2 * shape.dim(2) * shape.dim(3) + i / tokens.length;
                items.data()[i] = attention.data()[place * attention.shape().dim(2) + tokens[i % tokens.length]];
            }
            golden.check("cross_mask", 3e-4, items);
        }
    }

    private static NdArray step(NdArray all, int index) {
        int[] sizes = all.shape().toArray();
        return new NdArray(
                Shape.of(Arrays.copyOfRange(sizes, 1, sizes.length)),
                all.rows(index, index + 1).data());
    }

    /// Items in the order of their tokens.
    private static List<Item> items(float[] strengths) {
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < strengths.length; i++) {
            items.add(new Item(i, Double.parseDouble(Float.toString(strengths[i]))));
        }
        return items;
    }

    private static List<Golden> open(String glob) {
        return Golden.files("asyndm", glob).stream().map(Golden::open).toList();
    }

    private static Curve curve(String name) {
        return switch (name) {
            case "linear" -> Curve.LINEAR;
            case "bin" -> Curve.QUADRATIC;
            case "lin" -> Curve.PIECEWISE;
            default -> Curve.EXPONENTIAL;
        };
    }
}
