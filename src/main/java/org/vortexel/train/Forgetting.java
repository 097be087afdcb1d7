package org.vortexel.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vortexel.ar.Dropout;
import org.vortexel.device.Player;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Dropout as inputs of a program: factors of 0 or `1 / (1 - share)`, drawn before every step.
final class Forgetting implements Dropout {
    private static final int WORDS = 4;

    private final Recorder recorder;
    private final double share;
    private final Map<String, Shape> places = new LinkedHashMap<>();

    /// Forgets a share of every tensor it is asked for; 0 leaves them alone.
    Forgetting(Recorder recorder, double share) {
        this.recorder = recorder;
        this.share = share;
    }

    @Override
    public Tensor of(String place, Tensor x) {
        if (share == 0) {
            return x;
        }
        String name = "forget." + place;
        places.put(name, x.shape());
        return x.mul(recorder.input(name, x.shape()));
    }

    /// Sets the factors of a step, which depend on seed and step alone.
    void set(Player player, long seed, long step) {
        int place = 0;
        float kept = (float) (1 / (1 - share));
        int threshold = (int) Math.round(share * 0x1p32 + Integer.MIN_VALUE);
        for (Map.Entry<String, Shape> entry : places.entrySet()) {
            Philox noise = new Philox(seed, step * places.size() + place);
            float[] factors = new float[entry.getValue().size()];
            int[] words = new int[WORDS];
            for (int i = 0; i < factors.length; i += WORDS) {
                noise.block(i / WORDS, words);
                for (int j = 0; j < WORDS && i + j < factors.length; j++) {
                    factors[i + j] = (words[j] ^ Integer.MIN_VALUE) < threshold ? 0 : kept;
                }
            }
            player.set(entry.getKey(), factors);
            place++;
        }
    }
}
