package org.vortexel.bench;

import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

/// The work as a recorded program on the host device, as a model would run it.
final class Vortexel implements Peer {
    private final HostDevice device;
    private final Player player;

    Vortexel(Work work, int threads) {
        Recorder recorder = new Recorder();
        Shape shape = switch (work.kind()) {
            case "matmul" -> Shape.of(work.size(0), work.size(2));
            case "attention" -> Shape.of(work.size(0), work.size(1), 3 * work.size(2) * work.size(3));
            default -> Shape.of(work.size(0), work.size(1));
        };
        Tensor x = recorder.input("x", shape);
        Tensor y = switch (work.kind()) {
            case "matmul" -> x.linear(recorder.input("w", Shape.of(work.size(1), work.size(2))));
            case "attention" -> Attention.self(x, work.size(2));
            case "layernorm" -> x.layerNorm(1e-6f);
            case "softmax" -> x.softmax();
            case "gelu" -> x.gelu();
            case "silu" -> x.silu();
            default -> throw new IllegalArgumentException("no work " + work.kind());
        };
        recorder.output("y", y);
        device = HostDevice.of(threads);
        player = device.load(recorder.program(), new Weights());
        player.set("x", Peer.normal(x.size()));
        if (work.kind().equals("matmul")) {
            player.set("w", Peer.normal(work.size(1) * work.size(2)));
        }
    }

    @Override
    public void run() {
        player.run();
    }

    @Override
    public void close() {
        player.close();
        device.close();
    }
}
