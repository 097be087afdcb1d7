package org.vortexel.ar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.WeightSource;
import org.vortexel.nn.Embedding;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.nn.RmsNorm;
import org.vortexel.op.Rope;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// LlamaGen's transformer: predicts the tokens of a picture in raster order, after a class label or a caption.
///
/// | tensor    | shape                                                                        |
/// |-----------|------------------------------------------------------------------------------|
/// | prefix    | (N, P, D), the embedded label (P = 1) or caption                              |
/// | context   | (N, T - 1) ids, the tokens but the last                                      |
/// | logits    | (N, T, V), row `i` predicts token `i` from the prefix and tokens `0 … i - 1`  |
///
/// Queries and keys of a token are turned by its place on the grid, the first half of the pairs with the row, the
/// second with the column; those of the prefix as [GptConfig.PrefixRope] says.
///
/// Source: Sun et al. 2024, [arXiv:2406.06525](https://arxiv.org/abs/2406.06525), section 2.2; parameter names are
/// those of `Transformer` in FoundationVision/LlamaGen.
public final class Gpt implements TokenModel {
    private final GptConfig config;
    private final Params params = new Params();
    private final PrefixEmbedding embedding;
    private final Embedding tokens;
    private final List<GptBlock> blocks = new ArrayList<>();
    private final RmsNorm norm;
    private final Linear output;
    private final Rope.Angles angles;

    /// A model of the given sizes; it has names and shapes, no numbers.
    public Gpt(GptConfig config) {
        this.config = config;
        embedding = PrefixEmbedding.of(params.in("cls_embedding"), config);
        tokens = Embedding.of(params.in("tok_embeddings"), config.vocabulary(), config.width());
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(GptBlock.of(params, i, config));
        }
        norm = RmsNorm.of(params.in("norm"), config.width(), config.normEps());
        output = Linear.unbiased(params.in("output"), config.width(), config.vocabulary(), Init.zeros());
        angles = angles(config);
    }

    /// Cosines and sines (P + T, headWidth / 2) of every position.
    public static Rope.Angles angles(GptConfig config) {
        int grid = config.grid();
        int pairs = config.headWidth() / 2;
        int prefix = config.prefix().length();
        int[] rows = IntStream.range(0, config.tokens()).map(t -> t / grid).toArray();
        int[] columns = IntStream.range(0, config.tokens()).map(t -> t % grid).toArray();
        Rope.Angles placed = Rope.Angles.of(config.headWidth(), config.ropeBase(), rows, columns);
        NdArray cos = NdArray.zeros(Shape.of(prefix + config.tokens(), pairs));
        NdArray sin = NdArray.zeros(cos.shape());
        System.arraycopy(placed.cos().data(), 0, cos.data(), prefix * pairs, config.tokens() * pairs);
        System.arraycopy(placed.sin().data(), 0, sin.data(), prefix * pairs, config.tokens() * pairs);
        switch (config.prefixRope()) {
            case ZERO -> {}
            case IDENTITY -> Arrays.fill(cos.data(), 0, prefix * pairs, 1);
        }
        return new Rope.Angles(cos, sin);
    }

    /// The sizes.
    public GptConfig config() {
        return config;
    }

    @Override
    public Sizes sizes() {
        return new Sizes(
                config.vocabulary(),
                config.tokens(),
                config.prefix().length(),
                config.width(),
                config.depth(),
                config.keyHeads() * config.headWidth());
    }

    @Override
    public Params params() {
        return params;
    }

    /// The weights of a file with the keys of the public checkpoints; tables of angles and caches that some of
    /// them carry are left out.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when a name is missing or left over, or a shape differs
    public Weights weights(WeightSource file) {
        return file.renamed(name -> name.equals("freqs_cis") || name.contains(".kv_cache.") ? "" : name)
                .exactly(params.shapes());
    }

    @Override
    public Prompt.Recorded prompt(Recorder recorder, int batch) {
        return switch (config.prefix()) {
            case GptConfig.Classes _ -> Prompt.labels(recorder, batch);
            case GptConfig.Captions sizes -> Prompt.captions(recorder, batch, sizes);
        };
    }

    @Override
    public Prompt nothing(int batch, Weights weights) {
        return embedding.nothing(batch, weights);
    }

    @Override
    public Tensor prefix(Prompt.Recorded prompt) {
        return embedding.forward(prompt);
    }

    /// What the network makes of a batch.
    ///
    /// @param logits (N, L + 1, V): row `i` predicts token `i`
    /// @param states for every block its output (N, P + L, D)
    /// @param last the last of them, normed: (N, P + L, D)
    public record Output(Tensor logits, List<Tensor> states, Tensor last) {}

    /// Records all positions at once.
    public Output forward(Tensor prefix, Tensor context) {
        return forward(prefix, context, Dropout.NONE, Probe.NONE);
    }

    /// Records all positions at once, letting `probe` see every block (`layers.3`), its attention
    /// (`layers.3.attention`) and the final norm (`norm`).
    ///
    /// @param prefix (N, P, D)
    /// @param context (N, L) ids, L at most T - 1
    /// @throws IllegalArgumentException when a shape differs
    public Output forward(Tensor prefix, Tensor context, Dropout dropout, Probe probe) {
        if (context.shape().rank() != 2) {
            throw new IllegalArgumentException("Gpt: expected a context (N, L) but got " + context.shape());
        }
        return prefix.tape().in("gpt", () -> forward(prefix, tokens.forward(context), null, dropout, probe));
    }

    /// The table of the tokens' vectors (V, D), on the tape that `x` is recorded on.
    public Tensor table(Tensor x) {
        return tokens.table(x);
    }

    /// Records all positions at once, of a context that is looked up already.
    ///
    /// @param prefix (N, P, D)
    /// @param context (N, L, D), L at most T - 1; see [#table]
    /// @param hidden added to the scores, (N, 1, P + L, P + L), see [Prompt.Captions#hidden]; null
    /// for none
    /// @throws IllegalArgumentException when a shape differs
    public Output forward(Tensor prefix, Tensor context, @Nullable Tensor hidden, Dropout dropout, Probe probe) {
        int n = prefix.dim(0);
        int p = config.prefix().length();
        boolean fits = prefix.shape().equals(Shape.of(n, p, config.width()))
                && context.shape().rank() == 3
                && context.dim(0) == n
                && context.dim(1) < config.tokens()
                && context.dim(2) == config.width();
        if (!fits) {
            throw new IllegalArgumentException("Gpt: expected a prefix (N, " + p + ", " + config.width()
                    + ") and a context (N, L) of at most " + (config.tokens() - 1) + " tokens but got " + prefix.shape()
                    + " and " + context.shape());
        }
        return prefix.tape().in("gpt", () -> {
            int length = p + context.dim(1);
            GptBlock.Angles turn = new GptBlock.Angles(
                    prefix.tape().constant(angles.cos().rows(0, length)),
                    prefix.tape().constant(angles.sin().rows(0, length)));
            Tensor h = dropout.of("embeddings", Tensor.concat(1, prefix, context)); // (N, P + L, D)
            List<Tensor> states = new ArrayList<>();
            for (GptBlock block : blocks) {
                h = block.forward(h, turn, hidden, dropout, probe); // (N, P + L, D)
                states.add(h);
            }
            h = norm.forward(h);
            probe.see("norm", h);
            Tensor logits = output.forward(h.slice(1, p - 1, length)); // (N, L + 1, V)
            return new Output(logits, List.copyOf(states), h);
        });
    }

    @Override
    public Tensor step(Tensor prefix, Tensor token, KvCache cache) {
        return prefix.tape().in("gpt", () -> {
            Tensor h = cache.input(prefix, tokens.forward(token)); // (N, 1, D)
            int room = cache.slots();
            GptBlock.Angles turn = new GptBlock.Angles(
                    cache.row(KvCache.padded(angles.cos(), room)), cache.row(KvCache.padded(angles.sin(), room)));
            for (GptBlock block : blocks) {
                h = block.step(h, turn, cache); // (N, 1, D)
            }
            return output.forward(norm.forward(h)).reshape(h.dim(0), config.vocabulary()); // (N, V)
        });
    }
}
