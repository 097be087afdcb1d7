package org.vortexel.device;

import java.util.Optional;
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

    /// Runs every op once more and names the first whose result is not finite, for a message after a run that
    /// ended so. Empty when all are finite, or the device cannot look.
    default Optional<String> findNonFinite() {
        return Optional.empty();
    }

    /// [#run], and then the output named, which must be finite.
    ///
    /// @throws ArithmeticException when it is not, with the name of the op where that began
    default NdArray runFinite(String output) {
        run();
        NdArray result = get(output);
        int bad = result.firstNonFinite();
        if (bad >= 0) {
            throw new ArithmeticException("the result is " + result.data()[bad]
                    + findNonFinite()
                            .map(place -> ", and that began at " + place)
                            .orElse(""));
        }
        return result;
    }

    /// A copy of an output of the last run.
    ///
    /// @throws IllegalArgumentException when there is no such output
    NdArray get(String output);

    /// Brings parameters that the program changed back into the [org.vortexel.program.Weights] it was loaded
    /// with; on devices that share memory with the host there is nothing to do.
    void pull();

    @Override
    void close();
}
