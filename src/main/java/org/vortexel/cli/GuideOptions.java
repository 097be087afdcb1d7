package org.vortexel.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vortexel.pipeline.Guide;
import picocli.CommandLine.Option;

/// The options that choose how the prompt pulls the picture.
final class GuideOptions {
    private static final double SEG_STRENGTH = 3;

    @Option(
            names = "--guide",
            description = "how --guidance works: cfg, cfg++, s-cfg (a scale for every part of the picture), seg (also"
                    + " away from a blurred network) or z (steps are gone back and taken again) (default: cfg)")
    private String method = "cfg";

    @Option(names = "--guide-strength", description = "strength of seg (default: 3)")
    private @Nullable Double strength;

    @Option(
            names = "--guide-blur",
            description = "deviation of the blur of seg, in tokens (default: the mean of all places)")
    private @Nullable Double blur;

    @Option(
            names = "--guide-steps",
            description = "how many of the first steps z goes back (default: all but the last)")
    private @Nullable Integer steps;

    /// Whether anything was said.
    boolean isGiven() {
        return !method.equals("cfg") || strength != null || blur != null || steps != null;
    }

    /// The choice.
    Guide choice() {
        String name = method.toLowerCase(Locale.ROOT);
        belongs("--guide-strength", strength, name.equals("seg"));
        belongs("--guide-blur", blur, name.equals("seg"));
        belongs("--guide-steps", steps, name.equals("z"));
        return switch (name) {
            case "cfg" -> new Guide.Cfg();
            case "cfg++", "cfgpp" -> new Guide.CfgPlusPlus();
            case "s-cfg" -> new Guide.Semantic();
            case "seg" -> new Guide.SmoothedEnergy(strength == null ? SEG_STRENGTH : strength, blur);
            case "z" -> steps == null ? Guide.Zigzag.all() : new Guide.Zigzag(steps);
            default ->
                throw new IllegalArgumentException(
                        "there is no way '" + method + "' to guide; known are cfg, cfg++, s-cfg, seg and z");
        };
    }

    private void belongs(String option, @Nullable Object value, boolean does) {
        if (value != null && !does) {
            throw new IllegalArgumentException(option + " does not belong to --guide " + method);
        }
    }
}
