package org.vortexel.op;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.device.host.HostDevice;
import org.vortexel.program.Gradients;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Every op, forward and backward, against reference numbers.
class OpsGoldenTest {
    @TestFactory
    Stream<DynamicTest> plainKernelsGiveTheReferenceNumbers() {
        return cases("plain");
    }

    @TestFactory
    Stream<DynamicTest> theHostsTwinsGiveTheReferenceNumbers() {
        return cases("tuned");
    }

    private static Stream<DynamicTest> cases(String kernels) {
        List<DynamicTest> tests = new ArrayList<>();
        Map<String, GoldenCase.Deviation> worst = new TreeMap<>();
        for (Path path : Golden.files("ops", "*.io.safetensors")) {
            Golden golden = Golden.open(path);
            for (GoldenCase c : GoldenCase.all(golden)) {
                tests.add(DynamicTest.dynamicTest(c.name(), () -> {
                    try (Device device = kernels.equals("plain") ? TestDevice.plain(2) : HostDevice.of(2)) {
                        for (GoldenCase.Deviation error : run(c, device)) {
                            worst.merge(c.op(), error, (a, b) -> a.part() >= b.part() ? a : b);
                            assertTrue(
                                    error.part() <= 1,
                                    () -> error.tensor() + " is off by " + error.relative()
                                            + " of its largest number, allowed is " + error.allowed());
                        }
                    }
                }));
            }
            tests.add(DynamicTest.dynamicTest("summary", () -> {
                summary(kernels, worst);
                golden.close();
            }));
        }
        return tests.stream();
    }

    private static List<GoldenCase.Deviation> run(GoldenCase c, Device device) {
        return switch (c.op()) {
            case "adamw" -> adamW(c, device);
            case "clip_grad_norm" -> clip(c, device);
            case "ema" -> ema(c, device);
            default -> differentiable(c, device);
        };
    }

    /// The outputs, and the gradients of `sum of gout * out` of all inputs that have one stored.
    private static List<GoldenCase.Deviation> differentiable(GoldenCase c, Device device) {
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> upstream = new ArrayList<>();
        GoldenOps.record(c).forEach((name, tensor) -> {
            c.recorder().output("out." + name, tensor);
            outputs.add(tensor);
            upstream.add(c.recorder().constant(c.array("gout." + name)));
        });
        List<String> differentiated = c.names("grad");
        List<Tensor> gradients = Gradients.of(
                c.recorder(),
                outputs,
                upstream,
                differentiated.stream().map(c::in).toList());
        for (int i = 0; i < gradients.size(); i++) {
            c.recorder().output("grad." + differentiated.get(i), gradients.get(i));
        }
        try (Player player = device.load(c.recorder().program(), new Weights())) {
            c.set(player);
            player.run();
            return Stream.concat(
                            c.names("out").stream().map(n -> "out." + n),
                            differentiated.stream().map(n -> "grad." + n))
                    .map(name -> c.deviation(name, player.get(name)))
                    .toList();
        }
    }

    private static List<GoldenCase.Deviation> adamW(GoldenCase c, Device device) {
        List<String> parameters = c.names("in").stream()
                .filter(n -> n.startsWith("p0."))
                .map(n -> n.substring(3))
                .toList();
        var r = c.recorder();
        Tensor numbers = r.input("numbers", Shape.of(AdamW.NUMBERS));
        Tensor clip = r.constant(NdArray.scalar(1));
        Weights weights = new Weights();
        for (String name : parameters) {
            NdArray start = c.array("in.p0." + name);
            Shape shape = start.shape();
            weights.put(name, start);
            weights.put("m." + name, NdArray.zeros(shape));
            weights.put("v." + name, NdArray.zeros(shape));
            AdamW.step(
                    true,
                    r.parameter(name, shape),
                    r.parameter("m." + name, shape),
                    r.parameter("v." + name, shape),
                    r.input("grad." + name, shape),
                    numbers,
                    clip,
                    null);
        }
        AdamW.Settings settings = new AdamW.Settings(
                c.attribute("betas").get(0).asDouble(),
                c.attribute("betas").get(1).asDouble(),
                c.attribute("eps").asDouble(),
                c.attribute("weight_decay").asDouble(),
                0);
        List<GoldenCase.Deviation> errors = new ArrayList<>();
        try (Player player = device.load(r.program(), weights)) {
            for (int step = 1; hasStep(c, step); step++) {
                for (String name : parameters) {
                    player.set("grad." + name, c.array("in.grad" + step + "." + name));
                }
                player.set("numbers", settings.numbers(step, c.attribute("lr").asDouble()))
                        .run();
                player.pull();
                for (String name : weights.asMap().keySet()) {
                    errors.add(c.deviation("out.step" + step + "." + name, weights.get(name)));
                }
            }
        }
        return errors;
    }

    private static boolean hasStep(GoldenCase c, int step) {
        return c.names("in").stream().anyMatch(n -> n.startsWith("grad" + step + "."));
    }

    private static List<GoldenCase.Deviation> clip(GoldenCase c, Device device) {
        List<String> names = c.names("in");
        GradientClip clip = GradientClip.of(names.stream().map(c::in).toList(), c.number("max_norm"));
        c.recorder().output("norm", clip.norm());
        names.forEach(name -> c.recorder().output("out." + name, c.in(name).mul(clip.coefficient())));
        try (Player player = device.load(c.recorder().program(), new Weights())) {
            c.set(player);
            player.run();
            List<GoldenCase.Deviation> errors = new ArrayList<>();
            errors.add(c.deviation("out.norm", player.get("norm")));
            names.forEach(name -> errors.add(c.deviation("out." + name, player.get("out." + name))));
            return errors;
        }
    }

    private static List<GoldenCase.Deviation> ema(GoldenCase c, Device device) {
        Weights weights = new Weights();
        weights.put("ema", c.array("in.ema0"));
        Shape shape = weights.get("ema").shape();
        var r = c.recorder();
        Tensor rate =
                r.constant(NdArray.scalar((float) (1 - c.attribute("decay").asDouble())));
        Ema.update(r.parameter("ema", shape), r.input("p", shape), rate);
        List<GoldenCase.Deviation> errors = new ArrayList<>();
        try (Player player = device.load(r.program(), weights)) {
            for (int step = 1; c.hasInput("param" + step); step++) {
                player.set("p", c.array("in.param" + step)).run();
                player.pull();
                errors.add(c.deviation("out.ema" + step, weights.get("ema")));
            }
        }
        return errors;
    }

    /// Writes the worst error of every op, as a part of what is allowed, to `target/golden-ops-….txt`.
    private static void summary(String kernels, Map<String, GoldenCase.Deviation> worst) {
        StringBuilder text = new StringBuilder();
        worst.forEach((op, e) -> text.append(
                "%-20s %5.2f  %.1e of %.0e  %s%n".formatted(op, e.part(), e.relative(), e.allowed(), e.tensor())));
        try {
            Files.createDirectories(Path.of("target"));
            Files.writeString(Path.of("target", "golden-ops-" + kernels + ".txt"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
