package org.vortexel.bench;

import java.util.Random;

/// A library that does a piece of work, ready to do it again and again.
interface Peer extends AutoCloseable {
    /// Does the work once.
    void run();

    @Override
    void close();

    /// `name` set up for `work` on `threads` threads; its inputs and weights are in place, and its results are ours.
    static Peer of(String name, Work work, int threads) {
        if (work.kind().equals("peak")) {
            return new Peak(threads);
        }
        if (work.kind().equals("training")) {
            return name.equals("vortexel") ? new TrainingStep(threads) : TrainingStep.byPyTorch(threads);
        }
        if (work.kind().equals("convgrad")) {
            return name.equals("vortexel") ? new GradientStep(work, threads) : GradientStep.byPyTorch(work, threads);
        }
        Recorded recorded = Recorded.of(work);
        boolean decoding = work.kind().equals("decode");
        return switch (name) {
            case "vortexel" -> decoding ? new Decoding(work, recorded, threads) : new Vortexel(recorded, threads);
            case "openblas" -> new OpenBlas(work, recorded, threads);
            case "onnxruntime" ->
                decoding ? new OnnxDecoding(work, recorded, threads) : new OnnxRuntime(recorded, true, threads);
            case "onnxruntime-unfused" -> new OnnxRuntime(recorded, false, threads);
            case "pytorch" -> PyTorch.of(recorded, threads);
            default -> throw new IllegalArgumentException("no peer " + name);
        };
    }

    /// `count` numbers of a normal distribution.
    static float[] normal(int count) {
        Random random = new Random(count);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }
}
