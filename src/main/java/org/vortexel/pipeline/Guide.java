package org.vortexel.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/// How the prompt pulls the picture, as a user says it and a recipe keeps it; how hard is its guidance.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Guide.Cfg.class, name = "cfg"),
    @JsonSubTypes.Type(value = Guide.CfgPlusPlus.class, name = "cfg++"),
    @JsonSubTypes.Type(value = Guide.Semantic.class, name = "s-cfg"),
    @JsonSubTypes.Type(value = Guide.SmoothedEnergy.class, name = "seg"),
    @JsonSubTypes.Type(value = Guide.Zigzag.class, name = "z")
})
public sealed interface Guide {
    /// Classifier-free guidance; see [org.vortexel.diffusion.Guidance].
    record Cfg() implements Guide {}

    /// CFG++, whose guidance is from 0 to 1; see [org.vortexel.diffusion.guide.CfgPlusPlus].
    record CfgPlusPlus() implements Guide {}

    /// S-CFG; see [org.vortexel.diffusion.guide.SemanticGuidance].
    record Semantic() implements Guide {}

    /// SEG; see [org.vortexel.diffusion.guide.SmoothedEnergy].
    ///
    /// @param strength 0 … 100, how far away from what blurred queries give
    /// @param blur the deviation of their blur in tokens, 0 … 1000; null for the mean of all places
    record SmoothedEnergy(double strength, @Nullable Double blur) implements Guide {
        private static final double STRONGEST = 100;
        private static final double WIDEST = 1000;

        public SmoothedEnergy {
            if (!(strength >= 0 && strength <= STRONGEST)) {
                throw new IllegalArgumentException(
                        "the strength of SEG is from 0 to " + STRONGEST + " but is " + strength);
            }
            if (blur != null && !(blur >= 0 && blur <= WIDEST)) {
                throw new IllegalArgumentException("the blur of SEG is from 0 to " + WIDEST + " but is " + blur);
            }
        }

        /// The deviation of the blur, infinite for the mean of all places.
        double deviation() {
            return blur == null ? Double.POSITIVE_INFINITY : blur;
        }
    }

    /// Z-Sampling; see [org.vortexel.diffusion.guide.Zigzag].
    ///
    /// @param steps 0 … 1000: how many steps are gone back, from the first on; never the last one
    record Zigzag(int steps) implements Guide {
        private static final int MOST = 1000;

        public Zigzag {
            if (steps < 0 || steps > MOST) {
                throw new IllegalArgumentException("Z-Sampling goes back 0 to " + MOST + " steps, not " + steps);
            }
        }

        /// All steps but the last.
        public static Zigzag all() {
            return new Zigzag(MOST);
        }
    }
}
