package org.vortexel.device;

import org.vortexel.tensor.NdArray;

/// A program on a device, with its buffers. Used by one thread at a time.
public interface Player extends AutoCloseable {
    /// Copies the numbers of an input; they stay until set again.
    ///
    /// @throws IllegalArgumentException when there is no such input or the length differs
    Player set(String input, float... values);

    /// Copies the ids of an input; they stay until set again.
    ///
    /// @throws IllegalArgumentException when there is no such input or the length differs
    Player set(String input, int... ids);

    /// Copies an input, checking the shape as well.
    Player set(String input, NdArray value);

    /// Runs every op once.
    void run();

    /// A copy of an output of the last run.
    ///
    /// @throws IllegalArgumentException when there is no such output
    NdArray get(String output);

    /// Brings parameters that the program changed back into the [org.vortexel.program.Weights] it was loaded with;
    /// on devices that share memory with the host there is nothing to do.
    void pull();

    @Override
    void close();
}
