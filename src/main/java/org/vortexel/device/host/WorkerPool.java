package org.vortexel.device.host;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A few threads that run the chunks of one piece of work at a time, with well under a microsecond of overhead.
///
/// The calling thread takes part, so a pool of `n` threads starts `n - 1` workers. Idle workers spin for about 50
/// microseconds before they park: kernels of one program follow each other faster than that.
///
/// Chunks are claimed in any order by any thread, but what a chunk does depends on its number alone. Work that
/// writes disjoint results per chunk therefore gives the same bits at every thread count.
///
/// A run that is started from inside another run, or while another caller keeps the pool busy, is carried out inline by
/// its caller.
public final class WorkerPool implements AutoCloseable {
    private static final long SPIN_NANOS = 50_000;
    private static final int SPINS_PER_CLOCK = 64;

    private final Worker[] workers;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile Job job = Job.NONE;
    private volatile boolean closed;

    private WorkerPool(int threads) {
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker("vortexel-host-" + (i + 1));
        }
        for (Worker worker : workers) {
            worker.start();
        }
    }

    /// One numbered piece of the work.
    @FunctionalInterface
    public interface ChunkBody {
        /// Does chunk number `chunk`, and writes nothing that another chunk reads or writes.
        void run(int chunk);
    }

    /// The work on a range of rows.
    @FunctionalInterface
    public interface RangeBody {
        /// Does the rows `begin … begin + count - 1`.
        void run(int begin, int count);
    }

    /// A pool in which `threads` threads work, the caller of [#run] among them.
    ///
    /// @throws IllegalArgumentException if `threads` is not between 1 and 1024
    public static WorkerPool of(int threads) {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("Threads must be between 1 and 1024 but got " + threads);
        }
        return new WorkerPool(threads);
    }

    /// How many threads take part in a run, the caller included.
    public int threads() {
        return workers.length + 1;
    }

    /// Runs `body` for the chunks `0 … chunks - 1` and returns when all are done.
    ///
    /// An exception thrown by a chunk is thrown here after the running chunks have ended; chunks that nobody had
    /// begun are then left out.
    ///
    /// @throws IllegalStateException if the pool is closed
    public void run(int chunks, ChunkBody body) {
        if (closed) {
            throw new IllegalStateException("This worker pool is closed");
        }
        if (chunks <= 1 || workers.length == 0 || !busy.compareAndSet(false, true)) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                body.run(chunk);
            }
            return;
        }
        try {
            Job mine = new Job(chunks, body, Thread.currentThread());
            job = mine;
            for (Worker worker : workers) {
                if (worker.parked) {
                    LockSupport.unpark(worker);
                }
            }
            mine.work();
            mine.await();
            mine.rethrow();
        } finally {
            busy.set(false);
        }
    }

    /// Cuts `count` rows into chunks of `grain` rows (the last may be shorter) and runs `body` on them.
    public void ranges(int count, int grain, RangeBody body) {
        int step = Math.max(1, grain);
        int chunks = (int) (((long) count + step - 1) / step);
        if (chunks <= 1 || workers.length == 0) {
            if (count > 0) {
                body.run(0, count);
            }
            return;
        }
        run(chunks, chunk -> body.run(chunk * step, Math.min(step, count - chunk * step)));
    }

    /// Ends the workers. Closing twice does nothing.
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private static boolean spin(long start, int spins) {
        Thread.onSpinWait();
        return spins % SPINS_PER_CLOCK != 0 || System.nanoTime() - start < SPIN_NANOS;
    }

    private final class Worker extends Thread {
        private volatile boolean parked;

        Worker(String name) {
            super(name);
            setDaemon(true);
        }

        @Override
        public void run() {
            Job done = Job.NONE;
            while (!closed) {
                Job next = awaitOther(done);
                next.work();
                done = next;
            }
        }

        private Job awaitOther(Job done) {
            long start = System.nanoTime();
            for (int spins = 1; job == done && !closed && spin(start, spins); spins++) {}
            if (job == done && !closed) {
                parked = true;
                while (job == done && !closed) {
                    LockSupport.park(WorkerPool.this);
                }
                parked = false;
            }
            return job;
        }
    }

    /// One run: the next chunk to claim, and how many are finished. A worker that comes late finds nothing left to
    /// claim.
    private static final class Job {
        static final Job NONE = new Job(0, _ -> {}, Thread.currentThread());

        private final int chunks;
        private final ChunkBody body;
        private final Thread caller;
        private final AtomicInteger claimed = new AtomicInteger();
        private final AtomicInteger finished = new AtomicInteger();
        private volatile boolean callerParked;
        private volatile @Nullable Throwable failure;

        Job(int chunks, ChunkBody body, Thread caller) {
            this.chunks = chunks;
            this.body = body;
            this.caller = caller;
        }

        void work() {
            for (int chunk = claimed.getAndIncrement(); chunk < chunks; chunk = claimed.getAndIncrement()) {
                if (failure == null) {
                    try {
                        body.run(chunk);
                    } catch (RuntimeException | Error e) {
                        failure = e;
                    }
                }
                if (finished.incrementAndGet() == chunks && callerParked) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void await() {
            long start = System.nanoTime();
            for (int spins = 1; finished.get() < chunks && spin(start, spins); spins++) {}
            if (finished.get() < chunks) {
                callerParked = true;
                while (finished.get() < chunks) {
                    LockSupport.park(this);
                }
            }
        }

        void rethrow() {
            switch (failure) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
