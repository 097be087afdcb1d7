package org.vortexel.bench;

import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;

/// The program on the host device, as a model would run it.
final class Vortexel implements Peer {
    private final HostDevice device;
    private final Player player;

    Vortexel(Recorded work, int threads) {
        device = HostDevice.of(threads);
        player = work.on(device);
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
