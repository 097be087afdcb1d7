package org.vortexel.ar;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.op.Tensor;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Draws the tokens of a batch of pictures, one run of a model's one-token program after another.
///
/// ```java
/// try (TokenGenerator generator = new TokenGenerator(device, model, weights, pictures, guidance)) {
///     for (TokenStep step : generator.run(prompt, sampling, Uniforms.seeded(7))) {
///         // keep step.tokens(); show progress here; break to cancel
///     }
/// }
/// ```
///
/// Used by one thread; one walk at a time, since all share the cache.
public final class TokenGenerator implements AutoCloseable {
    private final TokenModel model;
    private final Weights weights;
    private final TokenModel.Sizes sizes;
    private final int pictures;
    private final int rows;
    private final int slots;
    private final TokenGuidance guidance;
    private final Player embedder;
    private final Player stepper;

    /// A generator for batches of `pictures`; with guidance on, a batch runs twice as wide.
    public TokenGenerator(Device device, TokenModel model, Weights weights, int pictures, TokenGuidance guidance) {
        this.model = model;
        this.weights = weights;
        this.sizes = model.sizes();
        this.pictures = pictures;
        this.guidance = guidance;
        this.rows = guidance instanceof TokenGuidance.Off ? pictures : 2 * pictures;
        this.slots = KvCache.slots(sizes.prefix() + sizes.tokens());
        this.embedder = device.load(prefixProgram(), weights);
        this.stepper = device.load(stepProgram(model, rows, slots), weights);
    }

    private Program prefixProgram() {
        Recorder r = new Recorder();
        r.output("prefix", model.prefix(model.prompt(r, rows)));
        return r.program();
    }

    /// The program of one token: inputs `prefix` (N, P, D), `token` (N, 1), `at` (1), `hidden` (N, S) and the
    /// cache; output `logits` (N, V), and the cache under its own names.
    ///
    /// @param slots room in the cache, S
    public static Program stepProgram(TokenModel model, int rows, int slots) {
        TokenModel.Sizes sizes = model.sizes();
        Recorder r = new Recorder();
        Tensor prefix = r.input("prefix", Shape.of(rows, sizes.prefix(), sizes.width()));
        Tensor token = r.ids("token", Shape.of(rows, 1));
        KvCache cache = KvCache.declare(r, rows, slots, sizes.depth(), sizes.keyWidth());
        r.output("logits", model.step(prefix, token, cache));
        for (int i = 0; i < sizes.depth(); i++) {
            r.output("cache." + i, cache.layers().get(i));
        }
        return r.program();
    }

    /// The tokens of a batch, in order. Nothing runs until the iterator is asked, and each iterator begins afresh.
    ///
    /// @throws IllegalArgumentException when the prompt is not for as many pictures as the generator
    public Iterable<TokenStep> run(Prompt prompt, TokenSampling sampling, Uniforms uniforms) {
        if (prompt.batch() != pictures) {
            throw new IllegalArgumentException(
                    "this generator draws " + pictures + " pictures at a time but was asked for " + prompt.batch());
        }
        return () -> new Walk(prompt, sampling, uniforms);
    }

    /// The tokens of a batch at once: (N)(T).
    public int[][] all(Prompt prompt, TokenSampling sampling, Uniforms uniforms) {
        int[][] tokens = new int[pictures][sizes.tokens()];
        for (TokenStep step : run(prompt, sampling, uniforms)) {
            for (int i = 0; i < pictures; i++) {
                tokens[i][step.index()] = step.tokens()[i];
            }
        }
        return tokens;
    }

    /// The state of the cache: keys, then values, of one block, (N, S, 2 W).
    NdArray cache(int layer) {
        return stepper.get("cache." + layer);
    }

    /// Sets the tokens to feed next, one a row.
    private NdArray logitsAfter(int position, int... tokens) {
        stepper.set("token", tokens).set("at", new int[] {position}).run();
        return stepper.get("logits");
    }

    private final class Walk implements Iterator<TokenStep> {
        private final Prompt prompt;
        private final TokenSampling sampling;
        private final Uniforms uniforms;
        private final int[] fed = new int[rows];
        private int index;

        Walk(Prompt prompt, TokenSampling sampling, Uniforms uniforms) {
            this.prompt = prompt;
            this.sampling = sampling;
            this.uniforms = uniforms;
        }

        @Override
        public boolean hasNext() {
            return index < sizes.tokens();
        }

        @Override
        public TokenStep next() {
            if (!hasNext()) {
                throw new NoSuchElementException("all tokens are drawn");
            }
            NdArray logits = index == 0 ? first() : logitsAfter(sizes.prefix() + index - 1, fed);
            NdArray guided = guided(logits, guidance.scale(index, sizes.tokens()));
            int bad = guided.firstNonFinite();
            if (bad >= 0) {
                throw new ArithmeticException("token " + (index + 1) + " of " + sizes.tokens() + ": a logit is "
                        + guided.data()[bad] + " at element " + bad + " of " + guided.shape());
            }
            int[] drawn = new int[pictures];
            for (int i = 0; i < pictures; i++) {
                float[] row = Arrays.copyOfRange(guided.data(), i * sizes.vocabulary(), (i + 1) * sizes.vocabulary());
                drawn[i] = sampling.draw(row, uniforms.at(i, index));
            }
            for (int i = 0; i < rows; i++) {
                fed[i] = drawn[i % pictures];
            }
            return new TokenStep(index++, sizes.tokens(), guided, drawn);
        }

        /// Runs the prefix.
        private NdArray first() {
            Prompt whole = rows == pictures ? prompt : prompt.and(unprompted());
            whole.set(embedder);
            embedder.run();
            stepper.set("prefix", embedder.get("prefix"));
            float[] hidden = hidden(whole);
            NdArray logits = NdArray.scalar(0);
            for (int position = 0; position < sizes.prefix(); position++) {
                stepper.set("hidden", seeingItself(hidden, position));
                logits = logitsAfter(position, fed);
            }
            stepper.set("hidden", hidden);
            return logits;
        }

        /// Nothing, with the padding of the prompt: what is hidden is hidden from both halves.
        private Prompt unprompted() {
            Prompt nothing = model.nothing(pictures, weights);
            return nothing instanceof Prompt.Captions empty && prompt instanceof Prompt.Captions captions
                    ? new Prompt.Captions(empty.states(), captions.seen())
                    : nothing;
        }

        /// (N, S): -∞ where a caption is padded.
        private float[] hidden(Prompt whole) {
            float[] hidden = new float[rows * slots];
            if (whole instanceof Prompt.Captions captions) {
                for (int row = 0; row < rows; row++) {
                    for (int p = 0; p < sizes.prefix(); p++) {
                        hidden[row * slots + p] = captions.seen()[row][p] ? 0 : Float.NEGATIVE_INFINITY;
                    }
                }
            }
            return hidden;
        }

        /// A padded position sees itself at least.
        private float[] seeingItself(float[] hidden, int position) {
            float[] own = hidden.clone();
            for (int row = 0; row < rows; row++) {
                own[row * slots + position] = 0;
            }
            return own;
        }
    }

    /// `u + scale (c - u)`, of the two halves of the rows.
    private NdArray guided(NdArray logits, double scale) {
        if (rows == pictures || scale == 1) {
            return logits.rows(0, pictures);
        }
        NdArray guided = logits.rows(0, pictures);
        float[] unprompted = logits.rows(pictures, rows).data();
        float s = (float) scale;
        for (int i = 0; i < unprompted.length; i++) {
            guided.data()[i] = unprompted[i] + s * (guided.data()[i] - unprompted[i]);
        }
        return guided;
    }

    @Override
    public void close() {
        embedder.close();
        stepper.close();
    }
}
