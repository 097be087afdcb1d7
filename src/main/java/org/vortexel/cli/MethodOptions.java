package org.vortexel.cli;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vortexel.pipeline.Guide;
import org.vortexel.pipeline.Request;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A way of drawing as a user writes it: a name and the options of `generate` that make it what it is,
/// such as `late=--async quadratic --strength 0.5`. No options are the plain way.
@Command(name = "method")
final class MethodOptions {
    private static final int MOST_STEPS = 1000;
    private static final double OWN_CHOICE = -1;

    @Mixin
    private AsyncOptions async = new AsyncOptions();

    @Mixin
    private DiverseOptions diverse = new DiverseOptions();

    @Mixin
    private GuideOptions guide = new GuideOptions();

    @Mixin
    private CacheOptions cache = new CacheOptions();

    @Option(names = "--steps", description = "denoising steps")
    private @Nullable Integer steps;

    @Option(
            names = "--guidance",
            description = "scale of guidance (default: that of the comparison; cfg++ finds its own)")
    private @Nullable Double guidance;

    /// A way of drawing.
    ///
    /// @param name shown to users
    /// @param options its words
    /// @param change what it does to a request
    record Method(String name, String options, UnaryOperator<Request> change) {}

    /// Reads `NAME=OPTIONS`.
    ///
    /// @param pictures of each prompt
    /// @throws IllegalArgumentException when there is no name, or an option is not one of a way of
    /// drawing
    static Method parse(String text, int pictures) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? text.strip() : text.substring(0, equals).strip();
        if (!name.matches("[\\p{L}\\p{N}][\\p{L}\\p{N} .+-]{0,39}")) {
            throw new IllegalArgumentException("a method is NAME=OPTIONS, the name of letters, digits, blanks and .+-,"
                    + " but got '" + text + "'");
        }
        String options = equals < 0 ? "" : text.substring(equals + 1).strip();
        MethodOptions parsed = new MethodOptions();
        try {
            CommandLine line = new CommandLine(parsed);
            line.setCaseInsensitiveEnumValuesAllowed(true);
            line.parseArgs(Arrays.stream(options.split("\\s+"))
                    .filter(word -> !word.isEmpty())
                    .toArray(String[]::new));
        } catch (CommandLine.ParameterException e) {
            throw new IllegalArgumentException("method " + name + ": " + e.getMessage(), e);
        }
        return new Method(name, options, parsed.change(pictures));
    }

    private UnaryOperator<Request> change(int pictures) {
        var asynchronous = async.choice();
        var diversity = diverse.choice(pictures);
        var guiding = guide.choice();
        var caching = cache.caching(file -> {
            throw new IllegalArgumentException("--hyca-profile does not belong to a method; the model's own is used");
        });
        if (steps != null && (steps < 1 || steps > MOST_STEPS)) {
            throw new IllegalArgumentException("--steps is from 1 to " + MOST_STEPS + " but is " + steps);
        }
        Double scale = guidance;
        if (scale != null && !(scale >= 0)) {
            throw new IllegalArgumentException("--guidance is at least 0 but is " + scale);
        }
        return request -> {
            Request changed = request.withAsynchronous(asynchronous)
                    .withDiversity(diversity)
                    .withGuide(guiding)
                    .withCache(caching);
            if (scale != null) {
                changed = changed.withGuidance(scale);
            } else if (guiding instanceof Guide.CfgPlusPlus) {
                changed = changed.withGuidance(OWN_CHOICE); // another scale would not pull as much
            }
            return steps == null ? changed : changed.withSteps(steps);
        };
    }
}
