package org.vortexel.data;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/// Does many independent pieces of work on all cores. Unlike a parallel stream it throws the worker's own
/// exception, with its own sentence.
final class Workers {
    private Workers() {}

    /// Calls `work` once for each of `0 … count - 1`, in any order, and returns when all are done. After a failure
    /// no more pieces are begun, and the failure is thrown.
    static void forEach(int count, IntConsumer work) {
        int threads = Math.max(1, Math.min(count, Runtime.getRuntime().availableProcessors()));
        AtomicInteger next = new AtomicInteger();
        AtomicBoolean stopped = new AtomicBoolean();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> futures = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                futures.add(pool.submit(() -> {
                    try {
                        for (int i = next.getAndIncrement(); i < count && !stopped.get(); i = next.getAndIncrement()) {
                            work.accept(i);
                        }
                    } catch (RuntimeException | Error e) {
                        stopped.set(true);
                        throw e;
                    }
                }));
            }
            for (Future<?> future : futures) {
                join(future, stopped);
            }
        }
    }

    private static void join(Future<?> future, AtomicBoolean stopped) {
        try {
            future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException("work failed", e);
            }
        } catch (InterruptedException e) {
            stopped.set(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
