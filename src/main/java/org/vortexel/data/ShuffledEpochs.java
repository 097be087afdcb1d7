package org.vortexel.data;

import org.vortexel.tensor.Philox;

/// The order in which training sees the examples: epoch after epoch, each a new permutation, cut into full batches
/// (a batch may reach into the next epoch). Step `s` is a pure function of the seed, so a run resumes from its step
/// number alone.
public final class ShuffledEpochs {
    /// Keeps these streams apart from others under the same seed.
    private static final long STREAM = 0x65706F63_00000000L; // "epoc"

    private final int count;
    private final int batch;
    private final long seed;
    private volatile Epoch latest;

    private record Epoch(long number, int[] order) {}

    /// @param count the number of examples
    /// @param batch examples a step
    /// @param seed of the order
    public ShuffledEpochs(int count, int batch, long seed) {
        if (count < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "epochs need at least one example and a batch of at least one but got " + count + " and " + batch);
        }
        this.count = count;
        this.batch = batch;
        this.seed = seed;
        this.latest = shuffled(0);
    }

    /// The examples of step `step` (from 0): `batch` indices in `0 … count - 1`.
    public int[] batch(long step) {
        int[] indices = new int[batch];
        for (int i = 0; i < batch; i++) {
            long position = Math.addExact(Math.multiplyExact(step, batch), i);
            indices[i] = epoch(position / count).order()[(int) (position % count)];
        }
        return indices;
    }

    /// The epoch (from 0) in which step `step` begins.
    public long epochOf(long step) {
        return Math.multiplyExact(step, batch) / count;
    }

    private Epoch epoch(long number) {
        Epoch epoch = latest;
        if (epoch.number() != number) {
            epoch = shuffled(number);
            latest = epoch;
        }
        return epoch;
    }

    private Epoch shuffled(long number) {
        return new Epoch(number, new Philox(seed, STREAM + number).permutation(count));
    }
}
