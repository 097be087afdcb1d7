package org.vortexel.cli;

import java.io.PrintWriter;
import java.io.Writer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Where a command says what came of it; picocli takes it for a mixin without options.
@Command
final class Console {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /// A line on the output stream.
    void say(Object line) {
        out().println(line);
    }

    /// Shows how the command is used, on the error stream, where it cannot be run by itself.
    ///
    /// @return the exit code
    int usage() {
        CommandSpec running = command;
        if (running != null) {
            running.commandLine().usage(running.commandLine().getErr());
        }
        return Main.BAD_INPUT;
    }

    /// The output stream; nothing is kept of what is written before the command runs.
    PrintWriter out() {
        CommandSpec running = command;
        return running == null
                ? new PrintWriter(Writer.nullWriter())
                : running.commandLine().getOut();
    }
}
