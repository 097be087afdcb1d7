package org.vortexel.device.tornado;

import java.util.Collection;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/// Where the latest numbers are of the arrays that programs change: on the host or in one player's copy on the
/// device. What programs loaded with the same weights change is so seen by all of them.
final class Latest {
    private final IdentityHashMap<float[], TornadoPlayer> players = new IdentityHashMap<>();

    /// Brings the numbers of an array to the host when another player than `reader` has the latest.
    ///
    /// @return whether they came, so that every copy on the device is old
    synchronized boolean bring(float[] array, TornadoPlayer reader) {
        TornadoPlayer player = players.get(array);
        if (player == null || player.equals(reader)) {
            return false;
        }
        player.fetch(array);
        players.remove(array);
        return true;
    }

    /// Says that the player's copies are the latest.
    synchronized void are(Collection<float[]> arrays, TornadoPlayer player) {
        arrays.forEach(array -> players.put(array, player));
    }

    /// Says that the host's numbers of an array are the latest.
    synchronized void isOnHost(float[] array) {
        players.remove(array);
    }

    /// Whose copy is the latest; null for the host.
    synchronized @Nullable TornadoPlayer of(float[] array) {
        return players.get(array);
    }
}
