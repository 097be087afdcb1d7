package org.vortexel.device.host;

import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.Buffers;
import org.vortexel.op.Kernel;
import org.vortexel.program.Node;

/// Finds the tuned twin of an op, if there is one.
interface Twins {
    /// What runs one recorded op on bound buffers.
    @FunctionalInterface
    interface Step {
        /// Does the op once.
        void run();
    }

    /// A step that does one or more nodes of a program.
    ///
    /// @param step does them
    /// @param nodes how many nodes it does, from the one that was asked for
    record Bound(Step step, int nodes) {}

    /// A step that does node `at` of `nodes`, and maybe some of those after it, on the given buffers; null when
    /// there is no twin and the op's kernels must do.
    @Nullable
    Bound bind(List<Node> nodes, int at, Buffers buffers, WorkerPool pool);

    /// The twin of one kernel, of the same parameters, or the kernel itself when it has none.
    MethodHandle kernel(Kernel plain);

    /// Why these twins, in a few words for the log.
    String reason();

    /// The twins that this virtual machine can run.
    static Twins find() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return none("plain kernels, since the module jdk.incubator.vector is absent (--add-modules)");
        }
        return new VectorTwins();
    }

    /// No twins at all.
    static Twins none(String reason) {
        return new Twins() {
            @Override
            public @Nullable Bound bind(List<Node> nodes, int at, Buffers buffers, WorkerPool pool) {
                return null;
            }

            @Override
            public MethodHandle kernel(Kernel plain) {
                return plain.handle();
            }

            @Override
            public String reason() {
                return reason;
            }
        };
    }
}
