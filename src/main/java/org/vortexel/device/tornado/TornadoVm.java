package org.vortexel.device.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vortexel.op.Parallel;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/// TornadoVM itself: whether it is there, its settings, its devices.
///
/// It is looked for once; the answer is kept, since a runtime that failed to start does not start later.
final class TornadoVm {
    /// What to do where TornadoVM is missing.
    private static final String INSTALL = "install TornadoVM for this JDK (tornadovm.org) and set TORNADOVM_HOME to its"
            + " folder for ./vortexel, or start java with @$TORNADOVM_HOME/tornado-argfile";

    private static final String API = "uk.ac.manchester.tornado.api.TaskGraph";

    private static @Nullable Probe found;

    /// What was found.
    ///
    /// @param missing why TornadoVM cannot be used; empty when it can
    /// @param devices its devices, the default one first
    record Probe(Optional<String> missing, List<Found> devices) {}

    /// A device of TornadoVM.
    ///
    /// @param backend the number of its backend
    /// @param index its number there
    /// @param device the device
    record Found(int backend, int index, TornadoDevice device) {
        /// `0:1`, as TornadoVM counts.
        String id() {
            return backend + ":" + index;
        }

        /// `tornado 0:1: NVIDIA H100 (CUDA, GPU, 79.1 GiB)`.
        String describe() {
            return "tornado %s: %s (%s, %s, %.1f GiB)"
                    .formatted(
                            id(),
                            device.getDescription().strip(),
                            device.getTornadoVMBackend(),
                            device.getDeviceType(),
                            device.getMaxGlobalMemory() / (double) (1 << 30));
        }
    }

    private TornadoVm() {}

    /// Looks for TornadoVM.
    static synchronized Probe probe() {
        Probe known = found;
        if (known == null) {
            known = search();
            found = known;
        }
        return known;
    }

    private static Probe search() {
        configure();
        try {
            Class.forName(API, false, ClassLoader.getSystemClassLoader());
            List<Found> devices = devices();
            return devices.isEmpty()
                    ? absent("TornadoVM has no device; install a driver for OpenCL or CUDA")
                    : new Probe(Optional.empty(), devices);
        } catch (ClassNotFoundException e) {
            return absent("TornadoVM is not on the module path; " + INSTALL);
        } catch (Throwable e) { // its start-up fails with errors of several kinds: no backend, no driver, no library
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return absent("TornadoVM does not start: " + cause + "; see that it has a backend and its driver");
        }
    }

    private static Probe absent(String reason) {
        return new Probe(Optional.of(reason), List.of());
    }

    /// TornadoVM reads its settings when its first class is loaded.
    private static void configure() {
        System.setProperty("tornado.load.annotation.parallel", Parallel.class.getName());
        setDefault("tornado.recover.bailout", "False");
        setDefault("tornado.tvm.maxbytecodesize", Integer.toString(1 << 20));
        // TornadoVM's own have -cl-fast-relaxed-math, which lets a compiler take infinities and NaN for impossible;
        // here
        // -infinity hides a key from attention, and NaN stops a run.
        setDefault("tornado.opencl.compiler.flags", "-cl-mad-enable -w");
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static List<Found> devices() {
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        TornadoDevice first = runtime.getDefaultDevice();
        List<Found> devices = new ArrayList<>();
        for (int b = 0; b < runtime.getNumBackends(); b++) {
            TornadoBackend backend = runtime.getBackend(b);
            for (int i = 0; i < backend.getNumDevices(); i++) {
                Found device = new Found(b, i, backend.getDevice(i));
                devices.add(device.device().equals(first) ? 0 : devices.size(), device);
            }
        }
        return List.copyOf(devices);
    }
}
