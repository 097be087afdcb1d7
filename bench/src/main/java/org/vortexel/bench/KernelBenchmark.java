package org.vortexel.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// How long does a piece of work take, here and with a peer? Results are consumed by being written to memory.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class KernelBenchmark {
    /// A piece of work, see [Work].
    @Param("matmul 1024 256 256")
    public String work = "";

    /// Who does it.
    @Param("vortexel")
    public String peer = "";

    /// On how many threads.
    @Param("2")
    public int threads;

    private Peer ready = new Peak(1);

    /// Makes inputs and loads the library.
    @Setup
    public void load() {
        ready = Peer.of(peer, Work.of(work), threads);
    }

    /// Lets the library go.
    @TearDown
    public void unload() {
        ready.close();
    }

    /// Does the work once.
    @Benchmark
    public void run() {
        ready.run();
    }
}
