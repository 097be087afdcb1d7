package org.vortexel.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `vortexel prepare`: what is worked out once, before a training or a way of sampling.
@Command(
        name = "prepare",
        description = "Work out once what a training or a way of sampling needs.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PrepareHycaCommand.class,
            PrepareMascCommand.class,
            PrepareTokensCommand.class,
            PrepareLlamaGenCommand.class
        },
        synopsisSubcommandLabel = "hyca|masc|tokens|llamagen")
final class PrepareCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Override
    public Integer call() {
        return console.usage();
    }
}
