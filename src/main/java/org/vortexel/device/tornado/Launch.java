package org.vortexel.device.tornado;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.vortexel.op.Kernel;

/// One call of a kernel.
///
/// @param label the op that makes it, for messages
/// @param kernel what is called
/// @param arguments all of its arguments: `float[]`, `int[]`, [Integer] and [Float]
record Launch(String label, Kernel kernel, Object[] arguments) {
    /// The arrays among the arguments, each once.
    Set<Object> arrays() {
        Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        Arrays.stream(arguments).filter(a -> a.getClass().isArray()).forEach(arrays::add);
        return arrays;
    }
}
