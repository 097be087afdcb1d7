package org.vortexel.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `vortexel evaluate async`: whether pictures fit their prompts better when what the prompt speaks of
/// is drawn later.
@Command(
        name = "async",
        description = "Draw compositional prompts with AsynDM and its rivals, and measure how well the pictures fit.",
        mixinStandardHelpOptions = true)
final class EvaluateAsyncCommand implements Callable<Integer> {
    private static final List<String> METHODS = List.of(
            "synchronous",
            "everywhere=--async quadratic --masks everywhere",
            "random=--async quadratic --masks random",
            "inverted=--async quadratic --masks inverted",
            "fixed=--async quadratic --masks fixed",
            "asyndm=--async quadratic",
            "cfg++=--guide cfg++",
            "s-cfg=--guide s-cfg",
            "seg=--guide seg",
            "z=--guide z");

    @Mixin
    private Console console = new Console();

    @Mixin
    private MethodsEvaluation evaluation = new MethodsEvaluation();

    @Override
    public Integer call() {
        return evaluation.run(console, METHODS);
    }
}
