package org.vortexel.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vortexel.dit.Granularity;
import org.vortexel.pipeline.Caching;
import picocli.CommandLine.Option;

/// The options that choose a feature cache.
final class CacheOptions {
    private static final int INTERVAL = 6;
    private static final int WARMUP = 3;
    private static final double HERMITE_SCALE = 0.5;
    private static final double TEA_THRESHOLD = 0.3;

    @Option(
            names = "--cache",
            description =
                    "forecast features instead of computing them at most steps: off, hyca, taylorseer, fora, foca,"
                            + " hicache or teacache (default: off)")
    private String method = "off";

    @Option(names = "--interval", description = "compute every so many steps (default: 6); 1 computes all")
    private @Nullable Integer interval;

    @Option(names = "--warmup", description = "steps at the start that are computed anyway (default: 3)")
    private @Nullable Integer warmup;

    @Option(
            names = "--placing",
            description =
                    "cadence (the warm-up, then every interval), even (as many steps, spread evenly) or, for hyca, found"
                            + " (as many, where its profile puts them); default: found for hyca, cadence for the others")
    private Caching.@Nullable Placing placing;

    @Option(names = "--order", description = "order of taylorseer and hicache, 1 to 4 (default: 2)")
    private @Nullable Integer order;

    @Option(names = "--scale", description = "scale of hicache, above 0 and at most 1 (default: 0.5)")
    private @Nullable Double scale;

    @Option(names = "--threshold", description = "threshold of teacache (default: 0.3)")
    private @Nullable Double threshold;

    @Option(
            names = "--granularity",
            description = "what is forecast: module, block or trunk (default: module; hyca's profile says its own)")
    private @Nullable Granularity granularity;

    @Option(names = "--hyca-profile", description = "profile of hyca (default: hyca.json beside the model)")
    private @Nullable Path profile;

    /// Whether anything was said.
    boolean isGiven() {
        return !method.equals("off") || anyOf(interval, warmup, placing, order, scale, threshold, granularity);
    }

    private static boolean anyOf(@Nullable Object... options) {
        for (Object option : options) {
            if (option != null) {
                return true;
            }
        }
        return false;
    }

    /// The profile that was named.
    Optional<Path> profile() {
        return Optional.ofNullable(profile);
    }

    /// The choice.
    ///
    /// @param known gives the name of a profile, see [org.vortexel.pipeline.TextToImage#addProfile]
    Caching caching(Function<Path, String> known) {
        String name = method.toLowerCase(Locale.ROOT);
        boolean stepped = !name.equals("off") && !name.equals("teacache");
        belongs("--interval", interval, stepped);
        belongs("--warmup", warmup, stepped);
        belongs("--placing", placing, stepped);
        belongs("--order", order, name.equals("taylorseer") || name.equals("hicache"));
        belongs("--scale", scale, name.equals("hicache"));
        belongs("--threshold", threshold, name.equals("teacache"));
        belongs("--granularity", granularity, stepped && !name.equals("hyca"));
        belongs("--hyca-profile", profile, name.equals("hyca"));
        Caching.Steps steps = new Caching.Steps(
                or(interval, INTERVAL),
                or(warmup, WARMUP),
                or(placing, name.equals("hyca") ? Caching.Placing.FOUND : Caching.Placing.CADENCE));
        Granularity what = or(granularity, Granularity.MODULE);
        return switch (name) {
            case "off" -> new Caching.Off();
            case "hyca" -> new Caching.Hyca(steps, profile == null ? "" : known.apply(profile));
            case "taylorseer" -> new Caching.TaylorSeer(or(order, 2), steps, what);
            case "fora" -> new Caching.Fora(steps, what);
            case "foca" -> new Caching.FoCa(steps, what);
            case "hicache" -> new Caching.HiCache(or(order, 2), or(scale, HERMITE_SCALE), steps, what);
            case "teacache" -> new Caching.TeaCache(or(threshold, TEA_THRESHOLD));
            default ->
                throw new IllegalArgumentException("there is no cache '" + method
                        + "'; known are off, hyca, taylorseer, fora, foca, hicache and teacache");
        };
    }

    private void belongs(String option, @Nullable Object value, boolean does) {
        if (value != null && !does) {
            throw new IllegalArgumentException(option + " does not belong to --cache " + method);
        }
    }

    private static <T> T or(@Nullable T value, T usual) {
        return value == null ? usual : value;
    }
}
