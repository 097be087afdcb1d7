package org.vortexel.dit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.nn.Probe;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// A diffusion transformer: predicts noise, velocity or the clean picture from a noisy one, its timestep and a
/// condition.
///
/// | tensor      | shape                                                               |
/// |-------------|---------------------------------------------------------------------|
/// | `x`         | (N, C, H, W) picture in [-1, 1] or latent, plus noise                |
/// | `t`         | (N), or (N, T) with a timestep per token; 0 … 1000                   |
/// | condition   | labels (N), or a caption's token states and pooled vector            |
/// | result      | (N, C, H, W), 2C channels when the variance is learnt                |
///
/// Source: Peebles and Xie 2023, [arXiv:2212.09748](https://arxiv.org/abs/2212.09748); text as in Chen et al.
/// 2023, [arXiv:2310.00426](https://arxiv.org/abs/2310.00426). Parameter names are those of
/// facebookresearch/DiT `models.py`.
public final class Dit {
    private final DitConfig config;
    private final Params params = new Params();
    private final Linear patches;
    private final Parameter positions;
    private final TimestepEmbedding time;
    private final Conditioner conditioner;
    private final List<DitBlock> blocks = new ArrayList<>();
    private final Linear finalModulation;
    private final Linear finalLinear;

    /// A model of the given sizes; it has names and shapes, no numbers.
    public Dit(DitConfig config) {
        this.config = config;
        int width = config.width();
        int patch = config.patch();
        Params embed = params.in("x_embedder.proj");
        patches = new Linear(
                embed.declare("weight", Shape.of(width, config.channels(), patch, patch), Init.xavier()),
                Optional.of(embed.declare("bias", Shape.of(width), Init.zeros())));
        Shape table = Shape.of(1, config.tokens(), width);
        Init sinCos = Init.of(SinCosPositions.table(config.grid(), width));
        positions = config.learnedPositions()
                ? params.declare("pos_embed", table, sinCos)
                : params.fixed("pos_embed", table, sinCos);
        time = TimestepEmbedding.of(params.in("t_embedder"), width);
        conditioner = switch (config.condition()) {
            case DitConfig.Classes classes -> Conditioner.LabelTable.of(params.in("y_embedder"), classes, width);
            case DitConfig.Text text -> CaptionProjection.of(params, text, config);
        };
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(DitBlock.of(params, i, config));
        }
        Params last = params.in("final_layer");
        finalModulation = Linear.of(last.in("adaLN_modulation.1"), width, 2 * width, Init.zeros());
        finalLinear = Linear.of(last.in("linear"), width, patch * patch * config.outChannels(), Init.zeros());
    }

    /// The sizes.
    public DitConfig config() {
        return config;
    }

    /// Names, shapes and initial values of everything the model learns.
    public Params params() {
        return params;
    }

    /// A condition as tensors of one batch.
    public sealed interface Condition permits Labels, Caption {}

    /// Class labels.
    ///
    /// @param ids (N) ids in `0 … count`, `count` being the null class
    public record Labels(Tensor ids) implements Condition {}

    /// An encoded caption.
    ///
    /// @param states (N, L, S) token states
    /// @param mask (N, 1, 1, L): 0 where a token is, a large negative number where padding is
    public record Caption(Tensor states, Tensor mask) implements Condition {}

    /// Records the model on `x`'s tape.
    public Tensor forward(Tensor x, Tensor t, Condition condition) {
        return forward(x, t, condition, Probe.NONE);
    }

    /// Records the model, letting `probe` see what is inside: `patches`, `time`, `condition`, every block
    /// (`blocks.3`), its modulated input (`blocks.3.in`), its branches (`blocks.3.attn`, `blocks.3.mlp`), how it
    /// looks at itself (`blocks.3.attn.weights`, (N, T, T), the mean over heads) and at the text
    /// (`blocks.3.cross.weights`, (N, T, L), likewise) and `final`.
    ///
    /// @throws IllegalArgumentException when the condition is not of the kind the model was made for, or a shape
    /// differs
    public Tensor forward(Tensor x, Tensor t, Condition condition, Probe probe) {
        return forward(x, t, condition, probe, new Features.Computed());
    }

    /// Records the model with features that are computed, kept or forecast.
    Tensor forward(Tensor x, Tensor t, Condition condition, Probe probe, Features features) {
        return forward(x, t, Optional.empty(), x.tape().in("dit", () -> given(condition)), probe, features);
    }

    /// Records what a condition becomes: the part of the model that is the same at every timestep.
    Conditioner.Given given(Condition condition) {
        return conditioner.forward(condition);
    }

    /// Records the rest of the model, from what a condition has become.
    ///
    /// @param t (N), (N, T) or, with a table, the R times in it
    Tensor forward(
            Tensor x,
            Tensor t,
            Optional<Modulator.Table> table,
            Conditioner.Given given,
            Probe probe,
            Features features) {
        return x.tape().in("dit", () -> {
            Tensor patched = patches(x); // (N, T, D)
            probe.see("patches", patched);
            Tensor placed = patched.add(positions.on(x)); // (N, T, D)
            Tensor h = given.canvas().map(placed::add).orElse(placed); // (N, T, D)
            Tensor embedded = time.forward(t); // (N, D), (N, T, D) or (R, D)
            probe.see("time", embedded);
            probe.see("condition", given.vector());
            Modulator c = Modulator.of(embedded, given.vector(), table);
            Tensor blocksOut = features.residual(Granularity.TRUNK, "trunk", h, () -> {
                Tensor stream = h;
                for (DitBlock block : blocks) {
                    stream = block.forward(stream, c, given.text(), probe, features); // (N, T, D)
                }
                return stream;
            }); // (N, T, D)
            List<Tensor> m = c.through(finalModulation, 2);
            Tensor out = finalLinear.forward(
                    blocksOut.layerNorm(DitBlock.EPS).modulate(m.get(0), m.get(1))); // (N, T, p p C)
            probe.see("final", out);
            return picture(out);
        });
    }

    private Tensor patches(Tensor x) {
        Shape wanted = Shape.of(x.dim(0), config.channels(), config.size(), config.size());
        if (!x.shape().equals(wanted)) {
            throw new IllegalArgumentException("Dit: expected x " + wanted + " but got " + x.shape());
        }
        int n = x.dim(0);
        int grid = config.grid();
        int patch = config.patch();
        Tensor pixels = x.reshape(n, config.channels(), grid, patch, grid, patch)
                .permute(0, 2, 4, 1, 3, 5)
                .reshape(n, config.tokens(), -1); // (N, T, C p p)
        Tensor weight = patches.weight().on(x).reshape(config.width(), -1);
        return pixels.linear(weight, patches.bias().orElseThrow().on(x));
    }

    /// Tokens (N, T, p p C) to a picture (N, C, H, W).
    private Tensor picture(Tensor tokens) {
        int n = tokens.dim(0);
        int grid = config.grid();
        int patch = config.patch();
        return tokens.reshape(n, grid, grid, patch, patch, config.outChannels())
                .permute(0, 5, 1, 3, 2, 4)
                .reshape(n, config.outChannels(), config.size(), config.size());
    }
}
