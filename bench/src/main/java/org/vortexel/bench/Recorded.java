package org.vortexel.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.GptConfig;
import org.vortexel.ar.TokenGenerator;
import org.vortexel.checkpoint.Json;
import org.vortexel.codec.kl.AutoencoderKl;
import org.vortexel.codec.kl.KlConfig;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.dit.Dit;
import org.vortexel.dit.DitConfig;
import org.vortexel.op.Attention;
import org.vortexel.op.Conv2d;
import org.vortexel.op.DType;
import org.vortexel.op.Tensor;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;
import org.vortexel.train.DitSubject;
import org.vortexel.train.TrainConfig;

/// A piece of work as the program that every peer is given, with random weights and inputs.
///
/// @param program what is done
/// @param weights its parameters
/// @param inputs its inputs of floats; ids are all 0
record Recorded(Program program, Weights weights, Map<String, float[]> inputs) {
    private static final Path CONFIG = Path.of("../weights/emoji/train.json");

    static Recorded of(Work work) {
        return of(work, new Recorder());
    }

    /// The same on a recorder that will go on.
    static Recorded of(Work work, Recorder r) {
        switch (work.kind()) {
            case "matmul" -> {
                Tensor x = r.input("x", Shape.of(work.size(0), work.size(2)));
                r.output("y", x.linear(r.parameter("w", Shape.of(work.size(1), work.size(2)))));
            }
            case "batched" -> {
                Tensor a = r.input("a", Shape.of(work.size(0), work.size(1), work.size(3)));
                r.output("y", a.matmul(r.input("b", Shape.of(work.size(0), work.size(3), work.size(2)))));
            }
            case "attention" -> {
                Tensor x = r.input("x", Shape.of(work.size(0), work.size(1), 3 * work.size(2) * work.size(3)));
                r.output("y", Attention.self(x, work.size(2)));
            }
            case "conv", "convgrad", "depthwise", "upconv" -> r.output("y", convolution(r, work));
            case "layernorm" -> r.output("y", rows(r, work).layerNorm(1e-6f));
            case "groupnorm" -> {
                int channels = work.size(1);
                Tensor x = r.input("x", Shape.of(work.size(0), channels, work.size(3), work.size(3)));
                Shape each = Shape.of(channels);
                r.output("y", x.groupNorm(work.size(2), r.parameter("w", each), r.parameter("b", each), 1e-6f));
            }
            case "softmax" -> r.output("y", rows(r, work).softmax());
            case "gelu" -> r.output("y", rows(r, work).gelu());
            case "silu" -> r.output("y", rows(r, work).silu());
            case "dit" -> {
                int n = work.size(0);
                Dit dit = new Dit(new DitConfig(
                        work.size(1), 4, work.size(2), work.size(3), work.size(4), work.size(5), 4, false, false,
                        new DitConfig.Classes(1000)));
                Tensor x = r.input("x", Shape.of(n, 4, work.size(1), work.size(1)));
                Tensor t = r.input("t", Shape.of(n));
                r.output("y", dit.forward(x, t, new Dit.Labels(r.ids("labels", Shape.of(n)))));
            }
            case "emoji" -> {
                DitConfig net = emoji().network();
                DitConfig.Text text = (DitConfig.Text) net.condition();
                int n = work.size(0);
                Tensor x = r.input("x", Shape.of(n, net.channels(), net.size(), net.size()));
                Tensor t = r.input("t", Shape.of(n));
                Tensor states = r.input("states", Shape.of(n, text.tokens(), text.states()));
                Tensor mask = r.input("mask", Shape.of(n, 1, 1, text.tokens()));
                r.output("y", new Dit(net).forward(x, t, new Dit.Caption(states, mask)));
            }
            case "decoder" -> {
                int base = work.size(2);
                KlConfig config = new KlConfig(4, List.of(base, 2 * base, 4 * base, 4 * base), 2, 32, true);
                Tensor z = r.input("z", Shape.of(work.size(0), 4, work.size(1), work.size(1)));
                r.output("y", new AutoencoderKl(config).decode(z));
            }
            case "decode" -> {
                Gpt gpt = gpt(work);
                int room = gpt.sizes().prefix() + gpt.sizes().tokens();
                return of(TokenGenerator.stepProgram(gpt, work.size(0), (room + 7) / 8 * 8));
            }
            default -> throw new IllegalArgumentException("no program for " + work.kind());
        }
        return of(r.program());
    }

    private static Tensor convolution(Recorder r, Work work) {
        int channels = work.size(1);
        Tensor x = r.input("x", Shape.of(work.size(0), channels, work.size(2), work.size(2)));
        boolean depthwise = work.kind().equals("depthwise");
        int filters = depthwise ? channels : work.size(3);
        int kernel = work.sizes().length > 4 ? work.size(4) : 3;
        int stride = work.sizes().length > 5 ? work.size(5) : 1;
        Tensor weight = r.parameter("w", Shape.of(filters, depthwise ? 1 : channels, kernel, kernel));
        Tensor seen = work.kind().equals("upconv") ? x.upsample(2) : x;
        Conv2d how = Conv2d.strided(stride, kernel / 2).withGroups(depthwise ? channels : 1);
        return seen.conv2d(how, weight, r.parameter("b", Shape.of(filters)));
    }

    /// How the model that ships was trained.
    static DitSubject emoji() {
        return (DitSubject) Json.read(CONFIG, TrainConfig.class).subject();
    }

    static TrainConfig training() {
        return Json.read(CONFIG, TrainConfig.class);
    }

    static Gpt gpt(Work work) {
        return new Gpt(GptConfig.of(work.size(2), work.size(3), work.size(4))
                .withGrid(work.size(1))
                .withVocabulary(work.size(5)));
    }

    private static Tensor rows(Recorder r, Work work) {
        return r.input("x", Shape.of(work.size(0), work.size(1)));
    }

    /// Matrices as layers begin, so that activations stay near 1; everything else near 0 and 1 alike.
    static Recorded of(Program program) {
        Weights weights = new Weights();
        program.parameters().forEach((name, tensor) -> {
            float[] values = Peer.normal(tensor.size());
            Shape shape = tensor.shape();
            float size = shape.rank() > 1 ? (float) (1 / Math.sqrt(shape.size(1, shape.rank()))) : 0.2f;
            for (int i = 0; i < values.length; i++) {
                values[i] *= size;
            }
            weights.put(name, NdArray.of(shape, values));
        });
        Map<String, float[]> inputs = new LinkedHashMap<>();
        program.inputs().forEach((name, tensor) -> {
            if (tensor.dtype() == DType.F32) {
                boolean zero = name.equals("mask") || name.equals("hidden") || name.startsWith("cache.");
                inputs.put(name, zero ? new float[tensor.size()] : Peer.normal(tensor.size()));
            }
        });
        return new Recorded(program, weights, inputs);
    }

    /// The program on a host device, its inputs set.
    Player on(HostDevice device) {
        Player player = device.load(program, weights);
        inputs.forEach(player::set);
        return player;
    }

    /// Compares a peer's result with ours.
    ///
    /// @param most the largest difference that rounding may make, beside the largest number
    /// @throws IllegalStateException when they differ by more
    void check(String peer, String output, float[] theirs, double most) {
        try (HostDevice device = HostDevice.of(1);
                Player player = on(device)) {
            player.run();
            same(peer, output, player.get(output).data(), theirs, most);
        }
    }

    static void same(String peer, String what, float[] ours, float[] theirs, double most) {
        if (ours.length != theirs.length) {
            throw new IllegalStateException(
                    peer + " gives " + theirs.length + " numbers of " + what + " but we give " + ours.length);
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < ours.length; i++) {
            largest = Math.max(largest, Math.abs(ours[i]));
            difference = Math.max(difference, Math.abs(ours[i] - (double) theirs[i]));
        }
        if (!(difference <= most * largest) || largest == 0) {
            throw new IllegalStateException(
                    peer + " differs from us by " + difference + " in " + what + ", whose largest is " + largest);
        }
        System.err.printf("%s: %s is ours within %.1e of %.1e%n", peer, what, difference, largest);
    }
}
