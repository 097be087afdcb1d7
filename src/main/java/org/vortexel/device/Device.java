package org.vortexel.device;

import org.vortexel.program.Program;
import org.vortexel.program.Weights;

/// Something that can play programs.
public interface Device extends AutoCloseable {
    /// One line about the device: its name, cores or memory, and what its kernels use.
    String describe();

    /// Makes `program` ready to run: plans buffers, binds kernels, looks parameters up.
    ///
    /// A device may copy the program's steady parameters ([Program#steadyParameters]); to see other numbers then,
    /// load again. Programs loaded with the same weights see what they write to parameters that both of them
    /// write.
    ///
    /// @param weights the parameters, read and (by training programs) written in place
    /// @throws IllegalArgumentException when a parameter is missing or has another shape
    Player load(Program program, Weights weights);

    /// The same device, whose players note in `profile` what every op takes; that may slow them down.
    Device profiled(Profile profile);

    @Override
    void close();
}
