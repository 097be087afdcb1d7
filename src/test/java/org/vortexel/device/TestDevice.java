package org.vortexel.device;

import org.vortexel.device.host.HostDevice;
import org.vortexel.device.tornado.TornadoDevice;

/// The device that runs the ops' own kernels in tests: the host, or with `-Dvortexel.test.device=tornado` (which
/// `-Ptornado` sets) TornadoVM's default device.
public final class TestDevice {
    private TestDevice() {}

    /// A device that plays plain kernels.
    public static Device plain(int threads) {
        return isTornado() ? TornadoDevice.open().plain() : HostDevice.plain(threads);
    }

    /// A device as users have it.
    public static Device of(int threads) {
        return isTornado() ? TornadoDevice.open() : HostDevice.of(threads);
    }

    /// Whether the tests run on TornadoVM.
    public static boolean isTornado() {
        return "tornado".equals(System.getProperty("vortexel.test.device"));
    }
}
