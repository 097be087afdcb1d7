package org.vortexel.cli;

import java.io.Console;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// A progress bar on a terminal; nothing when the output is piped.
final class Progress implements AutoCloseable {
    private final @Nullable ProgressBar bar;

    Progress(String task, int steps) {
        bar = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
                ? new ProgressBarBuilder()
                        .setTaskName(task)
                        .setInitialMax(steps)
                        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                        .build()
                : null;
    }

    void at(int step, int steps, String message) {
        if (bar != null) {
            bar.maxHint(steps).stepTo(step).setExtraMessage(message);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
