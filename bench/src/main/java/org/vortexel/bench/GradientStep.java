package org.vortexel.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;

/// A piece of work and the gradients of all that goes into it, as training does it.
final class GradientStep implements Peer {
    private final HostDevice device;
    private final Player player;

    GradientStep(Work work, int threads) {
        Recorder recorder = new Recorder();
        Recorded forward = Recorded.of(work, recorder);
        Tensor y = forward.program().outputs().get("y");
        List<Tensor> wrt = new ArrayList<>(forward.program().inputs().values());
        wrt.addAll(forward.program().parameters().values());
        List<Tensor> gradients = Gradients.of(recorder, List.of(y), List.of(recorder.input("above", y.shape())), wrt);
        for (int i = 0; i < gradients.size(); i++) {
            recorder.output("gradient" + i, gradients.get(i));
        }
        Map<String, float[]> inputs = new HashMap<>(forward.inputs());
        inputs.put("above", Peer.normal(y.size()));
        device = HostDevice.of(threads);
        player = new Recorded(recorder.program(), forward.weights(), inputs).on(device);
    }

    /// The same by PyTorch's autograd.
    static Peer byPyTorch(Work work, int threads) {
        Recorded forward = Recorded.of(work);
        int count = forward.program().inputs().size() + forward.program().parameters().size();
        float[] above = Peer.normal(forward.program().outputs().get("y").size());
        List<float[]> ours = new ArrayList<>();
        try (GradientStep step = new GradientStep(work, 1)) {
            step.run();
            ours.add(step.player.get("y").data());
            for (int i = 0; i < count; i++) {
                ours.add(step.player.get("gradient" + i).data());
            }
        }
        return PyTorch.gradients(forward, above, ours, threads);
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
