package org.vortexel.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;
import org.vortexel.diffusion.noise.NoiseRefiner;

/// How pictures of one prompt are kept from being alike, as a user says it and a recipe keeps it. Pictures of one
/// prompt are then drawn in groups and hang on one another, so a recipe names its group, and repeating one picture
/// draws all of them.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Diversity.Off.class, name = "off"),
    @JsonSubTypes.Type(value = Diversity.Cno.class, name = "cno"),
    @JsonSubTypes.Type(value = Diversity.Coupled.class, name = "coupled"),
    @JsonSubTypes.Type(value = Diversity.BestOf.class, name = "best-of"),
    @JsonSubTypes.Type(value = Diversity.Cads.class, name = "cads"),
    @JsonSubTypes.Type(value = Diversity.Particles.class, name = "particles")
})
public sealed interface Diversity {
    /// The pictures of one prompt that hang on one another.
    ///
    /// @param seed of the first; each further one has the next
    /// @param count how many, 1 … 8
    record Group(long seed, int count) {
        /// The most pictures of a group.
        static final int MOST = 8;

        public Group {
            if (count < 1 || count > MOST) {
                throw new IllegalArgumentException("a group has 1 to " + MOST + " pictures, not " + count);
            }
        }
    }

    /// The group, or none where it is still open or pictures do not hang on one another.
    @Nullable
    Group group();

    /// The same for a group.
    Diversity of(Group group);

    /// Pictures know nothing of each other.
    record Off() implements Diversity {
        @Override
        public @Nullable Group group() {
            return null;
        }

        @Override
        public Diversity of(Group group) {
            return this;
        }
    }

    /// How the loss of CNO finds its way back to the noise; see [NoiseRefiner.Way].
    enum Gradient {
        /// The network's answers are taken for constants.
        STOP,
        /// Through the network, which costs its gradient at every iteration.
        FULL
    }

    /// CNO; see [NoiseRefiner.Contrastive].
    ///
    /// @param iterations 1 … 100 steps of Adam on the noise
    /// @param rate of Adam, above 0
    /// @param temperature above 0
    /// @param gamma above 0; below 1 holds pictures closer to what they would have been
    /// @param windows 1 … 64; pictures are compared in so many by so many windows
    /// @param gradient how the loss finds its way back; null for [Gradient#STOP]
    record Cno(
            int iterations,
            double rate,
            double temperature,
            double gamma,
            int windows,
            @Nullable Gradient gradient,
            @Nullable Group group)
            implements Diversity {
        private static final int MOST_ITERATIONS = 100;
        private static final int MOST_WINDOWS = 64;

        public Cno {
            if (iterations < 1
                    || iterations > MOST_ITERATIONS
                    || windows < 1
                    || windows > MOST_WINDOWS
                    || !(Math.min(rate, Math.min(temperature, gamma)) > 0)
                    || !Double.isFinite(rate + temperature + gamma)) {
                throw new IllegalArgumentException("CNO wants 1 to " + MOST_ITERATIONS + " iterations, 1 to "
                        + MOST_WINDOWS + " windows, and a positive rate, temperature and gamma");
            }
        }

        /// How the loss finds its way back.
        Gradient way() {
            return gradient == null ? Gradient.STOP : gradient;
        }

        @Override
        public Diversity of(Group other) {
            return new Cno(iterations, rate, temperature, gamma, windows, gradient, other);
        }
    }

    /// Coupled noise, which costs nothing.
    record Coupled(NoiseRefiner.Coupling coupling, @Nullable Group group) implements Diversity {
        @Override
        public Diversity of(Group other) {
            return new Coupled(coupling, other);
        }
    }

    /// Of several candidates for each picture, those whose first estimates lie farthest apart.
    ///
    /// @param candidates 2 … 32 for each picture
    record BestOf(int candidates, @Nullable Group group) implements Diversity {
        private static final int MOST = 32;

        public BestOf {
            if (candidates < 2 || candidates > MOST) {
                throw new IllegalArgumentException("best-of wants 2 to " + MOST + " candidates, not " + candidates);
            }
        }

        @Override
        public Diversity of(Group other) {
            return new BestOf(candidates, other);
        }
    }

    /// CADS: the caption is noisy while the picture is; see [org.vortexel.diffusion.noise.Cads].
    ///
    /// @param noise 0 … 10, its strength
    record Cads(double noise, @Nullable Group group) implements Diversity {
        private static final double MOST = 10;

        public Cads {
            if (!(noise >= 0 && noise <= MOST)) {
                throw new IllegalArgumentException("the noise of CADS is from 0 to " + MOST + " but is " + noise);
            }
        }

        @Override
        public Diversity of(Group other) {
            return new Cads(noise, other);
        }
    }

    /// Particle guidance; see [org.vortexel.diffusion.noise.ParticleGuidance].
    ///
    /// @param strength at least 0
    record Particles(double strength, @Nullable Group group) implements Diversity {
        public Particles {
            if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("the strength of particles is at least 0 but is " + strength);
            }
        }

        @Override
        public Diversity of(Group other) {
            return new Particles(strength, other);
        }
    }
}
