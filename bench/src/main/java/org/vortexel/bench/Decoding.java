package org.vortexel.bench;

import java.util.Arrays;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;

/// A GPT's tokens one after the other, with its cache; the tokens are given, so that peers do the same work.
final class Decoding implements Peer {
    private final HostDevice device;
    private final Player player;
    private final int positions;
    private final int[] tokens;
    private final int[] fed;
    private float[] logits = {};

    Decoding(Work asked, Recorded work, int threads) {
        device = HostDevice.of(threads);
        player = work.on(device);
        positions = positions(asked);
        tokens = tokens(asked);
        fed = new int[asked.size(0)];
    }

    /// Positions to run: the label and all tokens but the last.
    static int positions(Work work) {
        return work.size(1) * work.size(1);
    }

    /// What is fed at each position.
    static int[] tokens(Work work) {
        int[] tokens = new int[positions(work)];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = i * 37 % work.size(5);
        }
        return tokens;
    }

    @Override
    public void run() {
        for (int at = 0; at < positions; at++) {
            Arrays.fill(fed, tokens[at]);
            player.set("token", fed).set("at", new int[] {at}).run();
            logits = player.get("logits").data();
        }
    }

    float[] logits() {
        return logits;
    }

    @Override
    public void close() {
        player.close();
        device.close();
    }
}
