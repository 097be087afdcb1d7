package org.vortexel.cli;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vortexel.checkpoint.AtomicFile;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.Profile;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;

/// A device whose profile is written to a file when it is closed.
final class ProfiledDevice implements Device {
    private static final Logger LOG = LoggerFactory.getLogger(ProfiledDevice.class);

    private final Profile profile = new Profile();
    private final Device device;
    private final Device noting;
    private final Path file;

    ProfiledDevice(Device device, Path file) {
        this.device = device;
        this.noting = device.profiled(profile);
        this.file = file;
    }

    @Override
    public String describe() {
        return device.describe();
    }

    @Override
    public Player load(Program program, Weights weights) {
        return noting.load(program, weights);
    }

    @Override
    public Device profiled(Profile other) {
        return device.profiled(other);
    }

    @Override
    public void close() {
        device.close();
        AtomicFile.write(file, profile::write);
        if (profile.left() > 0) {
            LOG.warn("{} holds the first {} events; {} more were left out", file, Profile.MOST, profile.left());
        }
    }
}
