package org.vortexel.device.host;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.Profile;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;

/// This machine's cores. Plays programs with tuned twins where there are any, and the ops' own kernels elsewhere.
///
/// The same program on the same inputs gives the same bits at every thread count.
public final class HostDevice implements Device {
    private static final Logger LOG = LoggerFactory.getLogger(HostDevice.class);

    private final WorkerPool pool;
    private final Twins twins;
    private final @Nullable Profile profile;

    private HostDevice(WorkerPool pool, Twins twins, @Nullable Profile profile) {
        this.pool = pool;
        this.twins = twins;
        this.profile = profile;
    }

    /// A device of `threads` threads, the caller of [Player#run] among them.
    public static HostDevice of(int threads) {
        Twins twins = Twins.find();
        LOG.info("host: {}", twins.reason());
        return new HostDevice(WorkerPool.of(threads), twins, null);
    }

    /// A device that runs the ops' own kernels only: the oracle of the tuned twins.
    public static HostDevice plain(int threads) {
        return new HostDevice(WorkerPool.of(threads), Twins.none("plain kernels were asked for"), null);
    }

    @Override
    public String describe() {
        return "host: " + pool.threads() + " threads, " + twins.reason();
    }

    /// How many threads take part.
    public int threads() {
        return pool.threads();
    }

    @Override
    public Player load(Program program, Weights weights) {
        return new HostPlayer(program, weights, pool, twins, profile);
    }

    @Override
    public HostDevice profiled(Profile noting) {
        return new HostDevice(pool, twins, noting);
    }

    @Override
    public void close() {
        pool.close();
    }
}
