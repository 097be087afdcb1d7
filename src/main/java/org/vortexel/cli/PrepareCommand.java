package org.vortexel.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `vortexel prepare`: what is worked out once, before a training or a way of sampling.
@Command(
        name = "prepare",
        description = "Work out once what a training or a way of sampling needs.",
        mixinStandardHelpOptions = true,
        subcommands = {PrepareHycaCommand.class, PrepareMascCommand.class, PrepareTokensCommand.class},
        synopsisSubcommandLabel = "hyca|masc|tokens")
final class PrepareCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec own = spec;
        if (own != null) {
            own.commandLine().usage(own.commandLine().getErr());
        }
        return Main.BAD_INPUT;
    }
}
