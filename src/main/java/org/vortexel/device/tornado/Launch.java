package org.vortexel.device.tornado;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vortexel.op.Kernel;

/// One call of a kernel.
///
/// @param label the op that makes it, for messages
/// @param kernel what is called
/// @param arguments all of its arguments: `float[]`, `int[]`, [Integer] and [Float]
/// @param grid the work groups of a kernel that is written for them; null where TornadoVM makes loops parallel
record Launch(
        String label,
        Kernel kernel,
        Object[] arguments,
        @Nullable Grid grid) {
    /// Work groups.
    ///
    /// @param x how many groups along the first dimension
    /// @param y along the second
    /// @param z along the third
    /// @param side work items of a group along the first and second
    record Grid(int x, int y, int z, int side) {}

    /// A call of a kernel whose loops TornadoVM makes parallel.
    Launch(String label, Kernel kernel, Object... arguments) {
        this(label, kernel, arguments, null);
    }

    /// The arrays among the arguments, each once.
    Set<Object> arrays() {
        Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        Arrays.stream(arguments).filter(a -> a.getClass().isArray()).forEach(arrays::add);
        return arrays;
    }
}
