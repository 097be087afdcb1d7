package org.vortexel.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vortexel.diffusion.asyn.Curve;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Asynchronous;
import picocli.CommandLine.Option;

/// The options of AsynDM.
final class AsyncOptions {
    private static final double STRENGTH = 0.7;
    private static final int DRAWN_SIDE = 64;

    @Option(
            names = "--async",
            description = "draw what the prompt speaks of later than the rest (AsynDM), along a quadratic, piecewise,"
                    + " exponential or linear curve; off by default")
    private String curve = "off";

    @Option(names = "--strength", description = "how much later, from 0 to 1 (default: 0.7)")
    private @Nullable Double strength;

    @Option(
            names = "--items",
            split = ",",
            description = "the words that are drawn later (default: all that say something)")
    private List<String> items = new ArrayList<>();

    @Option(
            names = "--masks",
            description = "where they are: dynamic (looked up after every step), fixed (looked up in a run before),"
                    + " or as controls everywhere, random (as large as dynamic, anywhere) or inverted (where they are"
                    + " not) (default: dynamic)")
    private Asynchronous.@Nullable Masking masking;

    @Option(names = "--mask", description = "a picture whose bright places are drawn later, instead of looking them up")
    private @Nullable Path mask;

    @Option(names = "--mask-threshold", description = "attention above so many times its mean counts (default: 1)")
    private @Nullable Double threshold;

    /// Whether anything was said.
    boolean isGiven() {
        return !curve.equals("off") || isDetailed();
    }

    private boolean isDetailed() {
        return strength != null || !items.isEmpty() || masking != null || mask != null || threshold != null;
    }

    /// The choice.
    Asynchronous choice() {
        if (curve.equals("off")) {
            if (isDetailed()) {
                throw new IllegalArgumentException(
                        "--strength, --items, --masks, --mask and --mask-threshold belong to --async CURVE");
            }
            return new Asynchronous.Off();
        }
        Path file = mask;
        if (file != null && (!items.isEmpty() || masking != null || threshold != null)) {
            throw new IllegalArgumentException(
                    "--mask says where, so that --items, --masks and --mask-threshold do not");
        }
        if (masking == Asynchronous.Masking.DRAWN) {
            throw new IllegalArgumentException("a drawn mask is given by --mask FILE");
        }
        Asynchronous.Masking where = masking == null ? Asynchronous.Masking.DYNAMIC : masking;
        return new Asynchronous.On(
                curve(),
                strength == null ? STRENGTH : strength,
                items,
                file == null ? where : Asynchronous.Masking.DRAWN,
                threshold == null ? 1 : threshold,
                file == null ? List.of() : Asynchronous.On.rows(ImageFile.read(file), DRAWN_SIDE));
    }

    private Curve curve() {
        try {
            return Curve.valueOf(curve.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "there is no curve '" + curve + "'; known are quadratic, piecewise, exponential and linear", e);
        }
    }
}
