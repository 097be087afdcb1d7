package org.vortexel.bench;

import java.util.Random;

/// A library that does a piece of work, ready to do it again and again.
interface Peer extends AutoCloseable {
    /// Does the work once.
    void run();

    @Override
    void close();

    /// `name` set up for `work` on `threads` threads; its inputs and weights are in place.
    static Peer of(String name, Work work, int threads) {
        return switch (name) {
            case "peak" -> new Peak(threads);
            case "vortexel" -> work.kind().equals("training") ? new TrainingStep(threads) : new Vortexel(work, threads);
            case "openblas" -> new OpenBlas(work, threads);
            case "onnxruntime" -> new OnnxRuntime(work, threads);
            case "pytorch" -> new PyTorch(work, threads);
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
