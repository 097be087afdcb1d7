package org.vortexel.device.tornado;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vortexel.device.Device;
import org.vortexel.device.DeviceException;
import org.vortexel.device.Player;
import org.vortexel.device.Profile;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;

/// A device of TornadoVM: a GPU, or whatever OpenCL or CUDA device there is. Plays programs with the ops' own
/// kernels, which TornadoVM compiles.
///
/// A player has its own copy of the weights on the device, made by its first run. What programs change is seen by all
/// players of the device: it goes from one to the other through the host.
public final class TornadoDevice implements Device {
    private static final Logger LOG = LoggerFactory.getLogger(TornadoDevice.class);

    private final TornadoVm.Found found;
    private final Twins twins;
    private final @Nullable Profile profile;
    private final Latest latest = new Latest();

    private TornadoDevice(TornadoVm.Found found) {
        this(found, found.device().getDeviceType() == TornadoDeviceType.GPU ? Twins.TILED : Twins.BLOCKED);
    }

    /// With given twins, for tests.
    TornadoDevice(TornadoVm.Found found, Twins twins) {
        this(found, twins, null);
    }

    private TornadoDevice(TornadoVm.Found found, Twins twins, @Nullable Profile profile) {
        this.found = found;
        this.twins = twins;
        this.profile = profile;
    }

    /// The same device, which plays the ops' own kernels only.
    public TornadoDevice plain() {
        return new TornadoDevice(found, Twins.PLAIN, profile);
    }

    @Override
    public TornadoDevice profiled(Profile noting) {
        return new TornadoDevice(found, twins, noting);
    }

    /// Why there is no such device, in one sentence that says what to do; empty when there is one.
    public static Optional<String> missing() {
        return TornadoVm.probe().missing();
    }

    /// Why TornadoVM's default device is not better than the host, in one sentence; empty when it is a GPU.
    public static Optional<String> noGpu() {
        TornadoVm.Probe probe = TornadoVm.probe();
        if (probe.missing().isPresent()) {
            return probe.missing();
        }
        TornadoVm.Found first = probe.devices().getFirst();
        return first.device().getDeviceType() == TornadoDeviceType.GPU
                ? Optional.empty()
                : Optional.of("TornadoVM's default device is no GPU: " + first.describe());
    }

    /// What [#describe] says of every device, the default one first.
    public static List<String> list() {
        return TornadoVm.probe().devices().stream()
                .map(TornadoVm.Found::describe)
                .toList();
    }

    /// TornadoVM's default device.
    ///
    /// @throws DeviceException when TornadoVM cannot be used; the message says what to install
    public static TornadoDevice open() {
        return new TornadoDevice(present().devices().getFirst()).logged();
    }

    /// The device that TornadoVM counts as `backend:index`.
    ///
    /// @throws DeviceException when TornadoVM cannot be used; the message says what to install
    /// @throws IllegalArgumentException when there is no such device
    public static TornadoDevice open(String id) {
        return present().devices().stream()
                .filter(device -> device.id().equals(id))
                .findFirst()
                .map(TornadoDevice::new)
                .orElseThrow(() -> new IllegalArgumentException("TornadoVM has no device " + id + "; it has " + list()))
                .logged();
    }

    private static TornadoVm.Probe present() {
        TornadoVm.Probe probe = TornadoVm.probe();
        probe.missing().ifPresent(reason -> {
            throw new DeviceException("there is no device tornado: " + reason);
        });
        return probe;
    }

    private TornadoDevice logged() {
        LOG.info("{}", describe());
        return this;
    }

    @Override
    public String describe() {
        return found.describe();
    }

    @Override
    public Player load(Program program, Weights weights) {
        return new TornadoPlayer(program, weights, found.device(), twins, latest, profile);
    }

    @Override
    public void close() {
        // Players hold what there is to give back.
    }
}
