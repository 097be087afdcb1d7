package org.vortexel.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/// Ctrl-C as a question that the work asks between its steps: the program is held open until the work has stopped
/// cleanly.
final class Cancellation implements BooleanSupplier, AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final AtomicBoolean asked = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::cancel, "vortexel-cancel");

    Cancellation() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void cancel() {
        asked.set(true);
        try {
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                asked.set(true); // the virtual machine ends all the same; files are written atomically
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean getAsBoolean() {
        return asked.get();
    }

    @Override
    public void close() {
        ended.countDown();
        if (!asked.get()) {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }
}
