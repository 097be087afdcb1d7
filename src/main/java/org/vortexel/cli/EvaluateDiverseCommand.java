package org.vortexel.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `vortexel evaluate diverse`: whether the pictures of one prompt are less alike, and what that costs.
@Command(
        name = "diverse",
        description = "Draw prompts several times with CNO and its rivals, and measure how alike the pictures are.",
        mixinStandardHelpOptions = true)
final class EvaluateDiverseCommand implements Callable<Integer> {
    private static final List<String> METHODS = List.of(
            "independent",
            "cno=--diverse cno",
            "repulsive=--diverse repulsive",
            "best-of=--diverse best-of",
            "cads 0.1=--diverse cads --diverse-strength 0.1",
            "cads 0.25=--diverse cads --diverse-strength 0.25",
            "particles 15=--diverse particles --diverse-strength 15",
            "particles 30=--diverse particles --diverse-strength 30");

    @Mixin
    private Console console = new Console();

    @Mixin
    private MethodsEvaluation evaluation = new MethodsEvaluation();

    @Override
    public Integer call() {
        return evaluation.run(console, METHODS);
    }
}
