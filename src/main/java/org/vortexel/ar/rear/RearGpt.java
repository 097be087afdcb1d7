package org.vortexel.ar.rear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vortexel.ar.Dropout;
import org.vortexel.ar.KvCache;
import org.vortexel.ar.Prompt;
import org.vortexel.ar.TokenModel;
import org.vortexel.checkpoint.WeightSource;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.op.Embedding;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// The backbone of reAR and RAR: a causal transformer over a class label and tokens, in which every position is
/// told the label, how far along it is, and the place of the token it predicts.
///
/// The sequence is `[cls, label, x_1 … x_T]`, of length T + 2; the position of the label predicts `x_1`, that of
/// `x_i` predicts `x_{i+1}`.
///
/// Source: Yu et al. 2024, [arXiv:2411.00776](https://arxiv.org/abs/2411.00776), and
/// [arXiv:2510.04450](https://arxiv.org/abs/2510.04450); parameter names are those of `reAR` in QY-H00/reAR.
public final class RearGpt implements TokenModel {
    private static final int PREFIX = 2;
    private static final int SPARE_POSITIONS = 1024;
    private static final int SPARE_TIMES = 100;

    private final RearConfig config;
    private final Params params = new Params();
    private final Parameter cls;
    private final Parameter embeddings;
    private final Parameter positions;
    private final Parameter targets;
    private final Parameter times;
    private final List<RearBlock> blocks = new ArrayList<>();
    private final Linear lastModulation;
    private final Linear head;

    /// A model of the given sizes; it has names and shapes, no numbers.
    public RearGpt(RearConfig config) {
        this.config = config;
        Init init = Init.normal(0.02f);
        int width = config.width();
        cls = params.declare("cls_token", Shape.of(1, 1, width), init);
        embeddings = params.in("embeddings")
                .declare("weight", Shape.of(config.vocabulary() + config.classes() + 2, width), init);
        Shape places = Shape.of(1, config.tokens() + SPARE_POSITIONS, width);
        positions = params.declare("pos_embed", places, init);
        targets = params.declare("target_aware_pos_embed", places, init);
        times = params.declare("timesteps_embeddings", Shape.of(1, config.tokens() + SPARE_TIMES, width), init);
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(RearBlock.of(params, i, config));
        }
        lastModulation = Linear.of(params.in("adaln_before_head.adaLN_modulation.1"), width, 2 * width, Init.zeros());
        head = Linear.of(params.in("lm_head"), width, config.vocabulary(), init);
    }

    /// The sizes.
    public RearConfig config() {
        return config;
    }

    @Override
    public Sizes sizes() {
        return new Sizes(config.vocabulary(), config.tokens(), PREFIX, config.width(), config.depth(), config.width());
    }

    /// The transformer's parameters, and those of what was declared beside them, such as an [Alignment]'s heads.
    @Override
    public Params params() {
        return params;
    }

    /// The weights of a file with the keys of the public checkpoints; alignment heads are left out where this model
    /// has none.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when a name is missing or left over, or a shape differs
    public Weights weights(WeightSource file) {
        return file.renamed(
                        name -> name.contains("_align_mlp.") && !params.shapes().containsKey(name) ? "" : name)
                .exactly(params.shapes());
    }

    @Override
    public Prompt.Recorded prompt(Recorder recorder, int batch) {
        return Prompt.labels(recorder, batch);
    }

    @Override
    public Prompt nothing(int batch, Weights weights) {
        int[] ids = new int[batch];
        Arrays.fill(ids, config.classes());
        return new Prompt.Labels(ids);
    }

    @Override
    public Tensor prefix(Prompt.Recorded prompt) {
        if (!(prompt instanceof Prompt.RecordedLabels(Tensor ids))) {
            throw new IllegalArgumentException("RearGpt: this model is asked with class labels, not with captions");
        }
        int first = config.vocabulary() + 1; // after the tokens and the mask
        Tensor labels = embeddings.on(ids).slice(0, first, first + config.classes() + 1);
        Tensor label = Embedding.of(labels, ids).reshape(ids.dim(0), 1, config.width());
        Tensor start = cls.on(ids).broadcastTo(Shape.of(ids.dim(0), 1, config.width()));
        return Tensor.concat(1, start, label); // (N, 2, D)
    }

    /// What the network makes of a batch.
    ///
    /// @param logits (N, T + 1, K): row `i` predicts token `i`, the last is of no use
    /// @param states for every block its output (N, T + 2, D)
    public record Output(Tensor logits, List<Tensor> states) {
        /// The logits that predict tokens, (N, T, K).
        public Tensor predictions() {
            return logits.slice(1, 0, logits.dim(1) - 1);
        }

        /// States of the positions that hold tokens, after block `layer`: (N, T, D).
        public Tensor holding(int layer) {
            Tensor state = states.get(layer);
            return state.slice(1, PREFIX, state.dim(1));
        }

        /// States of the positions that predict tokens, after block `layer`: (N, T, D).
        public Tensor predicting(int layer) {
            Tensor state = states.get(layer);
            return state.slice(1, PREFIX - 1, state.dim(1) - 1);
        }
    }

    /// Records all positions at once.
    public Output forward(Tensor prefix, Tensor context) {
        return forward(prefix, context, Dropout.NONE);
    }

    /// Records all positions at once.
    ///
    /// @param prefix (N, 2, D)
    /// @param context (N, T) ids, K being the mask
    /// @throws IllegalArgumentException when a shape differs
    public Output forward(Tensor prefix, Tensor context, Dropout dropout) {
        int n = prefix.dim(0);
        int t = config.tokens();
        int width = config.width();
        if (!prefix.shape().equals(Shape.of(n, PREFIX, width))
                || !context.shape().equals(Shape.of(n, t))) {
            throw new IllegalArgumentException("RearGpt: expected a prefix (N, 2, " + width + ") and tokens (N, " + t
                    + ") but got " + prefix.shape() + " and " + context.shape());
        }
        return prefix.tape().in("rear", () -> {
            int length = t + PREFIX;
            Tensor none = prefix.tape().constant(NdArray.zeros(Shape.of(1, 1, width)));
            Tensor h = Tensor.concat(1, prefix, Embedding.of(embeddings.on(prefix), context))
                    .add(positions.on(prefix).slice(1, 0, length))
                    .add(Tensor.concat(1, none, targets.on(prefix).slice(1, PREFIX, length), none)); // (N, T + 2, D)
            Tensor c = prefix.slice(1, 1, 2)
                    .add(times.on(prefix).slice(1, 0, length))
                    .silu(); // (N, T + 2, D)
            List<Tensor> states = new ArrayList<>();
            for (RearBlock block : blocks) {
                h = block.forward(h, c, dropout); // (N, T + 2, D)
                states.add(h);
            }
            Tensor logits = logits(h.slice(1, PREFIX - 1, length), c.slice(1, PREFIX - 1, length)); // (N, T + 1, K)
            return new Output(logits, List.copyOf(states));
        });
    }

    private Tensor logits(Tensor h, Tensor c) {
        List<Tensor> m = lastModulation.forward(c).chunk(2, -1); // scale, then shift
        return head.forward(h.layerNorm(RearBlock.EPS).modulate(m.get(1), m.get(0)));
    }

    @Override
    public Tensor step(Tensor prefix, Tensor token, KvCache cache) {
        return prefix.tape().in("rear", () -> {
            int room = cache.slots();
            NdArray aims = NdArray.zeros(Shape.of(room, 1)); // the class token and the last token aim at no place
            Arrays.fill(aims.data(), PREFIX - 1, config.tokens() + PREFIX - 1, 1);
            Tensor aim = row(targets, 1, prefix, cache).mul(cache.row(aims));
            Tensor h = cache.input(prefix, Embedding.of(embeddings.on(prefix), token))
                    .add(row(positions, 0, prefix, cache))
                    .add(aim); // (N, 1, D)
            Tensor c = prefix.slice(1, 1, 2).add(row(times, 0, prefix, cache)).silu(); // (N, 1, D)
            for (RearBlock block : blocks) {
                h = block.step(h, c, cache); // (N, 1, D)
            }
            return logits(h, c).reshape(h.dim(0), config.vocabulary()); // (N, K)
        });
    }

    /// The row of a table (1, ·, D) for the position `ahead` of this one: (1, D).
    private Tensor row(Parameter table, int ahead, Tensor prefix, KvCache cache) {
        Tensor rows = table.on(prefix).reshape(table.shape().dim(1), config.width());
        return Embedding.of(rows.slice(0, ahead, rows.dim(0)), cache.at());
    }
}
