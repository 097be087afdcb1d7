package org.vortexel.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.vortexel.diffusion.cache.Cadence;
import org.vortexel.diffusion.cache.Pace;
import org.vortexel.diffusion.cache.Placement;
import org.vortexel.dit.Granularity;

/// How a run spares the network some of its work, as a user says it and a recipe keeps it; see the package
/// `diffusion.cache` for what the methods do.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Caching.Off.class, name = "off"),
    @JsonSubTypes.Type(value = Caching.Hyca.class, name = "hyca"),
    @JsonSubTypes.Type(value = Caching.TaylorSeer.class, name = "taylorseer"),
    @JsonSubTypes.Type(value = Caching.Fora.class, name = "fora"),
    @JsonSubTypes.Type(value = Caching.FoCa.class, name = "foca"),
    @JsonSubTypes.Type(value = Caching.HiCache.class, name = "hicache"),
    @JsonSubTypes.Type(value = Caching.TeaCache.class, name = "teacache")
})
public sealed interface Caching {
    /// Which steps are computed.
    ///
    /// @param interval 1 … 1000; every so many steps one is computed, 1 for all
    /// @param warmup 1 … 1000; how many steps at the start are counted as computed anyway
    /// @param placing where the computed steps lie
    record Steps(int interval, int warmup, Placing placing) {
        private static final int MOST = 1000;

        public Steps {
            if (interval < 1 || interval > MOST || warmup < 1 || warmup > MOST) {
                throw new IllegalArgumentException("the interval and the warm-up of a feature cache are from 1 to "
                        + MOST + " but are " + interval + " and " + warmup);
            }
        }

        /// The steps that are computed.
        ///
        /// @param run steps of the runs that placements were found for
        /// @param found the placements
        public Pace pace(int run, List<Placement> found) {
            Cadence cadence = new Cadence(interval, warmup);
            return switch (placing) {
                case CADENCE -> cadence;
                case EVEN -> new Pace.Even(cadence);
                case FOUND -> new Pace.Found(cadence, run, found);
            };
        }

        /// The steps that are computed by a method that has nothing to find them from.
        Pace pace() {
            return pace(0, List.of());
        }

        private void checkNotFound() {
            if (placing == Placing.FOUND) {
                throw new IllegalArgumentException("only hyca knows where computed steps are best placed");
            }
        }
    }

    /// Where computed steps lie.
    enum Placing {
        /// The warm-up, then every interval: see [Cadence].
        CADENCE,
        /// As many, spread evenly: see [Pace.Even].
        EVEN,
        /// As many, where HyCa's profile puts them: see [Placement].
        FOUND
    }

    /// Every step is computed.
    record Off() implements Caching {}

    /// HyCa.
    ///
    /// @param profile SHA-256 of the profile; empty for the model's own
    record Hyca(Steps steps, String profile) implements Caching {}

    /// TaylorSeer.
    ///
    /// @param order 1 … 4
    record TaylorSeer(int order, Steps steps, Granularity granularity) implements Caching {
        public TaylorSeer {
            steps.checkNotFound();
            checkOrder(order);
        }
    }

    /// FORA.
    record Fora(Steps steps, Granularity granularity) implements Caching {
        public Fora {
            steps.checkNotFound();
        }
    }

    /// FoCa.
    record FoCa(Steps steps, Granularity granularity) implements Caching {
        public FoCa {
            steps.checkNotFound();
        }
    }

    /// HiCache.
    ///
    /// @param order 1 … 4
    /// @param scale above 0, at most 1
    record HiCache(int order, double scale, Steps steps, Granularity granularity) implements Caching {
        public HiCache {
            steps.checkNotFound();
            checkOrder(order);
            if (!(scale > 0 && scale <= 1)) {
                throw new IllegalArgumentException("the scale of HiCache is above 0 and at most 1 but is " + scale);
            }
        }
    }

    /// TeaCache. Which steps it computes hangs on the picture, so pictures are drawn one by one.
    ///
    /// @param threshold above 0
    record TeaCache(double threshold) implements Caching {
        public TeaCache {
            if (!(threshold > 0 && threshold < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("the threshold of TeaCache is above 0 but is " + threshold);
            }
        }
    }

    private static void checkOrder(int order) {
        if (order < 1 || order > 4) {
            throw new IllegalArgumentException("the order of a forecast is from 1 to 4 but is " + order);
        }
    }
}
