package org.vortexel.device.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerPoolTest {
    @Test
    void everyChunkRunsOnce() {
        try (WorkerPool pool = WorkerPool.of(3)) {
            for (int chunks : new int[] {0, 1, 2, 3, 100}) {
                for (int repeat = 0; repeat < 2000; repeat++) {
                    AtomicIntegerArray seen = new AtomicIntegerArray(chunks);
                    pool.run(chunks, seen::incrementAndGet);
                    for (int i = 0; i < chunks; i++) {
                        assertEquals(1, seen.get(i));
                    }
                }
            }
        }
    }

    @Test
    void rangesCoverEveryRowOnce() {
        try (WorkerPool pool = WorkerPool.of(2)) {
            for (int count : new int[] {0, 1, 3, 31, 32, 33, 257}) {
                for (int grain : new int[] {0, 1, 16, 1000}) {
                    AtomicIntegerArray seen = new AtomicIntegerArray(count);
                    pool.ranges(count, grain, (begin, rows) -> {
                        for (int i = begin; i < begin + rows; i++) {
                            seen.incrementAndGet(i);
                        }
                    });
                    for (int i = 0; i < count; i++) {
                        assertEquals(1, seen.get(i));
                    }
                }
            }
        }
    }

    @Test
    void workersThatHaveParkedWakeUp() throws InterruptedException {
        try (WorkerPool pool = WorkerPool.of(4)) {
            AtomicIntegerArray seen = new AtomicIntegerArray(1);
            for (int i = 0; i < 20; i++) {
                Thread.sleep(2);
                pool.run(8, _ -> seen.incrementAndGet(0));
            }
            assertEquals(160, seen.get(0));
        }
    }

    @Test
    void aRunInsideARunIsDoneByItsCaller() {
        try (WorkerPool pool = WorkerPool.of(2)) {
            AtomicIntegerArray seen = new AtomicIntegerArray(50);
            pool.run(5, i -> {
                Thread outer = Thread.currentThread();
                pool.run(10, j -> {
                    assertSame(outer, Thread.currentThread());
                    seen.incrementAndGet(10 * i + j);
                });
            });
            for (int i = 0; i < 50; i++) {
                assertEquals(1, seen.get(i));
            }
        }
    }

    @Test
    void anExceptionReachesTheCallerAndThePoolLivesOn() {
        try (WorkerPool pool = WorkerPool.of(2)) {
            var thrown = new IllegalArgumentException("chunk 3");
            var caught = assertThrows(
                    IllegalArgumentException.class,
                    () -> pool.run(8, i -> {
                        if (i == 3) {
                            throw thrown;
                        }
                    }));
            assertSame(thrown, caught);
            everyChunkRunsOnce();
        }
    }

    @Test
    void aClosedPoolRefusesWork() {
        WorkerPool pool = WorkerPool.of(2);
        pool.close();
        pool.close();
        assertThrows(IllegalStateException.class, () -> pool.run(1, _ -> {}));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> WorkerPool.of(0))
                .getMessage()
                .contains("but got 0"));
    }
}
