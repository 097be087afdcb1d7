package org.vortexel.train;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vortexel.ar.rear.Alignment;
import org.vortexel.ar.rear.NoiseAnnealing;
import org.vortexel.ar.rear.NoisyContext;

/// reAR while a transformer is trained: a context with errors, and states that are drawn to codes.
/// Either may be off, which leaves plain training, bit for bit.
///
/// Source: [arXiv:2510.04450](https://arxiv.org/abs/2510.04450).
///
/// @param noise of the context; none leaves it clean
/// @param align heads and where they stand; none for no alignment
public record Rear(@Nullable Noise noise, @Nullable Align align) {
    /// Neither noise nor alignment.
    public static final Rear OFF = new Rear(null, null);

    /// Errors of the context.
    ///
    /// @param mode what stands for a token: another token (the paper's), or a mask, which is learnt
    /// and not kept
    /// @param schedule how many there are
    public record Noise(NoisyContext.Mode mode, Schedule schedule) {}

    /// How many tokens are replaced along a training.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Annealed.class, name = "annealed"),
        @JsonSubTypes.Type(value = Even.class, name = "even"),
        @JsonSubTypes.Type(value = Fixed.class, name = "fixed")
    })
    public sealed interface Schedule permits Annealed, Even, Fixed {}

    /// A share drawn evenly below `1 - t / end`, `t` the part of training that is done: the paper's
    /// with `end` 0.75.
    ///
    /// @param end from where on the context is clean, in `(0, 1]`
    public record Annealed(double end) implements Schedule {
        public Annealed {
            if (!(end > 0 && end <= 1)) {
                throw new IllegalArgumentException("noise ends after a part of training in (0, 1], not at " + end);
            }
        }
    }

    /// A share drawn evenly below `most`, all along.
    ///
    /// @param most in `[0, 1]`
    public record Even(double most) implements Schedule {
        public Even {
            checkShare(most);
        }
    }

    /// One share for all pictures, all along.
    ///
    /// @param share in `[0, 1]`
    public record Fixed(double share) implements Schedule {
        public Fixed {
            checkShare(share);
        }
    }

    /// Alignment, see [Alignment.Config].
    ///
    /// @param encodeLayer the block whose state should tell the present token, from 0; none for no
    /// such head
    /// @param decodeLayer the block whose state should tell the next; none for no such head
    /// @param hidden width inside the heads
    /// @param layers of a head, 3 (code) or 2 (paper)
    /// @param act between them
    /// @param replaced what replaced tokens count
    /// @param weight λ
    public record Align(
            @Nullable Integer encodeLayer,
            @Nullable Integer decodeLayer,
            int hidden,
            int layers,
            Alignment.Act act,
            Alignment.Replaced replaced,
            double weight) {
        public Align {
            new Alignment.Config(
                    Optional.ofNullable(encodeLayer),
                    Optional.ofNullable(decodeLayer),
                    hidden,
                    layers,
                    act,
                    replaced,
                    (float) weight); // refuses what does not go together
        }

        Alignment.Config config() {
            return new Alignment.Config(
                    Optional.ofNullable(encodeLayer),
                    Optional.ofNullable(decodeLayer),
                    hidden,
                    layers,
                    act,
                    replaced,
                    (float) weight);
        }
    }

    private static void checkShare(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("the share of replaced tokens is in [0, 1] but is " + share);
        }
    }

    /// Whether a mask may stand in a context.
    boolean masks() {
        return noise != null && noise.mode() == NoisyContext.Mode.MASK;
    }

    /// The context of a step.
    ///
    /// @param clean (N T) ids below `vocabulary`
    NoisyContext context(int[] clean, int batch, int vocabulary, long seed, int step, int steps) {
        int length = clean.length / batch;
        if (noise == null) {
            return new NoisyContext(clean, new float[clean.length]);
        }
        NoisyContext.Draws draws = NoisyContext.Draws.of(seed, step, batch, length, vocabulary);
        double most = switch (noise.schedule()) {
            case Annealed(double end) -> new NoiseAnnealing(0, end * steps).maxRatio(step);
            case Even(double share) -> share;
            case Fixed(double share) -> share;
        };
        if (noise.schedule() instanceof Fixed) {
            float[] whole = new float[batch];
            Arrays.fill(whole, 1);
            draws = new NoisyContext.Draws(whole, draws.tokens(), draws.replacements());
        }
        return NoisyContext.of(clean, draws, (float) most, noise.mode(), vocabulary);
    }
}
